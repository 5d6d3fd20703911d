"""A project that has been built once, copied with its cache for each test."""

import shutil
from pathlib import Path

import pytest
from workings_build.pipeline import build

from tests.unit.pipeline.project import make_project, settings_of


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the built project as slow: whichever test comes first waits for the build."""
    for item in items:
        if "built_project" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def built_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_project(tmp_path_factory.mktemp("project"))
    built = build(settings_of(root))
    assert built.problems == ()
    return root


@pytest.fixture
def project(built_project: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built_project, tmp_path / "project"))
