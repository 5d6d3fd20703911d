"""Recompute a slice of each job at its reduced size, and compare it with what is committed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workings_build.precompute.discover import JobInfo
from workings_build.precompute.perform import perform
from workings_build.precompute.plan import Plan
from workings_build.precompute.running import Perform, make_request


@dataclass(frozen=True)
class Comparison:
    """What came of a recheck: agreement, too large a difference, a failure, or nothing to do."""

    job: str
    state: Literal["agrees", "differs", "failed", "absent", "without assets"]
    message: str = ""
    differences: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def __str__(self) -> str:
        """Say it on a line."""
        largest = max(self.differences.values(), default=0.0)
        told = {
            "agrees": f"agrees, largest difference {largest:.3g}, in {self.seconds:.1f} s",
            "absent": f"left alone, {self.message}",
            "without assets": "has left no files yet",
        }
        return f"{self.job}: {told.get(self.state, f'{self.state}: {self.message}')}"


def rechecked(plan: Plan) -> list[JobInfo]:
    """List the jobs that have a recheck."""
    return [job for job in plan.jobs.values() if job.rechecked]


def recheck(plan: Plan, job: JobInfo, run: Perform = perform) -> Comparison:
    """Run one job's recheck and compare."""
    if not plan.folder(job.name).is_dir():
        return Comparison(job.name, "without assets")
    result = run(make_request(plan, job, recheck=True), lambda done, total, note: None)
    if result.state != "done":
        return Comparison(job.name, result.state, result.message)
    given = {
        "differences": result.differences,
        "seconds": result.seconds,
        "cpu_seconds": result.cpu_seconds,
    }
    if not result.differences:
        return Comparison(job.name, "failed", "its recheck compared nothing")
    tolerance = job.tolerance or {}
    allowed, why = tolerance.get("absolute", 0.0), tolerance.get("why", "")
    beyond = {name: d for name, d in result.differences.items() if not _within(d, allowed)}
    if beyond:
        told = ", ".join(f"{name} by {value:.3g}" for name, value in beyond.items())
        message = f"{told}; {allowed:g} is allowed ({why})"
        return Comparison(job.name, "differs", message, **given)  # type: ignore[arg-type]
    return Comparison(job.name, "agrees", **given)  # type: ignore[arg-type]


def _within(difference: float, allowed: float) -> bool:
    return not math.isnan(difference) and difference <= allowed
