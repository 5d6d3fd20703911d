"""Jobs in processes of their own: what they are given, and what becomes of them."""

import json
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from workings_build.precompute import fetching
from workings_build.precompute.perform import _held, perform
from workings_build.precompute.request import Result
from workings_build.precompute.running import make_request, run_jobs

from tests.unit.precompute.project import Project
from tests.unit.precompute.test_staleness import LOCK, Told
from tests.unit.precompute.test_staleness import perform as nothing

pytestmark = pytest.mark.slow


def one(project: Project, source: str, name: str = "toy") -> Result:
    """Write one job and perform it."""
    project.jobs(source)
    plan = project.plan()
    assert not plan.problems
    return perform(make_request(plan, plan.jobs[name]))


def test_a_job_has_its_environment_before_python_starts(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)  # tests of kernels set it
    result = one(
        project,
        '''
        import os
        AT_IMPORT = os.environ.get("TRITON_INTERPRET")

        @job("toy", obtained="counted", environment={"TRITON_INTERPRET": "1"})
        def toy(context):
            """What is set."""
            return {"set.json": [AT_IMPORT, os.environ["OMP_NUM_THREADS"]]}
    ''',
    )
    assert json.loads(result.files["set.json"]) == ["1", "1"]
    assert "TRITON_INTERPRET" not in os.environ


def test_a_job_gets_its_inputs_and_leaves_notes_progress_and_facts(project: Project):
    project.jobs('''
        import json

        @job("base", obtained="counted")
        def base(context):
            """The base."""
            return {"deep/x.json": 20}

        @job("toy", obtained="counted", after=("base",), seed=3, parameters={"n": 2})
        def toy(context):
            """More."""
            print("a job may print")
            context.progress(1, 2, "half")
            context.progress(2, 2)
            context.note("loss", 0.5)
            base = json.loads((context.inputs["base"] / "deep" / "x.json").read_text())
            return {"y.json": base + context.parameters["n"], "r.json": context.rng.random()}
    ''')
    plan = project.plan()
    heard = []
    told = Told()
    told.advanced = lambda *progress: heard.append(progress)
    endings = run_jobs(plan, plan.needed(["toy"]), perform, told)
    assert [ending.state for ending in endings] == ["done", "done"]
    assert ("toy", 1.0, 2.0, "half") in heard and ("toy", 2.0, 2.0, "") in heard
    assert project.asset("toy/y.json") == "22\n"
    receipt = json.loads(project.asset("toy/receipt.json"))
    assert receipt["notes"] == {"loss": 0.5}
    assert set(receipt["versions"]) == {"python", "numpy"}
    assert receipt["device"]["cores"] >= 1
    assert list(receipt["inputs"]) == ["base"]


def test_an_error_is_told_with_lines_of_the_projects_files(project: Project):
    result = one(
        project,
        '''
        @job("toy", obtained="counted")
        def toy(context):
            """Fails."""
            print("on the way")
            raise ValueError("no such luck")
    ''',
    )
    assert result.state == "failed"
    assert 'File "kernels/toy/jobs.py", line 8, in toy' in result.message
    assert "ValueError: no such luck" in result.message
    assert "on the way" in result.message


@pytest.mark.parametrize(
    ("returned", "fault"),
    [
        ("None", "returns a mapping from file names to values, not None"),
        ("{}", "returns a mapping"),
        ("{'../x.json': 1}", "'../x.json' can't be a file of a job"),
        ("{'receipt.json': 1}", "receipt.json is the receipt's"),
        ("{'x.json': float('inf')}", "JSON has no inf"),
    ],
)
def test_what_cannot_be_kept_is_a_failure(project: Project, returned: str, fault: str):
    result = one(
        project,
        f'''
        @job("toy", obtained="counted")
        def toy(context):
            """Returns something strange."""
            return {returned}
    ''',
    )
    assert result.state == "failed" and fault in result.message


def test_a_process_that_dies_is_a_failure(project: Project):
    result = one(
        project,
        '''
        import os

        @job("toy", obtained="counted")
        def toy(context):
            """Dies."""
            os._exit(7)
    ''',
    )
    assert (result.state, result.message) == ("failed", "its process ended early (code 7)")


def test_what_is_imported_unseen_is_missing(project: Project):
    project.write("far/away.py", "value = 1\n")
    result = one(
        project,
        '''
        import importlib

        @job("toy", obtained="counted")
        def toy(context):
            """By a name that only running makes."""
            return {"x.json": importlib.import_module("kernels." + "far").__name__}
    ''',
    )
    assert "No module named 'kernels.far'" in result.message


def test_absent_packages_leave_a_job_and_what_follows_alone(project: Project):
    project.jobs('''
        @job("toy", obtained="trained", needs=("not_to_be_had",))
        def toy(context):
            """Needs much."""
            return {}

        @job("after", obtained="counted", after=("toy",))
        def after(context):
            """Waits."""
            return {}

        @job("free", obtained="counted")
        def free(context):
            """Goes on."""
            return {"x.json": 1}
    ''')
    plan = project.plan()
    endings = run_jobs(plan, plan.needed(plan.jobs), perform, Told(), at_once=2)
    told = {ending.job: (ending.state, ending.message) for ending in endings}
    assert told == {
        "toy": ("absent", "needs not_to_be_had"),
        "after": ("waits", "waits for toy"),
        "free": ("done", ""),
    }
    assert not (project.root / "kernels" / "assets" / "toy").exists()


