"""Pieces of work in processes of their own: side by side, one thread each, stopped when too slow.

A page's Python is the author's: it may loop for ever, crash or change what it imports. So every
piece runs in a fresh process, forked from a server that has NumPy loaded and nothing of a page.
"""

import contextlib
import io
import multiprocessing
import os
import select
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",  # the order of a set in a page's code is the same in every build
    # Kept bytecode goes by size and second: of two edits within one, it could keep the first.
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "svg",
}

PRELOADED = [  # what pieces import: the command itself, the passes, what pages and cards draw with
    "workings_build.cli",
    "workings_build.passes.run",
    "workings_build.passes.bake",
    "workings.plotting.table",
    "workings.plotting.replay",
    "matplotlib.backends.backend_agg",
    "PIL.PngImagePlugin",
    "PIL.ImageFont",
]

MOST_PRINTED = 10_000
"""Characters that a page's code may print to the terminal, for each piece of work."""


@dataclass(frozen=True)
class Task:
    """A module-level function and its arguments, all of which can be pickled."""

    label: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What became of a task: its value, or why there is none."""

    value: Any = None
    stopped: str = ""  # set where the process ran out of time or died


_answer: Connection | None = None  # in a worker, where its messages go


class WorkerFault(RuntimeError):
    """The builder's own code raised in a worker; the message is its traceback."""


def run_tasks(
    tasks: Sequence[Task], jobs: int, done: Callable[[Task], None] = lambda task: None
) -> list[Outcome]:
    """Run tasks side by side, at most `jobs` at once; outcomes come in the order of the tasks.

    Raises
    ------
    WorkerFault
        If a task's function itself raises: pages' errors are values.
    """
    if not tasks:
        return []
    os.environ.update(ONE_THREAD)
    context = _context()
    running: set[Any] = set()
    with ThreadPoolExecutor(min(jobs, len(tasks)), "workings") as pool:
        futures = {pool.submit(_supervise, context, task, running): task for task in tasks}
        try:
            for future in as_completed(futures):
                future.result()
                done(futures[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.kill()
            raise
        return [future.result() for future in futures]


def doing(what: str) -> None:
    """Tell, from within a task, what comes next; it is named if the task has to be stopped."""
    if _answer is not None:
        _answer.send(("doing", what))


def _context() -> BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _supervise(context: Any, task: Task, running: set[Any]) -> Outcome:
    """Start a process for a task, wait for its answer, and stop it when it takes too long."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(theirs, task.function, task.arguments), name=task.label, daemon=True
    )
    process.start()
    running.add(process)
    theirs.close()
    try:
        return _listen(task, ours, process)
    finally:
        process.join(1)  # it ends by itself: `ours` is still open, so nothing ends it early
        if process.is_alive():
            process.kill()
        process.join()
        ours.close()
        running.discard(process)


def _listen(task: Task, answer: Connection, process: Any) -> Outcome:
    deadline = time.monotonic() + task.seconds
    what = ""
    try:
        while answer.poll(max(0.0, deadline - time.monotonic())):
            kind, value = answer.recv()
            if kind == "value":
                return Outcome(value)
            if kind == "fault":
                raise WorkerFault(f"{task.label}\n{value}")
            what = value
    except EOFError:
        process.join(10)
        return Outcome(stopped=f"{what}: its process ended early (code {process.exitcode})")
    process.kill()
    return Outcome(stopped=f"{what}: still running after {task.seconds:g} s")


def _work(answer: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Run a task and send its value; what a page prints goes to the terminal's error stream.

    More than `MOST_PRINTED` characters are cut: a loop that prints fills no log.
    """
    global _answer
    _answer = answer
    threading.Thread(target=_end_with_builder, args=(answer.fileno(),), daemon=True).start()
    try:
        printed = _Capped(sys.stderr)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            value = function(*arguments)
    except Exception:
        answer.send(("fault", traceback.format_exc()))
    else:
        answer.send(("value", value))
    answer.close()


def _end_with_builder(answer: int) -> None:
    """End this process when nobody reads its answer any more: the builder may have been killed."""
    if hasattr(select, "poll"):
        watch = select.poll()
        watch.register(answer, 0)  # for nothing but that the other end is closed
        watch.poll()
        os._exit(1)


class _Capped(io.TextIOBase):
    """Hands on what is printed, up to a limit, and says that there was more."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.room = MOST_PRINTED

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.room > 0:
            self.stream.write(text[: self.room])
            self.room -= len(text)
            if self.room <= 0:
                self.stream.write("\n(The rest of what it printed is left out.)\n")
        return len(text)

    def flush(self) -> None:
        self.stream.flush()
