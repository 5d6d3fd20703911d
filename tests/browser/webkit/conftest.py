"""WebKit's windows, one of each kind for a run: they take seconds to open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.browser.real.conftest import built, real
from tests.browser.serving import Site

from .driving import WebKit, display

__all__ = ["built", "real"]  # fixtures for the tests here

READ = """(name) => {
  const figure = document.querySelector(`#exhibit-${name}`);
  const shapes = [...figure.querySelectorAll(".picture svg, .picture svg *")];
  return {
    rung: figure.dataset.rung,
    sentence: figure.querySelector("output").textContent.trim(),
    picture: shapes.map((e) =>
      e.localName + [...e.attributes].map((a) => ` ${a.name}=${a.value}`).sort()).join("\\n"),
  };
}"""
SET = """(name, values) => {
  const figure = document.querySelector(`#exhibit-${name}`);
  const form = figure.querySelector("form");
  for (const [control, value] of Object.entries(values)) {
    const field = form.elements.namedItem(control);
    if (field.type === "checkbox") field.checked = value;
    else field.value = String(value);
    (field instanceof RadioNodeList ? field[0] : field)
      .dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""
SETTING = """(value) => {
  const before = localStorage.getItem("workings-python");
  localStorage.setItem("workings-python", value);
  return before === value;
}"""
STATES_CAME = """(name) => {
  document.querySelector(`#exhibit-${name}`).scrollIntoView({ behavior: "instant" });
  return performance.getEntriesByType("resource")
    .some((e) => e.name.includes(`states/${name}.`) && e.responseEnd > 0);
}"""


@dataclass
class Reading:
    """A page of a site, open in WebKit."""

    browser: WebKit
    site: Site

    def open(self, path: str, python: str = "never") -> "Reading":
        """Go to a page with a setting for Python; its own script has run then."""
        self.browser.open(self.site.url(path))
        if not self.browser.run(SETTING, python):
            self.browser.open(self.site.url(path))
        self.browser.wait("() => document.documentElement.dataset.script === 'ready'")
        return self

    def read(self, name: str) -> dict[str, Any]:
        """Return an exhibit's rung, sentence and picture."""
        return self.browser.run(READ, name)

    def set(self, name: str, values: dict[str, object]) -> None:
        """Move an exhibit's controls."""
        self.browser.run(SET, name, values)

    def wait_for_states(self, name: str) -> None:
        """Bring an exhibit into view and wait for its baked states."""
        self.browser.wait(STATES_CAME, name)
        self.browser.wait("() => new Promise((done) => setTimeout(done, 100, true))")

    def press(self, name: str, action: str) -> None:
        """Press one of an exhibit's buttons."""
        self.browser.click(f"#exhibit-{name} button[data-action={action}]")

    def wait_for(self, name: str, rung: str, text: str = "", seconds: float = 20) -> dict[str, Any]:
        """Wait until an exhibit is on a rung and says a text; return what it shows."""
        self.browser.wait(
            "(name, rung, text) => { const f = document.querySelector(`#exhibit-${name}`);"
            " return f.dataset.rung === rung && f.querySelector('output').textContent"
            ".includes(text); }",
            name,
            rung,
            text,
            seconds=seconds,
        )
        return self.read(name)

    def start(self) -> None:
        """Start Python and wait until it is ready."""
        self.browser.click("button[data-action=run]")
        self.python()

    def python(self, state: str = "ready", seconds: float = 90) -> None:
        """Wait for Python to be in a state."""
        asked = "(state) => document.documentElement.dataset.python === state"
        self.browser.wait(asked, state, seconds=seconds)


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    with display() as name:
        yield name


@pytest.fixture(scope="session")
def webkit(screen: str) -> Iterator[WebKit]:
    """Give a window as readers have it."""
    browser = WebKit(screen)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def scriptless(screen: str) -> Iterator[WebKit]:
    """Give a window in which no page's script runs."""
    browser = WebKit(screen, script=False)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def dark(screen: str) -> Iterator[WebKit]:
    """Give a window that prefers dark pages."""
    browser = WebKit(screen, dark=True)
    yield browser
    browser.close()


@pytest.fixture
def reading(webkit: WebKit, site: Site) -> Reading:
    """Give a window onto the workbench's site, on no page yet."""
    return Reading(webkit, site)
