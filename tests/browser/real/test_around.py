"""Lists of the whole catalogue: library, lineage and reading paths, as a reader works them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import Site

pytestmark = pytest.mark.browser


def go(tab: Page, real: Site, path: str) -> Page:
    tab.goto(real.url(path))
    tab.wait_for_selector("html[data-script=ready]")
    return tab


def test_the_librarys_filters_combine(tab: Page, real: Site):
    page = go(tab, real, "library/?kind=paper")
    total = page.locator(".entry").count()
    papers = page.locator('.entry[data-kind="paper"]').count()
    written = page.locator('.entry[data-kind="paper"][data-status="written"]').count()
    said = page.locator(".filter-result output")
    expect(said).to_have_text(f"Showing {papers} of {total}")
    page.select_option("select[name=status]", "written")
    expect(said).to_have_text(f"Showing {written} of {total}")
    assert "kind=paper" in page.url and "status=written" in page.url
    expect(page.locator(".entry:visible h3 a")).to_have_count(written)


def test_the_lineage_shows_one_papers_own(tab: Page, real: Site):
    page = go(tab, real, "lineage/")
    one = page.locator('.lineage-graph .kin[data-slug="attention"]')
    up = set((one.get_attribute("data-up") or "").split())
    one.focus()
    expect(page.locator(".lineage-graph[data-focused]")).to_have_count(1)
    marked = page.locator('.kin[data-role="up"]')
    assert {kin.get_attribute("data-slug") for kin in marked.all()} == up and up
    expect(page.locator("form[data-lineage-search] output")).to_contain_text(f"on {len(up)};")


def test_progress_on_a_path_is_kept_in_the_browser(tab: Page, real: Site):
    go(tab, real, "attention/")
    tab.locator(".site-footer").scroll_into_view_if_needed()
    tab.wait_for_function(
        "() => (localStorage.getItem('workings-read') ?? '').includes('attention')"
    )
    page = go(tab, real, "tracks/")
    assert page.locator("[data-progress]", has_text="1 of ").count() >= 1
