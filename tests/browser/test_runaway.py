"""A runaway edit: the page keeps answering, Stop ends it, and Python is back without a reload."""

import pytest
from playwright.sync_api import Browser

from .conftest import Figure, Visit, Visiting

pytestmark = pytest.mark.browser

FULL = """globalThis.Worker = class extends Worker {
  constructor(...given) {
    if (window.full) throw new Error("no more workers");
    super(...given);
  }
};"""


def runaway(figure: Figure) -> str:
    return figure.source().replace("weights = softmax(products)", "while True: pass")


def test_a_runaway_leaves_the_page_answering_and_is_stopped(visit: Visit, figure: Figure):
    figure.run_code(runaway(figure))
    stop = figure.locator("button[data-action=stop]")
    stop.wait_for(state="visible")
    assert figure.sentence.startswith("With d_k = 64 ")
    other = visit.figure("wave")
    other.wait_for_states()
    assert other.set("text", "a cat sat")["sentence"] == "9 letters at 1."
    visit.page.evaluate("window.same = true")
    stop.click()
    visit.python()
    other.set("frequency", 1.234)
    other.wait_for_sentence("9 letters at 1.234")
    figure.set("d_k", 77)
    figure.wait_for_sentence("With d_k = 77 ")
    assert figure.rung == "live"
    assert not stop.is_visible()
    assert visit.page.evaluate("window.same")
    assert len(visit.page.workers) <= 2


def test_after_an_edit_stop_takes_the_spare_worker(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, FULL).open()
    visit.start()
    figure = visit.figure()
    with visit.page.expect_worker():  # the spare
        figure.run_code(figure.source().replace('f"With d_k', 'f"Edited: d_k'))
    figure.wait_for_sentence("Edited: d_k = 64 ")
    visit.page.evaluate("window.full = true")
    figure.run_code(runaway(figure))
    figure.press("stop")
    visit.python()  # there is none but the spare
    figure.set("d_k", 128)
    figure.wait_for_sentence("Edited: d_k = 128 ")  # the edit that ran is still there


def test_reset_gives_the_edit_up(visit: Visit, figure: Figure):
    figure.run_code(figure.source().replace('f"With d_k', 'f"Edited: d_k'))
    figure.wait_for_sentence("Edited: d_k = 64 ")
    figure.press("reset")
    figure.wait_for_sentence("With d_k = 64 ")
    figure.set("d_k", 99)
    figure.wait_for_sentence("With d_k = 99 ")
    assert "Edited" not in figure.locator(".cm-content").inner_text()
