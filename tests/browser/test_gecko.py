"""In Firefox: editing, Stop, the address, offline, both themes; the ladder is in `test_rungs`."""

import pytest
from playwright.sync_api import Browser

from .conftest import Figure, Visiting
from .serving import Site
from .workbench import cache_name

pytestmark = pytest.mark.browser

KEPT = """async ([name, part]) => {
  const held = await (await caches.open(name)).keys();
  return held.some((request) => request.url.includes(part));
}"""
TYPE = """async (code, source) => {
  code.focus();
  document.execCommand("selectAll");
  document.execCommand("insertText", false, source);
  await new Promise((done) => setTimeout(done, 100));
}"""
PAPER = "getComputedStyle(document.body).backgroundColor"


def run_code(figure: Figure, source: str) -> None:
    """Put source into the open editor and press its Run, without the keys that BiDi can't press."""
    code = figure.locator(".cm-content")
    if not code.is_visible():
        figure.press("edit")
        code.wait_for()
    code.evaluate(TYPE, source)
    figure.locator("[data-editor=run-code]").click()


def test_an_edit_runs_a_runaway_is_stopped_and_reset_gives_it_up(
    visiting: Visiting, firefox: Browser
):
    visit = visiting(firefox).open()
    visit.start()
    figure = visit.figure()
    source = figure.source()
    run_code(figure, source.replace('f"With d_k', 'f"Edited: d_k'))
    figure.wait_for_sentence("Edited: d_k = 64 ")
    run_code(figure, source.replace("weights = softmax(products)", "while True: pass"))
    stop = figure.locator("button[data-action=stop]")
    stop.wait_for(state="visible")
    assert figure.sentence.startswith("Edited: d_k = 64 ")
    stop.click()
    visit.python()
    figure.press("reset")
    figure.wait_for_sentence("With d_k = 64 ")


def test_a_link_shows_exactly_its_picture_and_the_address_follows(
    visiting: Visiting, firefox: Browser
):
    visit = visiting(firefox)
    visit.open("#exhibit-scores?d_k=128&mask=full;exhibit-wave?text=a%20cat%20sat")
    visit.figure().wait_for_sentence("With d_k = 128 ")
    visit.figure("wave").wait_for_sentence("9 letters")
    visit.figure().set("d_k", 4)
    visit.page.wait_for_function("() => location.hash.includes('scores?d_k=4&mask=full')")


def test_a_kept_page_works_without_a_network(visiting: Visiting, firefox: Browser, site: Site):
    visit = visiting(firefox).open()
    visit.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    visit.start()
    visit.page.wait_for_function(KEPT, arg=[cache_name(site.folder), "workings.zip"])
    visit.page.reload()
    visit.page.wait_for_selector("html[data-script=ready]")
    visit.figure().wait_for_states()
    site.down = True
    visit.page.reload()
    visit.page.wait_for_selector("html[data-script=ready]")
    visit.figure().wait_for_states()
    assert visit.figure().set("d_k", 128)["sentence"].startswith("With d_k = 128 ")
    visit.start()
    visit.figure().set("d_k", 100)
    visit.figure().wait_for_sentence("With d_k = 100 ")


def test_both_themes_can_be_chosen(visiting: Visiting, firefox: Browser):
    visit = visiting(firefox).open()
    papers = {}
    for theme in ("dark", "light"):
        visit.settings().locator(f"[data-theme-choice={theme}]").click()
        papers[theme] = visit.page.evaluate(PAPER)
    assert papers["dark"] != papers["light"]