def test_a_failure_leaves_the_last_good_files(project: Project):
    source = '''
        @job("toy", obtained="counted")
        def toy(context):
            """Works, then fails."""
            return {"x.json": 1}
    '''
    project.jobs(source)
    assert project.run().returncode == 0
    before = project.asset("toy/receipt.json")
    project.jobs(source.replace('{"x.json": 1}', '{"x.json": 1 / 0}'))
    failed = project.run()
    assert failed.returncode == 1 and "ZeroDivisionError" in failed.stderr
    assert project.asset("toy/receipt.json") == before
    assert project.asset("toy/x.json") == "1\n"


def test_what_is_measured_runs_alone(project: Project):
    project.jobs(
        "".join(
            f'''
@job("job-{name}", obtained="{obtained}")
def {name}(context):
    """One of several."""
    return {{"x.json": 1}}
'''
            for name, obtained in [("a", "counted"), ("b", "measured"), ("c", "counted")]
        )
    )
    running: set[str] = set()
    together: list[set[str]] = []
    lock = threading.Lock()

    def slowly(request, report):
        with lock:
            running.add(request.job.name)
            together.append(set(running))
        time.sleep(0.1)
        with lock:
            running.discard(request.job.name)
        return nothing(request, report)

    plan = project.plan()
    run_jobs(plan, plan.needed(plan.jobs), slowly, Told(), at_once=3)
    assert {"job-a", "job-c"} in together
    assert {"job-b"} in together
    assert all(names == {"job-b"} for names in together if "job-b" in names)


SLOW = '''
import os
import time

@job("quick", obtained="counted")
def quick(context):
    """Done at once."""
    return {"x.json": 1}

@job("slow", obtained="counted", after=("quick",))
def slow(context):
    """Counts to six, and keeps how far it is."""
    kept = context.scratch / "count"
    start = int(kept.read_text()) if kept.exists() else 0
    context.note("started at", start)
    for count in range(start, 6):
        fresh = context.scratch / "fresh"
        fresh.write_text(str(count + 1))
        fresh.rename(kept)
        (context.scratch / "pid").write_text(str(os.getpid()))
        while count == 2 and start == 0:
            time.sleep(0.05)
    return {"six.json": count + 1}
'''


def wait_for(condition, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "nothing came of it in time"
        time.sleep(0.05)
    return value


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:  # a zombie is dead
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_kill_keeps_what_is_finished_and_the_next_run_goes_on(project: Project, how: int):
    project.jobs(SLOW)
    process = subprocess.Popen(
        project.command(),
        env=project.environment,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell starts in the background ignores interrupts, and so do its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    kept = lambda: next(project.cache.glob("precompute/slow-*/count"), None)  # noqa: E731
    wait_for(lambda: kept() and kept().read_text() == "3")
    job = int(wait_for(lambda: (kept().parent / "pid").read_text()))
    for _ in range(4):  # Python loses an interrupt that falls into a finaliser: press again
        process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=30)
            break
    assert process.returncode is not None
    wait_for(lambda: not alive(job))
    assets = project.root / "kernels" / "assets"
    assert sorted(path.name for path in assets.iterdir()) == ["quick"]
    again = project.run()
    assert again.returncode == 0, again.stderr
    assert "quick" not in again.stderr
    assert project.asset("slow/six.json") == "6\n"
    assert json.loads(project.asset("slow/receipt.json"))["notes"] == {"started at": 3}
    assert not kept()  # what is done needs no checkpoints


TOY = '''
@job("toy", obtained="counted"{options})
def toy(context):
    """A toy."""
    {before}
    return {{"x.json": 1}}
'''


def test_a_job_under_way_elsewhere_is_left_to_it(project: Project):
    project.jobs(TOY.format(options="", before=""))
    plan = project.plan()
    request = make_request(plan, plan.jobs["toy"])
    scratch = project.cache / "precompute" / f"toy-{request.key[:16]}"
    with _held(scratch) as free:
        assert free
        assert perform(request).message.startswith("another run of it is under way")
    assert perform(request).state == "done"


def test_a_carrier_that_cannot_be_had_fails_the_job(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetching, "_command", lambda carrier, spec: ["false"])
    project.lock(LOCK.format(sha="0" * 64))
    result = one(project, TOY.format(options=', carriers=("numbers",)', before=""))
    assert result.state == "failed"
    assert "The carrier 'numbers' can't be had" in result.message


def test_a_carrier_that_the_job_does_not_name_is_refused(project: Project):
    result = one(project, TOY.format(options="", before="context.carrier('numbers')"))
    assert "The carrier 'numbers' isn't named in the job's `carriers`" in result.message


def test_a_receipt_that_would_tell_of_this_machine_is_not_written(project: Project):
    project.jobs(TOY.format(options="", before="context.note('where', '/tmp/secret')"))
    plan = project.plan()
    (ending,) = run_jobs(plan, plan.needed(["toy"]), perform, Told())
    assert ending.state == "failed"
    assert ending.message.startswith("its receipt can't be written: ")
    assert not (project.root / "kernels" / "assets" / "toy").exists()
