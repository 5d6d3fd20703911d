"""Faults and claims: shown together, at rung 1 and live."""

import pytest
from playwright.sync_api import Browser

from .conftest import Visit, Visiting

pytestmark = pytest.mark.browser

ONLY_BAKED = "try { localStorage.setItem('workings-python', 'never'); } catch {}"
CLAIM = "#claim-dot_products_have_unit_variance"


def test_a_fault_shows_its_picture_and_its_failing_claim_without_python(
    visiting: Visiting, chromium: Browser
):
    visit = visiting(chromium, ONLY_BAKED).open()
    figure = visit.figure()
    figure.wait_for_states()
    picture = figure.locator(".picture").inner_html()
    visit.page.locator("input[value=no_scaling]").check()
    figure.wait_for_rung("baked")
    assert figure.locator(".picture").inner_html() != picture
    claim = visit.page.locator(CLAIM)
    assert claim.get_attribute("data-result") == "fail"
    assert claim.locator("output").inner_text() == "Fails, as the build found."
    assert visit.page.evaluate("location.hash") == "#exhibit-scores?break=no_scaling"
    after = figure.set("d_k", 128)
    assert after["note"] == "Nearest computed picture: d_k = 64; start Python for 128."
    visit.page.locator("input[value=no_scaling]").uncheck()
    assert claim.get_attribute("data-result") == "pass"
    assert figure.sentence.startswith("With d_k = 128 ")


def test_a_link_carries_the_fault(visiting: Visiting, chromium: Browser):
    whole = visiting(chromium, ONLY_BAKED).open().figure().sentence
    visit = visiting(chromium, ONLY_BAKED).open("#exhibit-scores?break=no_scaling")
    visit.figure().wait_for_rung("baked")
    assert visit.page.locator("input[value=no_scaling]").is_checked()
    assert visit.figure().sentence != whole
    assert visit.page.locator(CLAIM).get_attribute("data-result") == "fail"


def test_with_python_a_fault_is_live_in_any_state_and_its_claim_is_run(visit: Visit):
    visit.open()
    visit.start()
    figure = visit.figure()
    figure.set("d_k", 100)
    figure.wait_for_sentence("With d_k = 100 ")
    whole = figure.sentence
    visit.page.locator("input[value=no_scaling]").check()
    output = visit.page.locator(f"{CLAIM} output")
    output.get_by_text("Fails: the variance is").wait_for()
    assert figure.sentence != whole
    visit.page.locator("input[value=no_scaling]").uncheck()
    output.get_by_text("Holds: variance = ").wait_for()
    figure.wait_for_sentence(whole)


def test_run_starts_python_and_gives_the_verdict(visit: Visit):
    visit.open()
    visit.page.locator(f"{CLAIM} button[data-action=run-claim]").click()
    assert visit.page.locator(CLAIM).get_attribute("data-result") == "running"
    visit.page.locator(f"{CLAIM} output").get_by_text("Holds: variance = ").wait_for(timeout=60_000)
    assert visit.page.locator(CLAIM).get_attribute("data-result") == "pass"
    visit.page.locator("button[data-action=run-claims]").click()
    visit.page.wait_for_selector(f"{CLAIM}[data-result=pass]")
