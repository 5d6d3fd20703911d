"""Run requests on a Dask cluster: the same function, on a worker instead of here.

A request carries all that a job needs as bytes, and its files come back as bytes; carriers and
scratch belong to the machine of the worker. A worker that dies takes its request with it to
another: Dask hands it on, and gives up when three workers have died of the same one.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workings_build.precompute.perform import perform
from workings_build.precompute.request import Report, Request, Result
from workings_build.precompute.running import Perform

TOPIC = "workings-progress"
CONNECT = "30s"


class ClusterError(RuntimeError):
    """The cluster can't be reached, or Dask isn't installed."""


@contextmanager
def cluster(address: str) -> Iterator[tuple[Perform, int]]:
    """Connect to a scheduler; give what performs a request there, and how many fit at once.

    Raises
    ------
    ClusterError
        If nothing answers at the address, or there is no worker.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError(
            "Dask isn't installed: `make precompute` installs what jobs need."
        ) from None
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise ClusterError(
            f"No scheduler answers at {address} ({fault}). Start one with `dask scheduler`, and "
            "workers with `dask worker ADDRESS --nthreads 1`."
        ) from fault
    reports: dict[str, Report] = {}
    try:
        client.subscribe_topic(TOPIC, lambda event: _tell(event[1], reports))
        at_once = sum(client.nthreads().values())
        if not at_once:
            raise ClusterError(f"The scheduler at {address} has no workers yet.")
        yield _performer(client, reports), at_once
    finally:
        client.close()


def _performer(client: Any, reports: dict[str, Report]) -> Perform:
    """Give what submits a request, waits for its result and passes progress on."""

    def there(request: Request, report: Report) -> Result:
        reports[request.job.name] = report
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
                future = client.submit(on_worker, request, pure=False)
            result: Result = future.result()
            return result
        except Exception as fault:  # the cluster's own: a job's are results
            return Result("failed", f"the cluster gave up: {type(fault).__name__}: {fault}")
        finally:
            reports.pop(request.job.name, None)

    return there


def on_worker(request: Request) -> Result:
    """Perform a request on a worker, telling the client how far it is."""
    from distributed import get_worker

    worker = get_worker()

    def report(done: float, total: float, note: str) -> None:
        worker.loop.add_callback(
            worker.log_event, TOPIC, [request.job.name, float(done), float(total), note]
        )

    return perform(request, report)


def _tell(event: Any, reports: dict[str, Report]) -> None:
    name, done, total, note = event
    if report := reports.get(name):
        report(done, total, note)
