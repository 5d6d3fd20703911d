"""What the tests of Markdown share: a root, and KaTeX started once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workings_build.katex import Katex
from workings_build.markdown import Document, Site, parse
from workings_build.vendor import ensure

from tests.unit.load.folders import page_at, root_at


@pytest.fixture(scope="session")
def katex() -> Iterator[Katex]:
    with Katex(ensure(["katex"]).path("katex/katex.min.js").parent) as running:
        yield running


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return root_at(tmp_path)


@pytest.fixture
def parsed(root: Path, katex: Katex) -> Callable[..., Document]:
    """Give a function that parses a body, with the front matter and Python of `page_at`."""

    def parse_body(body: str, **more: str) -> Document:
        source = page_at(root, body, **more)
        return parse(source, Site.load(root, [source], katex.render))

    return parse_body
