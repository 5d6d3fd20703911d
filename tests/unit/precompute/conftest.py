"""Every test of jobs has a project and a cache of its own."""

from pathlib import Path

import pytest

from tests.unit.precompute.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.setenv("WORKINGS_CACHE", str(made.cache))
    return made
