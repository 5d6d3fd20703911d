from dataclasses import replace
from pathlib import Path

import pytest
from workings_build.around.entries import entries_of
from workings_build.around.twins import llms_txt, twin
from workings_build.catalog import load_catalog
from workings_build.page_views import Computed
from workings_build.views import Card, Link

from tests.unit.load.folders import page_at, root_at

ROOT = Path(__file__).parents[3]
LINKS = {"planned": Link("planned", "Planned", None), "demo": Link("demo", "Page", "demo/")}


@pytest.fixture
def computed() -> Computed:
    claim = {"name": "doubled", "sentence": "Two ones are two.", "locator": "§1"}
    claims = [claim | {"kind": "recomputed", "ok": True}]
    return Computed({"claims": claims}, {"first": {"default": {"sentence": "It shows one."}}})


def test_a_twin_has_the_facts_the_text_and_the_claims_and_no_directive(tmp_path, computed):
    body = (
        "Text {cite}`one1999 §2` on {page}`planned` and {page}`this one <demo>`, checked "
        "{claim}`doubled`, by {term}`turns <turn>`.\n\n:::{exhibit} first\nLook.\n:::\n\n"
        ":::{quote}\n:source: one1999\n:locator: abstract\nSaid so.\n:::\n"
    )
    text = twin(page_at(root_at(tmp_path), body), computed, LINKS, "../")
    assert text.startswith("# A Page\n\n> One sentence.\n")
    assert "Text [one1999 §2] on Planned and [this one](../demo/index.md), checked" in text
    assert "(checked), by turns." in text and "> Said so.\n>\n> (one1999, abstract)" in text
    assert "[Exhibit, computed on the page: It shows one.]" in text and "Look." in text
    assert "- Two ones are two. (§1; recomputed; holds)" in text
    assert ":::" not in text and "{cite}" not in text


def test_llms_txt_lists_what_is_written_and_counts_what_is_planned():
    catalog, _ = load_catalog(ROOT / "explainers/catalog.toml", ROOT)
    links = {page.slug: Link(page.slug, page.name, None) for page in catalog.pages.values()}
    planned = entries_of(catalog, [], {}, links)
    card = Card("rope", "rope/", "paper", "T", "S", "A dek.", "", "f", 2021, "2026-01-01", 9, 9, 4)
    entries = [
        replace(entry, written=True, path="rope/", card=card) if entry.slug == "rope" else entry
        for entry in planned
    ]
    text = llms_txt("Workings", "Papers.", "https://example.org/", entries)
    assert text.startswith("# Workings\n\n> Papers.\n")
    title = next(entry.title for entry in planned if entry.slug == "rope")
    assert f"## Papers\n\n- [{title}](https://example.org/rope/index.md): A dek." in text
    assert f"all {len(entries)} pages, {len(entries) - 1} of which are planned" in text
