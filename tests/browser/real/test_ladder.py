"""Every page of the site, up the reading ladder, in both browsers."""

import json

import pytest
from playwright.sync_api import Browser, Page
from workings.controls import Control
from workings.session import Session

from tests.browser.aria import expect_told
from tests.browser.conftest import Visiting
from tests.browser.serving import Site
from tests.explainers import exhibit_names, pages

from .axe import faults
from .conftest import Built

pytestmark = pytest.mark.browser

ONLY_BAKED = "try { localStorage.setItem('workings-python', 'never'); } catch {}"
READ = """(figure) => ({
  rung: figure.dataset.rung,
  svg: figure.querySelector(".picture").innerHTML.trim(),
  sentence: figure.querySelector("output").textContent.trim(),
})"""
SET = """(figure, values) => {
  const form = figure.querySelector("form");
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field.type === "checkbox") field.checked = value;
    else field.value = String(value);
    (field instanceof RadioNodeList ? field[0] : field)
      .dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


@pytest.fixture
def site(real: Site) -> Site:
    """Let visits go to the real site."""
    return real


def far(control: Control) -> object:
    """Choose the stop furthest from a control's default."""
    stops = [stop for stop in control.stops if stop != control.default]
    return stops[-1]


def address(built: Built, slug: str) -> str:
    return next(page["path"] for page in built.pages if page["slug"] == slug)


def read(page: Page, name: str) -> dict:
    return page.locator(f"#exhibit-{name}").evaluate(READ)


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_without_script_every_page_is_complete(
    built: Built, visiting: Visiting, request: pytest.FixtureRequest, browser: str
):
    # Firefox is driven without a switch for scripts; blocking them all comes to the same.
    options = {"java_script_enabled": False} if browser == "chromium" else {}
    visit = visiting(request.getfixturevalue(browser), **options)
    if browser == "firefox":
        visit.page.route("**/*.js", lambda route: route.abort())
    for page in built.pages:
        visit.page.goto(visit.site.url(page["path"]))
        figures = visit.page.locator("figure.exhibit")
        assert figures.count() == len(page["exhibits"])
        for exhibit in page["exhibits"]:
            figure = visit.page.locator(f"#exhibit-{exhibit['name']}")
            assert figure.get_attribute("data-rung") == "html"
            box = figure.locator(".picture svg").bounding_box()
            assert box and box["width"] > 200 and box["height"] > 100
            assert figure.locator("output").inner_text().strip() == exhibit["sentence"]
            assert figure.locator(".data table tbody tr").count() > 0
        if page["kind"] == "paper":
            assert visit.page.locator(".katex math").count() > 0
        assert visit.page.locator("#claims tbody tr").count() >= len(page["claims"])
        assert visit.page.locator("html").get_attribute("data-script") is None
    assert not [path for path in visit.site.requests if path.endswith((".json", ".wasm"))]
    visit.page.goto("about:blank")


@pytest.mark.parametrize("slug", sorted(pages()))
def test_the_three_rungs_show_the_same_and_claims_run(
    built: Built, visiting: Visiting, each_browser: Browser, axe_source: str, slug: str
):
    """A state's picture and sentence don't depend on their rung; claims hold in the page too.

    What is told to assistive technology is the state as well, on each rung. Alive, with its editor
    and its numbers open, axe finds nothing wrong with the page.
    """
    chromium = each_browser.browser_type.name == "chromium"
    source = pages()[slug]
    session = Session(source)
    path = address(built, slug)
    states = {
        name: {control.name: far(control) for control in exhibit.controls[:1]}
        for name, exhibit in source.exhibits.items()
    }
    seen: dict[str, dict] = {}

    visit = visiting(each_browser, ONLY_BAKED)
    visit.page.goto(visit.site.url(path))
    visit.page.wait_for_selector("html[data-script=ready]")
    for name, state in states.items():
        first = read(visit.page, name)
        assert first["rung"] == "html"
        assert first["sentence"] == session.answer({"exhibit": name})["sentence"]
        figure = visit.page.locator(f"#exhibit-{name}")
        if chromium:
            expect_told(figure, source.exhibits[name], {}, first["sentence"])
        figure.scroll_into_view_if_needed()
        visit.figure(name).wait_for_states()
        figure.evaluate(SET, state)
        seen[name] = read(visit.page, name)
        assert seen[name]["rung"] == "baked", (name, state)
        answer = session.answer({"exhibit": name, "state": state})
        assert seen[name]["sentence"] == answer["sentence"]
        if chromium:
            expect_told(figure, source.exhibits[name], state, answer["sentence"])

    visit.page.locator("button[data-action=run]").first.click()
    visit.python()
    for name in states:  # each was moved, so each goes live
        visit.figure(name).wait_for_rung("live")
        visit.figure(name).wait_for_sentence(seen[name]["sentence"])
        assert read(visit.page, name)["svg"] == seen[name]["svg"], name
        if chromium:
            figure = visit.page.locator(f"#exhibit-{name}")
            expect_told(figure, source.exhibits[name], states[name], seen[name]["sentence"])
    if chromium:  # one start of Python serves all
        for name in source.claims:
            row = visit.page.locator(f"#claim-{name}")
            row.locator("button[data-action=run-claim]").click()
            visit.page.wait_for_selector(f"#claim-{name}[data-result=pass]", timeout=60_000)
        figure = visit.figure(next(iter(states)))
        figure.press("data")
        figure.press("edit")
        figure.locator(".cm-content").wait_for()
        for scheme in ("light", "dark"):
            visit.page.emulate_media(color_scheme=scheme)
            assert faults(visit.page, axe_source) == [], scheme


def test_each_exhibit_has_the_agreed_elements(built: Built, visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, ONLY_BAKED)
    for slug, name in exhibit_names():
        url = visit.site.url(address(built, slug))
        if visit.page.url != url:
            visit.page.goto(url)
        figure = visit.page.locator(f"figure.exhibit#exhibit-{name}[data-exhibit={name}]")
        assert figure.count() == 1
        exhibit = pages()[slug].exhibits[name]
        assert figure.locator("form").count() == 1
        for control in exhibit.controls:
            field = figure.locator(f"form [name={control.name}]").first
            labels = field.evaluate("(field) => [...field.labels].map((l) => l.textContent)")
            assert any(text.strip() for text in labels), (slug, name, control.name)
        assert figure.locator(".picture > svg").count() == 1
        assert figure.locator("output[aria-live=polite]").count() == 1
        wanted = {"run", "edit", "reset", "data", "link", "download"}
        wanted |= {"play"} if exhibit.playable else set()
        actions = figure.locator("button[data-action]").evaluate_all(
            "(buttons) => buttons.map((button) => button.dataset.action)"
        )
        assert wanted <= set(actions), (slug, name)
        published = figure.locator("script.exhibit-schema").text_content()
        assert published and json.loads(published)["controls"] == exhibit.schema()["controls"]
