"""The same jobs on a Dask cluster of two workers on loopback, one of which dies in the middle."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.unit.precompute.project import Project
from tests.unit.precompute.test_running import alive, wait_for

JOBS = '''
import json
import os
import time

@job("base", obtained="counted", carriers=())
def base(context):
    """The base, on whatever worker."""
    context.progress(1, 1, "seen from afar")
    return {"deep/x.json": 20, "w.npz": {"w": context.rng.random(3)}}

@job("long", obtained="counted", after=("base",), seed=5)
def long(context):
    """Goes on from its checkpoint; the first worker that has it never ends."""
    kept = context.scratch / "worker"
    first = not kept.exists()
    if first:
        fresh = context.scratch / "fresh"
        fresh.write_text(f"{os.getppid()} {os.getpid()}")
        fresh.rename(kept)
        while True:
            time.sleep(0.05)
    context.note("another worker", int(kept.read_text().split()[0]) != os.getppid())
    base = json.loads((context.inputs["base"] / "deep" / "x.json").read_text())
    return {"y.json": base + 2, "r.json": context.rng.random()}

@job("broken", obtained="counted")
def broken(context):
    """Fails there as it would here."""
    raise ValueError("no such luck")
'''


@pytest.fixture
def scheduler(project: Project, tmp_path: Path) -> Iterator[str]:
    """Start a scheduler and two workers, each a process; give the scheduler's address."""
    file = tmp_path / "scheduler.json"
    own = ["--no-dashboard", "--scheduler-file", str(file)]
    kinds = [
        ["scheduler", "--host", "127.0.0.1", "--port", "0", *own],
        *[["worker", "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", *own]] * 2,
    ]
    running = []
    try:
        for number, kind in enumerate(kinds):
            folder = tmp_path / f"process-{number}"
            folder.mkdir()
            command = [sys.executable, "-m", "dask", *kind]
            running.append(
                subprocess.Popen(
                    command,
                    cwd=folder,
                    env=project.environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            if number == 0:
                wait_for(file.exists)
        yield json.loads(file.read_text())["address"]
    finally:
        for process in running:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_job_outlives_the_worker_that_has_it(project: Project, scheduler: str):
    project.jobs(JOBS)
    client = subprocess.Popen(
        project.command("base", "long", "--scheduler", scheduler, "--jobs", "2"),
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    find = lambda: next(project.cache.glob("precompute/long-*/worker"), None)  # noqa: E731
    worker, job = map(int, wait_for(find).read_text().split())
    assert worker != client.pid
    os.kill(worker, signal.SIGKILL)
    out, err = client.communicate(timeout=120)
    assert client.returncode == 0, err
    assert out == "2 done.\n"
    wait_for(lambda: not alive(job))
    receipt = json.loads(project.asset("long/receipt.json"))
    assert receipt["notes"] == {"another worker": True}
    assert project.asset("long/y.json") == "22\n"
    there = project.asset("long/r.json")

    broken = project.run("broken", "--scheduler", scheduler)
    assert broken.returncode == 1
    assert 'File "kernels/toy/jobs.py"' in broken.stderr
    assert "ValueError: no such luck" in broken.stderr

    before = json.loads(project.asset("base/receipt.json"))["files"]
    here = project.run("base", "--force")
    assert here.returncode == 0, here.stderr
    assert json.loads(project.asset("base/receipt.json"))["files"] == before
    assert there == f"{np.random.default_rng(5).random()!r}\n"


@pytest.mark.slow
def test_no_scheduler_is_told_with_what_to_do(project: Project, monkeypatch: pytest.MonkeyPatch):
    from workings_build.precompute import cluster

    monkeypatch.setattr(cluster, "CONNECT", "0.3s")
    with (
        pytest.raises(cluster.ClusterError, match="Start one with `dask scheduler`"),
        cluster.cluster("tcp://127.0.0.1:9"),
    ):
        pass
