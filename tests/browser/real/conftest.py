"""The real site, built once for a run and served as a plain static host would."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.building import shared_site
from tests.browser.serving import Site

EMBEDDED = "attention"


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
        """Every page's address, the page for lost readers last.

        Of the pages that hold one exhibit for other sites, which are alike, those of one page.
        """
        files = {path.relative_to(self.folder) for path in self.folder.rglob("*.html")}
        embeds = {path for path in files if "embed" in path.parts}
        alike = {path for path in embeds if path.parts[0] != EMBEDDED}
        indices = sorted(path.as_posix() for path in files - alike if path.name == "index.html")
        return [*(path.removesuffix("index.html") for path in indices), "404.html"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the real site; parallel test processes share one."""
    site = shared_site(tmp_path_factory, "real-site")
    return Built(site, json.loads((site / "site.json").read_text(encoding="utf-8")))


@pytest.fixture
def real(built: Built) -> Iterator[Site]:
    """Serve the real site on an origin that no other test has."""
    site = Site(built.folder)
    yield site
    site.close()
