"""`workings precompute` as it is typed."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from workings_build import cli
from workings_build.precompute import cluster, telling
from workings_build.precompute.running import Ending

from tests.unit.precompute.project import Project

pytestmark = pytest.mark.slow

JOBS = '''
@job("flips", obtained="counted", seed=1, parameters={"n": 1000}, reduced={"n": 100},
     tolerance=Tolerance(absolute=0.2, why="chance"))
def flips(context):
    """Throws."""
    return {"share.json": float((context.rng.random(context.parameters["n"]) < 0.5).mean())}

@flips.recheck
def _(context):
    share = (context.rng.random(context.parameters["n"]) < 0.5).mean()
    context.progress(1, 1)
    return {"share": context.difference(share, context.asset("share.json"))}

@job("heavy", obtained="trained", needs=("not_to_be_had",))
def heavy(context):
    """Needs much."""
    return {}
'''


def test_the_list_says_how_and_how_large_and_why_stale(project: Project):
    project.jobs(JOBS)
    assert project.run("flips").returncode == 0
    listed = project.run("--list")
    assert listed.returncode == 0
    rows = [line.split(maxsplit=3) for line in listed.stdout.splitlines()]
    assert rows == [
        ["job", "obtained", "bytes", "state"],
        ["flips", "counted", "6", "ok"],
        ["heavy", "trained", "0", "stale: never run"],
    ]


def test_all_run_and_what_cannot_is_named_and_left_alone(project: Project):
    project.jobs(JOBS)
    done = project.run()
    assert done.returncode == 0
    assert done.stdout == "1 done, 1 left alone.\n"
    assert "heavy: left alone, needs not_to_be_had" in done.stderr
    assert "\x1b" not in done.stderr
    again = project.run("-q")
    assert (again.stdout, again.returncode) == ("", 0)


def test_a_named_job_that_cannot_run_is_an_error(project: Project):
    project.jobs(JOBS)
    assert project.run("heavy").returncode == 1


def test_force_runs_what_is_fresh(project: Project):
    project.jobs(JOBS)
    assert project.run("flips").stdout == "1 done.\n"
    assert project.run("flips").stdout == "1 up to date.\n"
    assert project.run("flips", "--force").stdout == "1 done.\n"


def test_a_recheck_compares_and_writes_nothing(project: Project):
    project.jobs(JOBS)
    assert "flips: has left no files yet" in project.run("--recheck").stdout
    project.run("flips")
    before = project.asset("flips/receipt.json")
    agrees = project.run("--recheck")
    assert agrees.returncode == 0 and agrees.stdout.startswith("flips: agrees")
    (project.root / "kernels/assets/flips/share.json").write_text("0.9")
    differs = project.run("--recheck", "flips")
    assert differs.returncode == 1
    assert "flips: differs: share by 0.4" in differs.stderr
    assert "0.2 is allowed (chance)" in differs.stderr
    assert project.asset("flips/receipt.json") == before


def test_an_unknown_job_is_told_with_the_nearest(project: Project):
    project.jobs(JOBS)
    wrong = project.run("flip")
    assert wrong.returncode == 2
    assert "There is no sound job 'flip'. Did you mean 'flips'?" in wrong.stderr


def test_a_faulty_module_is_told_and_the_others_go_on(project: Project):
    project.jobs(JOBS)
    project.jobs("nonsense\n", "bad/jobs.py")
    done = project.run("flips")
    assert done.returncode == 1
    assert "kernels/bad/jobs.py:3: The jobs can't load: NameError" in done.stderr
    assert done.stdout == "1 done.\n"


@pytest.mark.parametrize("returned", ["{}", '{"share": float("nan")}', '{"share": 1 / 0}'])
def test_a_recheck_that_compares_nothing_fails(project: Project, returned: str):
    project.jobs(JOBS)
    project.run("flips")
    head, tail = JOBS.split('    return {"share": context.difference')
    project.jobs(head + f"    return {returned}\n" + tail.split("\n", 1)[1])
    assert project.run("--recheck", "flips").returncode == 1


def test_a_job_without_a_recheck_is_told(project: Project):
    project.jobs(JOBS)
    done = project.run("--recheck", "heavy")
    assert (done.returncode, done.stderr) == (0, "heavy: has no recheck\n")


def test_outside_of_a_project_the_call_is_wrong(project: Project, tmp_path: Path):
    done = project.run("--root", str(tmp_path))
    assert done.returncode == 2 and "Error" in done.stderr


def test_a_scheduler_that_does_not_answer_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(cluster, "CONNECT", "0.3s")
    project.jobs(JOBS)
    call = ["precompute", "--root", str(project.root), "--scheduler", "tcp://127.0.0.1:9"]
    with pytest.raises(SystemExit) as stop:
        cli.main(call)
    assert stop.value.code == 1
    assert "No scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err


ON_A_TERMINAL = """
from workings_build.precompute.running import Ending
from workings_build.precompute.telling import Lines
lines = Lines()
lines.started("toy")
lines.started("other")
lines.advanced("toy", 1, 4, "first quarter")
lines.ended(Ending("toy", "done", seconds=2, bytes=1500))
"""


def test_on_a_terminal_the_last_line_changes_with_what_runs():
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", ON_A_TERMINAL], check=True, stderr=theirs, timeout=60)
    os.close(theirs)
    drawn = os.read(ours, 10_000).decode().split("\x1b[K")
    os.close(ours)
    assert "toy  25% first quarter  other\r" in drawn
    assert "toy: done in 2.0 s, 1.5 kB\r\n\r" in drawn
    assert drawn[-1] == "other"


def test_elsewhere_a_line_comes_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    lines = telling.Lines()
    lines.started("toy")
    lines.advanced("toy", 1, 4, "")
    monkeypatch.setattr(telling, "LINE_EVERY", 0.0)
    lines.advanced("toy", 2, 4, "half")
    lines.advanced("toy", 7, 0, "")
    lines.ended(Ending("toy", "failed", "no such luck"))
    said = capsys.readouterr().err.splitlines()
    assert said == ["toy: started", "toy  50% half", "toy 7", "toy: failed", "no such luck"]
