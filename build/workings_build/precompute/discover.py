"""Find jobs: which there are, where they are declared and with what."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workings_build.problems import Problem

PATTERN = "*/**/jobs*.py"
IMPORTED_ONLY_INSIDE = ("torch", "triton")


@dataclass(frozen=True)
class JobInfo:
    """What a job declares; plain values, so that it can travel."""

    name: str
    obtained: str
    description: str
    module: str
    function: str
    line: int
    needs: tuple[str, ...]
    after: tuple[str, ...]
    carriers: tuple[str, ...]
    seed: int
    parameters: Mapping[str, Any]
    reduced: Mapping[str, Any]
    tolerance: Mapping[str, Any] | None
    device: str
    environment: Mapping[str, str]
    rechecked: bool

    @property
    def file(self) -> str:
        """The module's file, from the project's root."""
        return self.module.replace(".", "/") + ".py"

    @property
    def exclusive(self) -> bool:
        """Whether it must run alone, because it is timed or has the GPU for itself."""
        return self.device == "cuda" or self.obtained == "measured"


def job_modules(root: Path) -> list[str]:
    """List the modules of `root/kernels` that may declare jobs."""
    paths = (root / "kernels").glob(PATTERN)
    parts = (path.relative_to(root).with_suffix("").parts for path in sorted(paths))
    return [".".join(one) for one in parts if "assets" not in one and "__pycache__" not in one]


def discover(root: Path) -> tuple[list[JobInfo], list[Problem]]:
    """List all jobs below `root/kernels`, and what is wrong with their declarations."""
    modules = job_modules(root)
    if not modules:
        return [], []
    done = subprocess.run(
        [sys.executable, "-P", "-m", "workings_build.precompute.describe", *modules],
        env={
            **os.environ,
            "PYTHONPATH": str(root),
            "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",  # a job edited twice within a second is read anew
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The jobs can't be listed:\n{done.stderr.strip()}")
    found = json.loads(done.stdout.splitlines()[-1])
    problems = [_fault(**fault) for fault in found["faults"]]
    return [_info(one) for one in found["jobs"]], problems


def _info(value: dict[str, Any]) -> JobInfo:
    lists = {name: tuple(value[name]) for name in ("needs", "after", "carriers")}
    return JobInfo(**{**value, **lists})


def _fault(module: str, line: int | None, what: str) -> Problem:
    remedy = "Put it right; other jobs go on."
    if any(f"'{name}" in what for name in IMPORTED_ONLY_INSIDE) and "No module" in what:
        remedy = "Move the import into the job's function, so that the module loads without it."
    return Problem(module.replace(".", "/") + ".py", line, f"The jobs can't load: {what}", remedy)
