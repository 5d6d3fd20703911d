"""A theme that holds from the first moment, and stays."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visiting
from tests.browser.serving import Site

pytestmark = pytest.mark.browser


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
