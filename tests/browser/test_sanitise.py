"""Sanitising loses nothing of a picture as Python draws it, and holds its limits."""

import pytest
from workings import figure

from .conftest import Visit

pytestmark = pytest.mark.browser

SHOWN = """async ([url, svg]) => {
  const { sanitise } = await import(url);
  const lines = (e) => [e.localName, ...[...e.attributes].map((a) => `${a.name}=${a.value}`).sort(),
    e.childElementCount ? "" : e.textContent];
  const made = sanitise(svg, "scores");
  const given = new DOMParser().parseFromString(
    svg.replace(/^<svg(?![^>]* xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"'),
    "image/svg+xml").documentElement;
  if (!/^<svg[^>]* xmlns=/.test(svg)) given.removeAttribute("xmlns");
  const all = (root) => [root, ...root.querySelectorAll("*")].map(lines);
  return [all(made), all(given)];
}"""


def everything() -> str:
    """Draw with every method that the axes have."""
    import numpy as np

    fig, ax = figure()
    x = np.linspace(0, 6, 40)
    ax.plot(x, np.sin(x), label="sine")
    ax.plot(x, np.cos(x), "--", color="C3", marker="o")
    ax.bar([1, 2, 3], [0.1, 0.5, 0.2], color="C1")
    ax.scatter([1, 2], [0.3, 0.2])
    ax.fill_between(x, 0, np.sin(x), alpha=0.3)
    ax.step(x, x / 6)
    ax.axhline(0.5, linestyle=":")
    ax.text(1, 0.5, "a note & more")
    ax.annotate("peak", xy=(1.5, 1), xytext=(3, 0.9), arrowprops={"arrowstyle": "->"})
    ax.set_title("Everything")
    ax.set_xlabel("x")
    ax.legend()
    return fig.svg(prefix="scores")


def heat() -> str:
    """Draw a heat map, which is an image used as a mask."""
    import numpy as np

    fig, ax = figure()
    ax.imshow(np.arange(64.0).reshape(8, 8))
    return fig.svg(prefix="scores")


@pytest.fixture
def scripts(visit: Visit) -> str:
    visit.open()
    source = visit.page.locator("script[src$='main.js']").get_attribute("src")
    return visit.page.evaluate("(src) => new URL(src, location.href).href", source)


@pytest.mark.parametrize("draw", [everything, heat])
def test_nothing_of_an_honest_picture_is_lost(visit: Visit, scripts: str, draw):
    url = scripts.replace("main.js", "sanitise.js")
    made, given = visit.page.evaluate(SHOWN, [url, draw()])
    assert made == given
    assert len(made) > 10


@pytest.mark.parametrize(
    "svg",
    [
        "",
        "ink",
        "<p>ink</p>",
        "<svg",
        "<svg xmlns='http://www.w3.org/1999/xhtml'/>",
        "<!DOCTYPE svg><svg/>",
        "<svg>" + "<g>" * 100 + "</g>" * 100 + "</svg>",
        "<svg>" + "<g/>" * 50_000 + "</svg>",
        "<svg>" + " " * 5_000_000 + "</svg>",
    ],
    ids=["empty", "text", "html", "cut", "xhtml", "doctype", "deep", "many", "long"],
)
def test_what_is_no_picture_is_refused(visit: Visit, scripts: str, svg: str):
    refused = visit.page.evaluate(
        """async ([url, svg]) => {
          const { sanitise } = await import(url);
          try { sanitise(svg, "scores"); } catch (error) { return error.message; }
        }""",
        [scripts.replace("main.js", "sanitise.js"), svg],
    )
    assert refused.startswith("The picture ")
    visit.page.evaluate("window.violations.splice(0)")  # the parser's own page for bad XML


@pytest.mark.parametrize(
    "given",
    [
        "<rect fill='url(#other-mask)'/>",
        "<rect fill='url( //evil.example/x )'/>",
        "<rect fill='u\\72l(x)'/>",
        "<use href='#other'/>",
        "<use href='//evil.example#scores-x'/>",
        "<image href='data:image/png;base64,AA\"onload'/>",
        "<image href='data:image/gif;base64,AAAA'/>",
        "<image href=' data:image/png;base64,AAAA'/>",
        "<g id='other'/>",
        "<g id='scores-x y'/>",
        "<g class='site-header skip'/>",
        "<g style='fill:red'/>",
        "<g data-exhibit='scores' data-action='run'/>",
        "<g tabindex='0' onfocus='x'/>",
    ],
)
def test_an_attribute_that_could_reach_further_is_dropped(visit: Visit, scripts: str, given: str):
    url = scripts.replace("main.js", "sanitise.js")
    made, _ = visit.page.evaluate(SHOWN, [url, f"<svg>{given}</svg>"])
    visit.page.evaluate("window.violations.splice(0)")
    assert made[1][1:] == [""]
