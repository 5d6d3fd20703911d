from pathlib import Path

import pytest
from workings_build.around.feeds import Item, atom, rss
from workings_build.passes.index import sitemap
from workings_build.passes.verify_machines import verify_machines

URL = "https://example.org/site/"
ITEMS = [Item("A", "a/", "2026-01-02", "About A.")]
PAGES = ["index.html", "a/index.html", "a/embed/one/index.html", "404.html"]
LD = """<script type="application/ld+json">{"@type": "LearningResource", "name": "A",
"description": "D", "inLanguage": "en", "datePublished": "2026-01-02", "license": "L"}</script>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in PAGES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"<title>A page</title>{LD}")
    (tmp_path / "sitemap.xml").write_text(sitemap(URL, [("", ""), ("a/", "2026-01-02")]))
    (tmp_path / "atom.xml").write_text(atom("T", "S", URL, "atom.xml", ITEMS))
    (tmp_path / "errata.xml").write_text(atom("T", "S", URL, "errata.xml", []))
    (tmp_path / "feed.xml").write_text(rss("T", "S", URL, "feed.xml", ITEMS))
    return tmp_path


def told(folder: Path) -> list[str]:
    return [problem.what for problem in verify_machines(folder, PAGES)]


def test_what_the_builder_writes_passes(folder: Path):
    assert told(folder) == []


def test_a_page_that_the_sitemap_lacks_and_one_that_it_invents_are_told(folder: Path):
    (folder / "sitemap.xml").write_text(sitemap(URL, [("", ""), ("b/", "")]))
    assert told(folder) == [
        "The page 'a/' is not in the sitemap.",
        "The sitemap lists 'b/', which is no page.",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("atom.xml", "<id>https://example.org/site/a/</id>", "", "no single <id>"),
        ("atom.xml", "</feed>", "", "not well-formed"),
        ("feed.xml", "<description>About A.</description>", "", "no <description>"),
        ("feed.xml", "site/a/</link>", "site/z/</link>", "leads to 'z/'"),
        ("a/index.html", '"license": "L"', '"x": 1', "without license"),
        ("a/index.html", '{"@type"', '{"@type', "no JSON"),
    ],
)
def test_each_fault_is_told(folder: Path, file: str, old: str, new: str, what: str):
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert any(what in one for one in told(folder)), told(folder)


def test_entries_that_share_an_id_are_told(folder: Path):
    (folder / "atom.xml").write_text(atom("T", "S", URL, "atom.xml", [*ITEMS, *ITEMS]))
    assert "Two entries have one id." in told(folder)
