"""Whatever an author writes, parsing ends with a document and its problems, never an exception."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workings_build.markdown import Document, Site, parse
from workings_build.passes.load import PageSource

from tests.unit.load.folders import page_at, root_at
from tests.unit.markdown.telling import html

FRAGMENTS = [
    *("\n", "\n\n", " ", "  ", "   ", "    ", "> ", "- ", "1. ", "## ", "#### ", "| a | b |\n"),
    *(
        "|--|:-:|\n",
        "| 512 | $x$ |\n",
        "$",
        "$$",
        "`",
        "```",
        "```python\n",
        ":::",
        "::::",
        "{",
        "}",
    ),
    *(":::{aside} A\n", ":::{exhibit} first\n", ":::{quote}\n", ":source: one1999\n", ":alt: x\n"),
    *(":::{derivation}\n", ":::{kernel} kernels.demo.core.double\n", "2: note\n", ":::{claims}\n"),
    *(":::{figure} a.png\n", ":::{claim} doubled\n", "```{mutants}\n", "[^a]", "[^a]: note\n"),
    *("{cite}`one1999 §3`", "{term}`turn`", "{page}`planned`", "{claim}`doubled`", "{x}`y`"),
    *("31%", "28.4", "512", "2017", "word", "\\", "*", "**", "_", "<b>", "<script>", "&amp;", "!["),
    *(
        "](x.png)",
        "[a](b)",
        "<https://a.org/>",
        "\x01",
        "\x02",
        "\x03",
        "\x00",
        "\t",
        "é",
        "’",
        '"',
    ),
    *("Term\n: Text\n", "(eq)\n", "---\n", "~~", "{#id}", "\u2028", "\r\n"),
]
VOID = {"br", "hr", "img", "path", "line"}


class Balanced(HTMLParser):
    """Notes elements that are not closed in order, and attributes that a page must not have."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "style" or name.startswith("on") or (value or "").startswith("javascript:"):
                self.faults.append(f"{tag} {name}")
            if name == "id":
                self.ids.append(value or "")
        if tag in ("script", "iframe", "object", "b"):
            self.faults.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[PageSource, Site]:
    root: Path = root_at(tmp_path_factory.mktemp("root"))
    source = page_at(root, "")
    return source, Site.load(root, [source])


@settings(max_examples=300, deadline=None)
@given(body=st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
def test_any_text_becomes_a_document(place: tuple[PageSource, Site], body: str):
    source, site = place
    document = parse(replace(source, body=body), site)
    assert isinstance(document, Document)
    seen = Balanced()
    seen.feed(html(document))
    seen.close()
    assert seen.faults == []
    assert seen.open == []
    assert len(seen.ids) == len(set(seen.ids)) or "twice" in str(document.problems)
    for problem in document.problems:
        assert problem.line is None or problem.line >= 1
        assert re.search(r"[.!?]$", problem.what)
        assert problem.remedy
