"""`workings precompute` as it is typed."""

import pytest

from tests.unit.precompute.project import Project

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
