"""A program: run one job, or its recheck, from the folder that `perform` has laid out.

The folder holds `request.json`, `sources/`, `inputs/` and, for a recheck, `assets/`; what comes of
it goes to `files/` and `result.json`. Progress goes to standard output, one JSON list a line; what
the job itself prints goes to standard error. When the parent is gone, so is this process.
"""

import contextlib
import importlib
import importlib.util
import json
import os
import re
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from workings_build.precompute.machine import device_facts, has_cuda, version_facts

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
REPORT_EVERY = 0.2  # seconds


def run(work: Path, channel: TextIO) -> dict[str, Any]:
    """Run what the folder asks for and return what goes into `result.json`."""
    request = json.loads((work / "request.json").read_text(encoding="utf-8"))
    job_name, recheck = request["job"], request["recheck"]
    if missing := [name for name in request["needs"] if not _installed(name)]:
        return {"state": "absent", "message": f"needs {', '.join(missing)}"}
    if request["device"] == "cuda" and not recheck and not has_cuda():
        return {"state": "absent", "message": "needs a CUDA device"}
    job = _load(request["module"], job_name)
    carriers = {name: Path(folder) for name, folder in request["carriers"].items()}
    context = job.context(
        reduced=recheck,
        inputs={name: work / "inputs" / name for name in request["inputs"]},
        scratch=Path(request["scratch"]),
        assets=work / "assets" if recheck else None,
        find_carrier=lambda name: _carrier(name, carriers),
        report=_reporter(channel),
    )
    started, before = time.perf_counter(), _cpu_seconds()
    if recheck:
        differences = {name: float(value) for name, value in job.check(context).items()}
        outcome: dict[str, Any] = {"differences": differences}
    else:
        _write(work / "files", job(context))
        outcome = {}
    return {
        "state": "done",
        "notes": context.notes,
        "versions": version_facts(request["needs"]),
        "device": device_facts(request["device"]),
        "seconds": time.perf_counter() - started,
        "cpu_seconds": _cpu_seconds() - before,
        **outcome,
    }


def _installed(name: str) -> bool:
    return importlib.util.find_spec(name.replace("-", "_")) is not None


def _load(module: str, name: str) -> Any:
    from kernels.jobs import JOBS

    importlib.import_module(module)
    return next(job for job in JOBS if job.name == name)


def _carrier(name: str, carriers: Mapping[str, Path]) -> Path:
    if name not in carriers:
        raise LookupError(f"The carrier '{name}' isn't named in the job's `carriers`.")
    return carriers[name]


def _write(folder: Path, files: object) -> None:
    """Encode what a job returned, and lay it out below `folder`."""
    from kernels.encoding import encode

    if not isinstance(files, Mapping) or not files:
        raise TypeError(f"A job returns a mapping from file names to values, not {files!r:.80}.")
    for name, value in files.items():
        if not FILE_NAME.fullmatch(name) or name == "receipt.json":
            raise ValueError(
                f"'{name}' can't be a file of a job: letters, digits, '.', '_', '-' and '/'; "
                "receipt.json is the receipt's."
            )
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(name, value))


def _reporter(channel: TextIO) -> Callable[[float, float, str], None]:
    last = float("-inf")

    def report(done: float, total: float, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if done < total and now - last < REPORT_EVERY:
            return
        last = now
        with contextlib.suppress(OSError):
            channel.write(json.dumps([float(done), float(total), note]) + "\n")
            channel.flush()

    return report


def _cpu_seconds() -> float:
    """Processor time of this process and of those that it started and that have ended."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _end_with_parent() -> None:
    """Wait for the end of standard input, which comes when the parent stops or dies."""
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main(work: Path) -> None:
    """Run, and write `result.json` whatever happens."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        result = run(work, channel)
    except Exception:
        text = traceback.format_exc().replace(str(work / "sources") + os.sep, "")
        result = {"state": "failed", "message": text.rstrip()}
    (work / "result.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
