"""A program: import the named modules of jobs and print what they declare, as JSON.

It runs in a process of its own, so that what a module breaks stays there.
"""

import importlib
import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any


def describe(modules: list[str]) -> dict[str, Any]:
    """Import modules one by one; list jobs, and faults with the line of the module they lie on."""
    from kernels.jobs import JOBS

    faults = []
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception as fault:
            faults.append({"module": module, "line": _line(fault, module), "what": _what(fault)})
    jobs = [
        {
            "name": job.name,
            "obtained": job.obtained,
            "description": job.description,
            "module": job.module,
            "function": job.compute.__name__,
            "line": job.line,
            "needs": job.needs,
            "after": job.after,
            "carriers": job.carriers,
            "seed": job.seed,
            "parameters": job.parameters,
            "reduced": job.reduced,
            "tolerance": asdict(job.tolerance) if job.tolerance else None,
            "device": job.device,
            "environment": dict(job.environment),
            "rechecked": job.check is not None,
        }
        for job in JOBS
    ]
    return {"jobs": jobs, "faults": faults}


def _line(fault: BaseException, module: str) -> int | None:
    """Return the line of the module's own file where an exception came from."""
    end = module.replace(".", "/") + ".py"
    if isinstance(fault, SyntaxError) and Path(fault.filename or "").as_posix().endswith(end):
        return fault.lineno
    frames = traceback.extract_tb(fault.__traceback__)
    lines = [f.lineno for f in frames if Path(f.filename).as_posix().endswith(end)]
    return lines[-1] if lines else None


def _what(fault: BaseException) -> str:
    return f"{type(fault).__name__}: {fault}"


if __name__ == "__main__":
    print(json.dumps(describe(sys.argv[1:])))
