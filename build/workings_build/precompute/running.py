"""Run many jobs: each as soon as those that it needs are done, and its files are put in place."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Literal, Protocol

from workings_build.precompute.discover import JobInfo
from workings_build.precompute.plan import Plan
from workings_build.precompute.receipts import ReceiptError, make_receipt, to_bytes
from workings_build.precompute.request import Report, Request, Result
from workings_build.precompute.store import RECEIPT, read_files, write_folder

Perform = Callable[[Request, Report], Result]
"""What runs one request, here or elsewhere, and waits for its result."""


class Teller(Protocol):
    """What is told how the jobs get on; it may be called from several threads."""

    def started(self, job: str) -> None:
        """Tell that a job begins."""

    def advanced(self, job: str, done: float, total: float, note: str) -> None:
        """Tell how far a job is."""

    def ended(self, ending: "Ending") -> None:
        """Tell what became of a job."""


@dataclass(frozen=True)
class Ending:
    """What became of a job: done, fresh (nothing to do), failed, absent or waiting for another."""

    job: str
    state: Literal["done", "fresh", "failed", "absent", "waits"]
    message: str = ""
    seconds: float = 0.0
    bytes: int = 0


def make_request(plan: Plan, job: JobInfo, recheck: bool = False) -> Request:
    """Gather what one run of a job needs."""
    sources = plan.sources(job)
    files = sources.files
    return Request(
        job=job,
        key=sources.hash,
        sources={name: (plan.root / name).read_bytes() for name in files},
        inputs={name: read_files(plan.folder(name)) for name in job.after},
        carriers=tuple(plan.carriers_of(job)),
        assets=read_files(plan.folder(job.name)) if recheck else None,
    )


def run_jobs(
    plan: Plan,
    jobs: Sequence[JobInfo],
    perform: Perform,
    teller: Teller,
    *,
    at_once: int = 1,
    force: frozenset[str] = frozenset(),
) -> list[Ending]:
    """Run those of `jobs` that are stale, in order; what one finished stays, whatever others do.

    Parameters
    ----------
    jobs
        In an order in which they can run, as `Plan.needed` gives them.
    force
        Jobs that run although they aren't stale.
    """
    run = _Run(plan, perform, teller, force)
    waiting = list(jobs)
    with ThreadPoolExecutor(at_once, "job") as pool:
        running: dict[Future[Ending], JobInfo] = {}
        try:
            while waiting or running:
                for job in run.ready(waiting, list(running.values()), at_once):
                    waiting.remove(job)
                    running[pool.submit(run.one, job)] = job
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    job = running.pop(future)
                    run.endings[job.name] = future.result()
        except BaseException:
            run.stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            from workings_build.precompute.perform import stop_all

            stop_all()
            raise
    return list(run.endings.values())


class _Run:
    """One call of `run_jobs`."""

    def __init__(self, plan: Plan, perform: Perform, teller: Teller, force: frozenset[str]) -> None:
        self.plan, self.perform, self.teller, self.force = plan, perform, teller, force
        self.endings: dict[str, Ending] = {}
        self.stopped = threading.Event()

    def ready(
        self, waiting: Sequence[JobInfo], running: Sequence[JobInfo], at_once: int
    ) -> list[JobInfo]:
        """List what can start now; what must run alone waits for the others, and they for it."""
        if any(job.exclusive for job in running):
            return []
        names = {job.name for job in waiting} | {job.name for job in running}
        free = [job for job in waiting if not names & set(job.after)]
        together = [job for job in free if not job.exclusive][: at_once - len(running)]
        if together or running:
            return together
        return free[:1]

    def one(self, job: JobInfo) -> Ending:
        """Run one job where it is stale, and put its files in place."""
        ending = self._one(job)
        if not self.stopped.is_set():
            self.teller.ended(ending)
        return ending

    def _one(self, job: JobInfo) -> Ending:
        for name in job.after:
            if name in self.endings and self.endings[name].state not in ("done", "fresh"):
                return Ending(job.name, "waits", f"waits for {name}")
        folder = self.plan.folder(job.name)
        if job.name not in self.force and not self.plan.stale(job):
            if receipt := self.plan.restated(job):
                write_folder(folder, {**read_files(folder), RECEIPT: to_bytes(receipt)})
            return Ending(job.name, "fresh")
        self.teller.started(job.name)
        dependencies = self.plan.dependencies(job)
        result = self.perform(
            make_request(self.plan, job), lambda *told: self.teller.advanced(job.name, *told)
        )
        if result.state != "done":
            return Ending(job.name, result.state, result.message)
        try:
            receipt = make_receipt(job, dependencies, result, self.plan.root)
        except ReceiptError as fault:
            return Ending(job.name, "failed", f"its receipt can't be written: {fault}")
        if not self.stopped.is_set():
            write_folder(folder, {**result.files, RECEIPT: to_bytes(receipt)})
        size = sum(len(content) for content in result.files.values())
        return Ending(job.name, "done", seconds=result.seconds, bytes=size)
