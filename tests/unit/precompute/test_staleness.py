"""A job runs when something that its result depends on has changed, and says what."""

import json

import pytest
from workings_build.precompute.request import Result
from workings_build.precompute.running import Ending, run_jobs

from tests.unit.precompute.project import Project

pytestmark = pytest.mark.slow

LOCK = """
[numbers]
kind = "npm"
package = "numbers"
version = "1"
file = "numbers-1.tgz"
sha256 = "{sha}"
licence = "MIT"
licence_url = "somewhere"
what = "numbers"
"""

JOBS = """
@job("base", obtained="counted", parameters={"n": 1}, carriers=("numbers",), seed=1,
     environment={"A": "b"}, tolerance=Tolerance(absolute=1.0, why="so"))
def base(context):
    '''The base.'''
    return {"x.json": 1}

@job("next", obtained="counted", after=("base",))
def after(context):
    '''What comes next.'''
    return {"y.json": 2}
"""


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def started(self, job: str) -> None:
        self.begun.append(job)

    def advanced(self, job: str, done: float, total: float, note: str) -> None:
        pass

    def ended(self, ending: Ending) -> None:
        pass


def perform(request, report) -> Result:
    return Result(
        "done",
        files={"x.json": b"1\n"},
        versions={"python": "3", "numpy": "2"},
        device={"kind": "cpu", "system": "s", "machine": "m", "processor": "p", "cores": 1},
    )


def run(project: Project, *names: str) -> list[str]:
    """Run what is stale and return the names of what ran."""
    plan, told = project.plan(), Told()
    run_jobs(plan, plan.needed(names or plan.jobs), perform, told)
    return told.begun


@pytest.fixture
def done(project: Project) -> Project:
    project.jobs(JOBS)
    project.lock(LOCK.format(sha="0" * 64))
    assert run(project) == ["base", "next"]
    return project


def change(project: Project, old: str, new: str) -> None:
    assert old in JOBS
    project.jobs(JOBS.replace(old, new))


def reasons(project: Project) -> dict[str, str]:
    plan = project.plan()
    return {name: plan.stale(job) for name, job in plan.jobs.items()}


def test_nothing_runs_twice(done: Project):
    assert run(done) == []
    assert reasons(done) == {"base": "", "next": ""}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('{"n": 1}', '{"n": 2}', "its parameters changed"),
        ('{"A": "b"}', '{"A": "c"}', "its environment changed"),
        ("seed=1", "seed=2", "its seed changed"),
        ('carriers=("numbers",)', "carriers=()", "its carriers changed"),
        ('"x.json": 1', '"x.json": 2', "the source changed (kernels/toy/jobs.py)"),
    ],
)
def test_a_change_is_named(done: Project, old: str, new: str, reason: str):
    change(done, old, new)
    assert reasons(done) == {"base": reason, "next": ""}


def test_another_carrier_under_the_same_name_is_another_carrier(done: Project):
    done.lock(LOCK.format(sha="1" * 64))
    assert reasons(done)["base"] == "its carriers changed"


def test_what_comes_after_runs_only_when_its_inputs_changed(done: Project):
    change(done, "seed=1", "seed=2")
    assert run(done) == ["base"]  # it gave the same files
    folder = done.root / "kernels" / "assets" / "base"
    (folder / "x.json").write_bytes(b"2\n")
    assert reasons(done) == {
        "base": "its files aren't those of the receipt",
        "next": "its inputs changed (base)",
    }


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "receipt.json").unlink(), "There is no receipt"),
        (lambda folder: (folder / "receipt.json").write_text("{"), "can't be read"),
        (lambda folder: (folder / "receipt.json").write_text("{}"), "is a required property"),
        (lambda folder: (folder / "x.json").unlink(), "its files aren't those"),
        (lambda folder: (folder / "more.json").write_text("1"), "its files aren't those"),
    ],
)
def test_a_damaged_folder_is_stale(done: Project, damage, reason: str):
    damage(done.root / "kernels" / "assets" / "base")
    assert reason in reasons(done)["base"]
    assert run(done, "base") == ["base"]
    assert reasons(done)["base"] == ""


def test_what_a_declaration_only_says_is_written_anew_without_a_run(done: Project):
    change(done, "absolute=1.0", "absolute=2.0")
    done.jobs(JOBS.replace("absolute=1.0", "absolute=2.0").replace("The base.", "A base."))
    assert run(done) == []
    receipt = json.loads(done.asset("base/receipt.json"))
    assert receipt["tolerance"]["absolute"] == 2.0
    assert receipt["description"] == "A base."


@pytest.mark.parametrize("text", ["[numbers]\nkind = 'npm'\n", "numbers = 3\n", "[numbers"])
def test_a_faulty_list_of_carriers_is_told(project: Project, text: str):
    project.lock(text)
    project.jobs("")
    (problem,) = project.plan().problems
    assert problem.file == "build/locks/carriers.toml" and problem.remedy == "Mend the file."
