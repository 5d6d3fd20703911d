"""Run one job in a process of its own, from a folder that holds nothing but what it may read.

The same function runs here and on a worker of a cluster. What a job imports in a way that can't be
seen is therefore missing everywhere, and is noticed, instead of being left out of its hash.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workings_build.precompute.carriers import CarrierError, ensure_carrier
from workings_build.precompute.request import Report, Request, Result
from workings_build.vendor.store import default_cache

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
"""What every job finds set; its own `environment` goes before."""

LAST_LINES = 30

_running: set[subprocess.Popen[str]] = set()
_lock = threading.Lock()


def perform(request: Request, report: Report = lambda done, total, note: None) -> Result:
    """Run a job, or its recheck; whatever goes wrong with it is a `Result` too."""
    cache = default_cache()
    try:
        carriers = {one.name: str(ensure_carrier(one, cache)) for one in request.carriers}
    except CarrierError as fault:
        return Result("failed", str(fault))
    with tempfile.TemporaryDirectory(prefix="workings-job-") as folder:
        work = Path(folder)
        if request.recheck:
            _lay_out(request, work, carriers, work / "scratch")
            return _run(request, work, report)
        scratch = cache / "precompute" / f"{request.job.name}-{request.key[:16]}"
        with _held(scratch) as free:
            if not free:
                return Result("failed", "another run of it is under way; wait for that one")
            _lay_out(request, work, carriers, scratch)
            result = _run(request, work, report)
            if result.state == "done":
                shutil.rmtree(scratch, ignore_errors=True)
    return result


@contextmanager
def _held(scratch: Path) -> Iterator[bool]:
    """Make a scratch folder and hold it; False where another process does."""
    scratch.mkdir(parents=True, exist_ok=True)
    handle = os.open(scratch, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def stop_all() -> None:
    """End what `perform` has running in this process."""
    with _lock:
        for process in _running:
            _end(process)


def _lay_out(request: Request, work: Path, carriers: dict[str, str], scratch: Path) -> None:
    scratch.mkdir(exist_ok=True)
    folders = {"sources": request.sources, "assets": request.assets or {}}
    folders |= {f"inputs/{name}": files for name, files in request.inputs.items()}
    for folder, files in folders.items():
        for name, content in files.items():
            path = work / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    told = {
        "job": request.job.name,
        "module": request.job.module,
        "needs": request.job.needs,
        "device": request.job.device,
        "recheck": request.recheck,
        "inputs": list(request.inputs),
        "carriers": carriers,
        "scratch": str(scratch),
    }
    (work / "request.json").write_text(json.dumps(told), encoding="utf-8")


def _run(request: Request, work: Path, report: Report) -> Result:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "workings_build.precompute.child", str(work)],
        env={**os.environ, **ENVIRONMENT, **request.job.environment,
             "PYTHONPATH": str(work / "sources")},
        cwd=work,
        stdin=subprocess.PIPE,  # its end tells the process that we are gone
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )  # fmt: skip
    with _lock:
        _running.add(process)
    printed: deque[str] = deque(maxlen=LAST_LINES)
    assert process.stdin and process.stdout and process.stderr
    listener = threading.Thread(target=printed.extend, args=(process.stderr,), daemon=True)
    listener.start()
    try:
        for line in process.stdout:
            report(*json.loads(line))
        process.wait()
    finally:
        _end(process)
        with _lock:
            _running.discard(process)
        listener.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()
    return _result(work, process.returncode, "".join(printed).rstrip())


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _result(work: Path, code: int, printed: str) -> Result:
    try:
        told = json.loads((work / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Result("failed", f"its process ended early (code {code})\n{printed}".rstrip())
    if told["state"] == "failed" and printed:
        told["message"] = f"{printed}\n{told['message']}"
    folder = work / "files"
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return Result(files=files, **told)
