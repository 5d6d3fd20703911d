"""The real site, built once for a run and served as a plain static host would."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from workings_build.pipeline import build
from workings_build.problems import format_problems
from workings_build.settings import make_settings

from tests.browser.serving import Site
from tests.explainers import ROOT


@dataclass(frozen=True)
class Built:
    """The built site: its folder and what `site.json` says of it."""

    folder: Path
    index: dict

    @property
    def pages(self) -> list[dict]:
        """The explainers."""
        return self.index["pages"]

    @property
    def addresses(self) -> list[str]:
        """Every page's address, home and the page for lost readers included."""
        return ["", *(page["path"].lstrip("/") for page in self.pages), "404.html"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the real site; parallel test processes share one."""
    folder = tmp_path_factory.getbasetemp()
    shared = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "real-site"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "site.json").exists():
            shutil.rmtree(shared, ignore_errors=True)
            result = build(make_settings(ROOT, out=shared))
            assert not result.problems, format_problems(result.problems)
    return Built(shared, json.loads((shared / "site.json").read_text(encoding="utf-8")))


@pytest.fixture
def real(built: Built) -> Iterator[Site]:
    """Serve the real site on an origin that no other test has."""
    site = Site(built.folder)
    yield site
    site.close()
