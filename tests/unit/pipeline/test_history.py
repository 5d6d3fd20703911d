import subprocess
from pathlib import Path

import pytest
from workings_build.history import Revision, revisions


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, path: str, subject: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(subject)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", subject)


def test_each_page_has_its_own_revisions_newest_first(tmp_path: Path):
    git(tmp_path, "init", "-q")
    commit(tmp_path, "explainers/papers/one/page.md", "Begin | one")
    commit(tmp_path, "explainers/papers/two/page.md", "Begin two")
    commit(tmp_path, "explainers/papers/one/exhibits.py", "Mend one")
    commit(tmp_path, "explainers/catalog.toml", "List both")
    found = revisions(tmp_path)
    assert set(found) == {"explainers/papers/one", "explainers/papers/two"}
    assert [r.subject for r in found["explainers/papers/one"]] == ["Mend one", "Begin | one"]
    first = found["explainers/papers/two"][0]
    assert isinstance(first, Revision) and len(first.commit) == 10 and first.date.count("-") == 2


def test_a_site_below_the_repositorys_root_is_found_too(tmp_path: Path):
    git(tmp_path, "init", "-q")
    commit(tmp_path, "inner/explainers/papers/one/page.md", "Begin one")
    assert set(revisions(tmp_path / "inner")) == {"explainers/papers/one"}


def test_without_a_repository_there_is_no_history(tmp_path: Path):
    assert revisions(tmp_path / "nowhere") == {}


def test_without_git_there_is_no_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    git(tmp_path, "init", "-q")
    commit(tmp_path, "explainers/papers/one/page.md", "Begin one")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert revisions(tmp_path) == {}
