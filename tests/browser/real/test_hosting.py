"""The site on plain hosts: any base path, a folder of files, no origin but its own, few bytes."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visiting
from tests.browser.serving import Site, compressed

from .conftest import Built

pytestmark = pytest.mark.browser

BASE = "a path/wörkings"
FIRST_VIEW = 150_000
SCRIPTS = 40_000


@pytest.fixture
def deep(built: Built, tmp_path: Path) -> Iterator[Site]:
    """Serve the site below a path with a space and a letter that isn't ASCII."""
    (tmp_path / BASE).parent.mkdir(parents=True)
    shutil.copytree(built.folder, tmp_path / BASE)
    site = Site(tmp_path)
    yield site
    site.close()


@pytest.fixture
def site(real: Site) -> Site:
    """Let visits go to the real site."""
    return real


def test_any_base_path_will_do(deep: Site, chromium: Browser):
    page = chromium.new_page()
    missing: list[str] = []
    page.on("response", lambda r: missing.append(r.url) if r.status >= 400 else None)
    page.goto(deep.url(f"{quote(BASE)}/"))
    page.locator("a[href*='rope']").first.click()
    page.wait_for_url("**/rope/**")
    page.locator("#exhibit-hands button[data-action=run]").click()
    page.wait_for_selector("html[data-python=ready]", timeout=60_000)
    page.wait_for_selector("#exhibit-hands[data-rung=live]")
    page.close()
    assert missing == []


def test_pages_read_well_from_a_folder_of_files(built: Built, chromium: Browser):
    page = chromium.new_page()
    for explainer in built.pages:
        page.goto((built.folder / explainer["path"] / "index.html").as_uri())
        loaded = page.evaluate(
            "async () => (await document.fonts.ready, [...document.fonts])"
            ".filter((font) => font.status === 'loaded').map((font) => font.family)"
        )
        assert any("Workings Serif" in family for family in loaded)
        for figure in page.locator("figure.exhibit").all():
            assert figure.locator(".picture svg").is_visible()
            assert figure.locator("output").inner_text().strip()
    page.close()


def test_reading_and_working_a_page_leaves_the_origin_never(
    built: Built, visiting: Visiting, each_browser: Browser
):
    """What a visit notes at its end: other origins, policy violations and errors, all none."""
    visit = visiting(each_browser)
    for address in built.addresses:
        visit.page.goto(visit.site.url(address))
        visit.page.wait_for_selector("html[data-script=ready]")
        assert visit.page.evaluate("window.violations") == []
    visit.page.goto(visit.site.url(built.pages[0]["path"]))
    visit.page.locator("button[data-action=run]").first.click()
    visit.python()
    assert visit.page.evaluate("window.violations") == []
    assert [line for line in visit.console if line.startswith(("error", "warning"))] == []


def test_first_view_keeps_to_its_budget(built: Built, visiting: Visiting, chromium: Browser):
    for address in built.addresses[:-1]:
        visit = visiting(chromium)
        visit.site.requests.clear()
        visit.page.goto(visit.site.url(address))
        visit.page.wait_for_load_state("networkidle")
        fetched = [
            path.lstrip("/") + ("index.html" if path.endswith("/") else "")
            for path in visit.site.requests
        ]
        sizes = {path: compressed(built.folder, path) for path in fetched}
        scripts = sum(size for path, size in sizes.items() if path.endswith((".js", ".mjs")))
        assert sum(sizes.values()) <= FIRST_VIEW, (address, sizes)
        assert scripts <= SCRIPTS, (address, sizes)
        assert not any("runtime/" in path for path in fetched), "Python waits for a touch"
        visit.page.goto("about:blank")  # what comes after the first view is not the next page's


def test_nothing_shifts_while_an_exhibit_comes_alive(visiting: Visiting, chromium: Browser):
    watch = """
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) {
        window.shifts.push([value, ...sources.map(({ node }) => node?.className ?? "text")]);
      }
    }).observe({ type: "layout-shift", buffered: true });
    """
    visit = visiting(chromium, watch)
    visit.page.goto(visit.site.url("rope/"))
    visit.page.wait_for_selector("html[data-script=ready]")
    figure = visit.figure("hands")
    figure.scroll_into_view_if_needed()
    figure.wait_for_states()
    figure.set("shift", 12)
    visit.python()
    figure.set("shift", 20)
    figure.wait_for_rung("live")
    visit.page.wait_for_timeout(300)
    assert visit.page.evaluate("window.shifts") == []


def test_on_paper_there_are_no_controls(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium)
    visit.page.goto(visit.site.url("rope/"))
    visit.page.emulate_media(media="print")
    assert not visit.page.locator(".actions").first.is_visible()
    assert visit.page.locator("#exhibit-hands .picture svg").is_visible()
    assert visit.page.locator("#exhibit-hands output").is_visible()
