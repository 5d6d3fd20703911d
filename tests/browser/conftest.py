"""The workbench's site, served, and visits to it that notice what must never happen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from .building import shared_site
from .serving import Site
from .workbench import PAGE, SOURCE

expect.set_options(timeout=60_000)  # a busy machine is no fault of the site's

VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@dataclass
class Visit:
    """A page in a browser profile of its own, and what it did."""

    context: BrowserContext
    page: Page
    site: Site
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def open(self, fragment: str = "") -> "Visit":
        """Go to the workbench."""
        self.page.goto(self.site.url(PAGE) + fragment)
        self.page.wait_for_selector("html[data-script=ready]")
        return self

    def figure(self, name: str = "scores") -> "Figure":
        """Return an exhibit."""
        return Figure(self.page, name)

    def settings(self) -> Locator:
        """Unfold the page's settings, and return them."""
        panel = self.page.locator("details.settings")
        if panel.get_attribute("open") is None:
            panel.locator("summary").click()
        return panel

    def python(self, state: str = "ready", timeout: float = 60_000) -> None:
        """Wait for Python to be in a state."""
        self.page.wait_for_selector(f"html[data-python={state}]", timeout=timeout)

    def start(self) -> None:
        """Start Python and wait until it is ready."""
        self.figure().press("run")
        self.python()
        self.figure().wait_for_rung("live")


class Figure:
    """An exhibit as a reader works it."""

    def __init__(self, page: Page, name: str):
        self.page = page
        self.element = page.locator(f"#exhibit-{name}")

    def __getattr__(self, name: str):
        return getattr(self.element, name)

    @property
    def rung(self) -> str | None:
        return self.element.get_attribute("data-rung")

    @property
    def sentence(self) -> str:
        return self.element.locator("output").inner_text()

    @property
    def note(self) -> str:
        return self.element.locator(".rung-note").inner_text()

    def press(self, action: str) -> None:
        """Press one of the exhibit's buttons."""
        self.element.locator(f"button[data-action={action}]").click()

    def set(self, name: str, value: object) -> dict[str, str]:
        """Type a value as an input event does, and say what stood there when the event was over."""
        return self.element.evaluate(
            """(figure, [name, value]) => {
              const field = figure.querySelector("form").elements.namedItem(name);
              if (field.type === "checkbox") field.checked = value;
              else field.value = String(value);
              const from = field instanceof RadioNodeList ? field[0] : field;
              from.dispatchEvent(new Event("input", { bubbles: true }));
              return { rung: figure.dataset.rung,
                       sentence: figure.querySelector("output").textContent,
                       note: figure.querySelector(".rung-note").textContent };
            }""",
            [name, value],
        )

    def wait_for_states(self) -> None:
        """Bring the exhibit into view, and wait until its baked states were asked for and came."""
        self.element.scroll_into_view_if_needed()
        name = self.element.get_attribute("data-exhibit")
        self.page.wait_for_function(
            "name => performance.getEntriesByType('resource')"
            ".some((e) => e.name.includes(`states/${name}.`) && e.responseEnd > 0)",
            arg=name,
        )
        self.page.wait_for_timeout(100)

    def wait_for_rung(self, rung: str) -> None:
        """Wait until the picture comes from a rung."""
        self.page.wait_for_selector(
            f"#{self.element.get_attribute('id')}[data-rung={rung}]", timeout=60_000
        )

    def wait_for_sentence(self, text: str, timeout: float = 60_000) -> None:
        """Wait until the sentence holds a text."""
        self.element.locator("output", has_text=text).wait_for(timeout=timeout)

    def type_code(self, source: str) -> None:
        """Put source into the open editor."""
        self.element.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def source(self) -> str:
        """Return the exhibit's published source."""
        return self.element.locator(".exhibit-schema").evaluate(
            """async (script) => {
              const page = JSON.parse(document.querySelector("#workings-page").textContent);
              const whole = await (await fetch(page.exhibits_source)).text();
              return whole.slice(...JSON.parse(script.textContent).span);
            }"""
        )

    def run_code(self, source: str) -> None:
        """Open the editor if need be, put source into it and run it with the keyboard."""
        if not self.element.locator(".cm-content").is_visible():
            self.press("edit")
            self.element.locator(".cm-content").wait_for()
        self.type_code(source)
        self.page.keyboard.press("Control+Enter")


@pytest.fixture(scope="session")
def workbench_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_site(tmp_path_factory, "workbench-site", SOURCE)


@pytest.fixture
def site(workbench_folder: Path) -> Iterator[Site]:
    """Serve the workbench's site on an origin that no other test has."""
    served = Site(workbench_folder)
    yield served
    served.close()


@pytest.fixture
def outsider(tmp_path: Path) -> Iterator[Site]:
    """Serve another origin, which counts who asks it for anything."""
    served = Site(tmp_path)
    yield served
    served.close()


Visiting = Callable[..., Visit]


@pytest.fixture
def visiting(site: Site) -> Iterator[Visiting]:
    """Give a function that opens a profile; at the end nothing may have gone wrong in any."""
    visits: list[Visit] = []

    def visit(browser: Browser, script: str = "", **options: object) -> Visit:
        context = browser.new_context(**options)
        context.add_init_script(VIOLATIONS + script)
        page = context.new_page()
        made = Visit(context, page, site)
        page.on("pageerror", lambda error: made.errors.append(f"{error} {error.stack}"))
        page.on("console", lambda line: made.console.append(f"{line.type}: {line.text}"))
        page.on("request", lambda request: _note(made, request.url))
        visits.append(made)
        return made

    yield visit
    for made in visits:
        broken = made.page.evaluate("window.violations") if "://" in made.page.url else []
        made.context.close()
        assert made.errors == []
        assert broken == []
        assert made.elsewhere == []


def _note(visit: Visit, url: str) -> None:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme in ("http", "https") and origin != visit.site.origin:
        visit.elsewhere.append(url)


def forgive(visit: Visit) -> None:
    """Pyodide, in its worker, leaves rejections unheard where its start goes wrong.

    One that comes through the service worker has no stack.
    """
    visit.errors[:] = [
        error
        for error in visit.errors
        if "/pyodide/" not in error and error.strip() != "Failed to fetch"
    ]


@pytest.fixture
def visit(visiting: Visiting, chromium: Browser) -> Visit:
    """Give a visit with Chromium, not yet on any page."""
    return visiting(chromium)


@pytest.fixture
def figure(visit: Visit) -> Figure:
    """Give an exhibit with Python ready."""
    visit.open()
    visit.start()
    return visit.figure()
