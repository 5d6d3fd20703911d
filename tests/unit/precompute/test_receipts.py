"""What a receipt says, and what it must not say."""

import json
import socket
from pathlib import Path

import pytest
from workings_build.precompute.receipts import ReceiptError, make_receipt, to_bytes, validate
from workings_build.precompute.store import job_folders

from tests.unit.precompute.project import ROOT, Project
from tests.unit.precompute.test_staleness import perform

TOY = '''
@job("toy", obtained="counted", parameters={"n": 1})
def toy(context):
    """A toy."""
    return {"x.json": 1}
'''


@pytest.fixture
def make(project: Project):
    project.jobs(TOY)
    plan = project.plan()
    job = plan.jobs["toy"]

    def made(**notes):
        result = perform(None, None)
        result = type(result)(**{**result.__dict__, "notes": notes})
        return make_receipt(job, plan.dependencies(job), result, project.root)

    return made


def test_a_receipt_fits_the_schema_and_comes_back_from_its_bytes(make):
    receipt = make(loss=0.25)
    assert json.loads(to_bytes(receipt)) == receipt
    assert receipt["files"] == [
        {
            "name": "x.json",
            "bytes": 2,
            "sha256": "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865",
        }
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (["obtained"], "guessed", "obtained: 'guessed' is not one of"),
        (["job"], "A Job", "job: 'A Job' does not match"),
        (["date"], "yesterday", "date: 'yesterday' does not match"),
        (["device", "kind"], "cuda", "device: 'gpu' is a required property"),
        (["files"], [], "files: \\[\\]"),
        (["files", 0, "sha256"], "x", "files.0.sha256"),
        (["host"], "mine", "the whole: Additional properties"),
        (["source", "modules"], {"/etc/passwd": "0" * 64}, "source.modules"),
    ],
)
def test_what_does_not_fit_is_named(make, path, value, fault):
    receipt = json.loads(to_bytes(make()))
    place = receipt
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ReceiptError, match=fault):
        validate(receipt)


def test_a_receipt_does_not_tell_whose_machine_it_was(make, project: Project, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "moon-base")
    for text in (f"{project.root}/x", str(Path.home() / "x"), "/tmp/x", "on moon-base"):
        if str(Path.home()) == "/":
            continue
        with pytest.raises(ReceiptError, match="this machine's own"):
            make(where=[text])
    make(where="on the moon")


def test_every_receipt_of_the_project_fits_the_schema():
    folders = job_folders(ROOT)
    assert folders
    for folder in folders:
        validate(json.loads((folder / "receipt.json").read_text(encoding="utf-8")))
