"""Every page, walked from its first to its last stop with the keyboard alone."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Visiting
from tests.browser.serving import Site
from tests.explainers import pages

from .conftest import Built
from .test_ladder import ONLY_BAKED

pytestmark = pytest.mark.browser

MOST_STOPS = 900
AT = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const { outlineStyle, boxShadow } = getComputedStyle(at.closest("label") ?? at);
  const own = getComputedStyle(at);
  const exhibit = at.closest("figure.exhibit")?.dataset.exhibit ?? "";
  return {
    what: `${exhibit}/${at.dataset.action ?? at.name ?? ""}`,
    shown: [own.outlineStyle, outlineStyle].some((style) => style !== "none")
      || [own.boxShadow, boxShadow].some((shadow) => shadow !== "none"),
    html: at.outerHTML.slice(0, 100),
  };
}"""
KEYS = {"checkbox": ["Space"], "text": ["End", "Backspace"]}
ANSWERED = """(name) => document.querySelector(`#exhibit-${name}`).dataset.rung !== "html"
  || document.querySelector(`#exhibit-${name} .rung-note`).textContent"""


@pytest.fixture
def site(real: Site) -> Site:
    """Let visits go to the real site."""
    return real


def walk(page: Page) -> list[dict]:
    """Press Tab until the focus leaves the page; return where it stood."""
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at = page.evaluate(AT)
        if at is None:
            return stops
        stops.append(at)
    raise AssertionError(f"The focus never leaves the page; it ends at {stops[-1]['html']}")


@pytest.mark.parametrize("slug", sorted(pages()))
def test_the_focus_is_seen_and_comes_by_everything_that_an_exhibit_has(
    built: Built, visiting: Visiting, chromium: Browser, slug: str
):
    visit = visiting(chromium, ONLY_BAKED)
    path = next(page["path"] for page in built.pages if page["slug"] == slug)
    visit.page.goto(visit.site.url(path))
    visit.page.wait_for_selector("html[data-script=ready]")
    stops = walk(visit.page)
    assert [stop["html"] for stop in stops if not stop["shown"]] == []
    reached = {stop["what"] for stop in stops}
    for name, exhibit in pages()[slug].exhibits.items():
        wanted = [*(control.name for control in exhibit.controls), "run", "edit", "data", "link"]
        assert [part for part in wanted if f"{name}/{part}" not in reached] == [], name
        if not exhibit.controls:
            continue
        figure = visit.figure(name)
        figure.wait_for_states()
        field = figure.locator(f"form [name={exhibit.controls[0].name}]").first
        field.focus()
        before = field.input_value()
        for key in KEYS.get(field.get_attribute("type"), ["ArrowDown"]):
            visit.page.keyboard.press(key)
        if field.input_value() == before and field.get_attribute("type") != "checkbox":
            visit.page.keyboard.press("ArrowUp")  # it stood at its end
        visit.page.wait_for_function(ANSWERED, arg=name)
