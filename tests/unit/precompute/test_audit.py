"""`workings check` and `workings build` find assets that no receipt vouches for."""

import json
from pathlib import Path

import pytest
from workings_build.cache import Cache
from workings_build.precompute.audit import audit, audited
from workings_build.precompute.running import run_jobs

from tests.unit.precompute.project import Project
from tests.unit.precompute.test_staleness import Told, perform

pytestmark = pytest.mark.slow

JOBS = '''
@job("toy", obtained="counted")
def toy(context):
    """A toy."""
    return {"x.json": 1}
'''


@pytest.fixture
def toy(project: Project) -> Path:
    project.jobs(JOBS)
    plan = project.plan()
    run_jobs(plan, plan.needed(plan.jobs), perform, Told())
    assert not audit(project.root)
    return project.root / "kernels" / "assets" / "toy"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def rename(folder: Path) -> None:
    folder.rename(folder.with_name("gone"))


@pytest.mark.parametrize(
    ("damage", "file", "what"),
    [
        (lambda f: (f / "receipt.json").unlink(), "receipt.json", "There is no receipt."),
        (lambda f: (f / "receipt.json").write_text("["), "receipt.json", "It can't be read"),
        (
            lambda f: edit(f / "receipt.json", '"counted"', '"guessed"'),
            "receipt.json",
            "obtained: 'guessed' is not one of",
        ),
        (
            lambda f: edit(f / "receipt.json", '"job": "toy"', '"job": "ball"'),
            "receipt.json",
            "The receipt is of the job 'ball'",
        ),
        (lambda f: (f / "x.json").write_text("2"), "x.json", "The file isn't the receipt's"),
        (lambda f: (f / "x.json").unlink(), "x.json", "The file is missing"),
        (lambda f: (f / "y.json").write_text("2"), "y.json", "doesn't name this file"),
        (lambda f: (f.parent / "z.json").write_text("2"), "../z.json", "No job has left"),
        (rename, "../gone/receipt.json", "There is no job 'gone'."),
    ],
)
def test_what_is_wrong_has_a_file_and_a_remedy(project: Project, toy: Path, damage, file, what):
    damage(toy)
    problems = audit(project.root)
    path = file.removeprefix("../") if file.startswith("../") else f"toy/{file}"
    (problem,) = [one for one in problems if what in one.what]
    assert problem.file == f"kernels/assets/{path}"
    assert problem.remedy


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"x.json": 1', '"x.json": 2', "stale: the source changed (kernels/toy/jobs.py)."),
        ('"counted")', '"counted", seed=1)', "stale: its seed changed."),
        ("A toy.", "The toy.", "what its declaration no longer says"),
    ],
)
def test_a_receipt_that_no_longer_holds_is_a_problem(project: Project, toy: Path, old, new, what):
    project.jobs(JOBS.replace(old, new))
    (problem,) = audit(project.root)
    assert problem.file == "kernels/assets/toy/receipt.json"
    assert what in problem.what
    assert "Run `workings precompute toy`." in problem.remedy


def test_an_audit_is_kept_until_something_changes(project: Project, toy: Path):
    cache = Cache(project.cache / "build")
    assert audited(project.root, cache) == audited(project.root, cache) == []
    assert (cache.hits, cache.misses) == (1, 1)
    (toy / "x.json").write_text("2")
    assert len(audited(project.root, cache)) == 1


def test_damage_does_not_hide_behind_a_second_one(project: Project, toy: Path):
    (toy / "x.json").write_text("2")
    project.jobs(JOBS.replace('"x.json": 1', '"x.json": 3'))
    receipt = json.loads((toy / "receipt.json").read_text())
    assert receipt["files"][0]["name"] == "x.json"
    assert [one.file.rpartition("/")[2] for one in audit(project.root)] == [
        "receipt.json",
        "x.json",
    ]
