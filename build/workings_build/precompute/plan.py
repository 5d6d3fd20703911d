"""Which jobs there are, in which order they run, and which are stale, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workings_build.precompute.carriers import LOCK, Carrier, CarrierError, load_carriers
from workings_build.precompute.discover import JobInfo, discover
from workings_build.precompute.receipts import (
    ReceiptError,
    depends_on,
    read_receipt,
    sha256,
    told,
)
from workings_build.precompute.sources import Sources, job_sources
from workings_build.precompute.store import job_folder, read_files
from workings_build.problems import Problem, listing, suggestion


@dataclass(frozen=True)
class Plan:
    """All sound jobs by name, each after those that it needs; and what is wrong with the others."""

    root: Path
    jobs: Mapping[str, JobInfo]
    carriers: Mapping[str, Carrier]
    problems: tuple[Problem, ...]

    @cached_property
    def _sources(self) -> dict[str, Sources]:
        return {}

    def sources(self, job: JobInfo) -> Sources:
        """Return the hashed sources of a job."""
        if job.name not in self._sources:
            self._sources[job.name] = job_sources(job, self.root)
        return self._sources[job.name]

    def folder(self, name: str) -> Path:
        """Where a job's files lie."""
        return job_folder(self.root, name)

    def carriers_of(self, job: JobInfo) -> list[Carrier]:
        """Return a job's carriers in its own order."""
        return [self.carriers[name] for name in job.carriers]

    def dependencies(self, job: JobInfo) -> dict[str, Any]:
        """Return what a job's result depends on now, as its receipt would say it."""
        inputs = {
            name: {file: sha256(data) for file, data in read_files(self.folder(name)).items()}
            for name in job.after
        }
        return depends_on(job, self.sources(job), inputs, self.carriers_of(job))

    def stale(self, job: JobInfo) -> str:
        """Say why a job has to run; empty where its receipt is up to date."""
        folder = self.folder(job.name)
        if not folder.is_dir():
            return "never run"
        try:
            receipt = read_receipt(folder)
        except ReceiptError as fault:
            return f"its receipt is unsound: {fault}"
        wanted = {entry["name"]: entry["sha256"] for entry in receipt["files"]}
        if {name: sha256(data) for name, data in read_files(folder).items()} != wanted:
            return "its files aren't those of the receipt"
        return self.outdated(job, receipt)

    def outdated(self, job: JobInfo, receipt: Mapping[str, Any]) -> str:
        """Say what a sound receipt's files depend on that has changed since; empty if nothing."""
        return _difference(receipt, self.dependencies(job))

    def restated(self, job: JobInfo) -> dict[str, Any] | None:
        """Return a sound receipt with what the declaration says anew, or None where all is said."""
        receipt = read_receipt(self.folder(job.name))
        fresh = {**receipt, **told(job)}
        return fresh if fresh != receipt else None

    def needed(self, names: Iterable[str]) -> list[JobInfo]:
        """List jobs and all that they come after, in the order in which they can run."""
        wanted: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += self.jobs[name].after
        return [job for job in self.jobs.values() if job.name in wanted]


def _difference(receipt: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Name what differs between a receipt and what a run would depend on now."""
    if receipt["source"]["hash"] != now["source"]["hash"]:
        old, new = receipt["source"]["modules"], now["source"]["modules"]
        files = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        return f"the source changed ({listing(files, 3)})"
    for name in ("parameters", "environment", "carriers", "seed"):
        if receipt[name] != now[name]:
            return f"its {name} changed"
    if receipt["inputs"] != now["inputs"]:
        old, new = receipt["inputs"], now["inputs"]
        jobs = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        return f"its inputs changed ({listing(jobs, 3)})"
    return ""


def make_plan(root: Path) -> Plan:
    """Find the jobs of a project and order them; what is wrong with any becomes a `Problem`."""
    found, problems = discover(root)
    carriers: Mapping[str, Carrier] = {}
    try:
        carriers = load_carriers(root)
    except CarrierError as fault:
        problems.append(Problem(LOCK.as_posix(), None, str(fault), "Mend the file."))
    except FileNotFoundError:
        pass
    jobs: dict[str, JobInfo] = {}
    for job in found:
        if other := jobs.get(job.name):
            what = f"The job '{job.name}' is declared twice; first in {other.file}:{other.line}."
            problems.append(Problem(job.file, job.line, what, "Rename one of them."))
        else:
            jobs[job.name] = job
    problems += [fault for job in jobs.values() for fault in _unknown(job, jobs, carriers)]
    ordered, cycles = _ordered(
        {name: job for name, job in jobs.items() if set(job.carriers) <= set(carriers)}
    )
    return Plan(root, ordered, carriers, tuple([*problems, *cycles]))


def _unknown(
    job: JobInfo, jobs: Mapping[str, JobInfo], carriers: Mapping[str, Carrier]
) -> list[Problem]:
    problems = []
    for name in job.after:
        if name not in jobs:
            what = f"The job '{job.name}' comes after the unknown job '{name}'."
            remedy = suggestion(name, jobs, f"The jobs are {listing(sorted(jobs))}.")
            problems.append(Problem(job.file, job.line, what, remedy))
    for name in job.carriers:
        if name not in carriers:
            what = f"The job '{job.name}' names the unknown carrier '{name}'."
            remedy = suggestion(name, carriers, f"Enter it in {LOCK.as_posix()}.")
            problems.append(Problem(job.file, job.line, what, remedy))
    return problems


def _ordered(jobs: Mapping[str, JobInfo]) -> tuple[dict[str, JobInfo], list[Problem]]:
    """Put jobs after those that they need; leave out what hangs on a cycle or an unknown job."""
    ordered: dict[str, JobInfo] = {}
    left = dict(jobs)
    while ready := [job for job in left.values() if all(name in ordered for name in job.after)]:
        for job in ready:
            ordered[job.name] = left.pop(job.name)
    problems = []
    for job in left.values():
        cycle = _cycle(job.name, left)
        if cycle:
            what = f"The job '{job.name}' waits for itself: {' after '.join(cycle)}."
            problems.append(Problem(job.file, job.line, what, "Take one `after` away."))
    return ordered, problems


def _cycle(start: str, jobs: Mapping[str, JobInfo]) -> Sequence[str]:
    """Return the way from a job back to itself, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in jobs[way[-1]].after if way[-1] in jobs else ():
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
