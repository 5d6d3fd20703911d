"""Looks that a reader depends on: a theme that does not flash, and targets that can be hit."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visiting
from tests.browser.serving import Site

from .conftest import Built

pytestmark = pytest.mark.browser


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


@pytest.mark.parametrize(
    ("kept", "device", "paper"),
    [
        ("dark", "light", "rgb(25, 24, 22)"),
        ("light", "dark", "rgb(251, 249, 244)"),
        ("auto", "dark", "rgb(25, 24, 22)"),
        ("nonsense", "light", "rgb(251, 249, 244)"),
    ],
)
def test_the_kept_theme_holds_before_the_modules_are_there(
    visiting: Visiting, chromium: Browser, kept: str, device: str, paper: str
):
    visit = visiting(chromium, color_scheme=device)
    visit.page.add_init_script(f"localStorage.setItem('workings-theme', '{kept}')")
    visit.page.route("**/scripts/main.js", lambda route: route.fulfill(body=""))
    visit.page.goto(visit.site.url("rope/"))
    seen = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert seen == paper


def test_the_theme_is_switched_and_kept(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, color_scheme="light")
    visit.page.goto(visit.site.url("rope/"))
    visit.page.locator(".settings summary").click()
    visit.page.get_by_role("button", name="Dark").click()
    dark = "getComputedStyle(document.body).backgroundColor === 'rgb(25, 24, 22)'"
    assert visit.page.evaluate(dark)
    visit.page.goto(visit.site.url(""))
    assert visit.page.evaluate(dark)


@pytest.mark.parametrize("width", [360, 1280])
def test_every_target_can_be_hit(built: Built, visiting: Visiting, chromium: Browser, width: int):
    visit = visiting(chromium, viewport={"width": width, "height": 800})
    for address in built.addresses:
        visit.page.goto(visit.site.url(address))
        visit.page.locator(".settings summary").click()
        assert visit.page.evaluate(TARGETS) == [], address
