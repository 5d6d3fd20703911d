"""Accessibility: axe in both themes, the keyboard alone, and room at every width."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visiting
from tests.browser.serving import Site

from .axe import faults
from .conftest import Built

pytestmark = pytest.mark.browser

WIDTHS = (360, 390, 768, 1440, 2560)

# WCAG 2.5.8: what is pressed is the label, where a field lies in one; links in text are exempt.
TARGETS = """() => [...document.querySelectorAll(
    "button, input, select, summary, .site-nav a, .wordmark, .more a")]
  .map((element) => element.closest("label") ?? element)
  .filter((element) => element.getClientRects().length)
  .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([html, box]) => `${html}: ${box.width} by ${box.height}`)"""


@pytest.fixture
def site(real: Site) -> Site:
    """Let visits go to the real site."""
    return real


def test_axe_finds_nothing_on_any_page_in_either_theme(
    built: Built, visiting: Visiting, chromium: Browser, axe_source: str
):
    visit = visiting(chromium, bypass_csp=True)
    for address in built.addresses:
        visit.page.goto(visit.site.url(address))
        visit.page.wait_for_selector("html[data-script=ready]")
        for scheme in ("light", "dark"):
            visit.page.emulate_media(color_scheme=scheme)
            assert faults(visit.page, axe_source) == [], (address, scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_live_python_and_an_open_editor(
    visiting: Visiting, chromium: Browser, axe_source: str, scheme: str
):
    visit = visiting(chromium, color_scheme=scheme, bypass_csp=True)
    visit.page.goto(visit.site.url("rope/"))
    figure = visit.figure("hands")
    figure.press("run")
    visit.python()
    figure.press("data")
    figure.press("edit")
    figure.locator(".cm-content").wait_for()
    visit.page.locator("input[name=break]").first.check()
    visit.page.wait_for_timeout(500)
    assert faults(visit.page, axe_source) == []


def test_nothing_runs_out_of_the_page_and_every_target_can_be_hit_at_any_width(
    built: Built, visiting: Visiting, chromium: Browser
):
    visit = visiting(chromium)
    for address in built.addresses:
        visit.page.goto(visit.site.url(address))
        visit.page.wait_for_selector("html[data-script=ready]")
        for summary in visit.page.locator(".settings summary").all():  # embeds have none
            summary.click()
        for width in WIDTHS:
            visit.page.set_viewport_size({"width": width, "height": 900})
            wide = visit.page.evaluate(
                "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert wide[0] <= wide[1], (address, width, wide)
            assert visit.page.evaluate(TARGETS) == [], (address, width)


def test_an_exhibit_is_worked_by_the_keyboard_alone(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium)
    visit.page.goto(visit.site.url("rope/"))
    visit.page.wait_for_selector("html[data-script=ready]")
    keyboard = visit.page.keyboard
    keyboard.press("Tab")
    focused = visit.page.evaluate("document.activeElement.textContent.trim().toLowerCase()")
    assert "skip" in focused
    field = visit.page.locator("#exhibit-hands input[type=range]").first
    for _ in range(80):
        if field.evaluate("(field) => field === document.activeElement"):
            break
        keyboard.press("Tab")
    else:
        pytest.fail("Tab does not reach the first slider")
    before = visit.figure("hands").sentence
    keyboard.press("ArrowRight")
    visit.page.wait_for_function(
        "before => document.querySelector('#exhibit-hands output').innerText !== before", arg=before
    )
    visit.python()
    for _ in range(20):
        keyboard.press("Tab")
        action = visit.page.evaluate("document.activeElement.dataset.action")
        if action == "edit":
            break
    else:
        pytest.fail("Tab does not reach the Edit button")
    keyboard.press("Enter")
    visit.figure("hands").locator(".cm-content").wait_for()
    inside = "() => document.activeElement.matches('#exhibit-hands .editor-code')"
    visit.page.wait_for_function(inside)
    keyboard.press("Escape")
    keyboard.press("Tab")
    assert not visit.page.evaluate(inside), "the editor is no trap"


def test_reduced_motion_stops_every_transition(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, reduced_motion="reduce")
    visit.page.goto(visit.site.url("rope/"))
    moving = visit.page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => {
          const style = getComputedStyle(element);
          return [style.transitionDuration, style.animationDuration]
            .some((value) => value.split(",").some((part) => parseFloat(part) > 0.01));
        }).map((element) => element.tagName + "." + element.className)"""
    )
    assert moving == []


def test_the_settings_close_on_escape_and_on_a_press_elsewhere(
    visiting: Visiting, chromium: Browser
):
    visit = visiting(chromium)
    visit.page.goto(visit.site.url("rope/"))
    visit.page.wait_for_selector("html[data-script=ready]")
    panel = visit.page.locator("details.settings")
    summary = panel.locator("summary")
    summary.click()
    assert panel.get_attribute("open") is not None
    visit.page.keyboard.press("Escape")
    assert panel.get_attribute("open") is None
    assert summary.evaluate("(summary) => summary === document.activeElement")
    summary.click()
    visit.page.locator("h1").click()
    assert panel.get_attribute("open") is None
