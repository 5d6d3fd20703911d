"""The page as a whole: budgets, policy, layout, keyboard."""

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .conftest import Visit, Visiting

pytestmark = pytest.mark.browser

SCRIPTS = Path(__file__).parents[2] / "site/scripts"
IMPORT = re.compile(r'^import\b[^;]*?from "\./([\w.]+)"', re.MULTILINE)
ONLY_BAKED = "try { localStorage.setItem('workings-python', 'never'); } catch {}"
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    for (const { node, previousRect: a, currentRect: b } of entry.sources)
      window.shifts.push(`${node?.nodeName} ${node?.className} ${[a.x, a.y, b.x, b.y]}`);
}).observe({ type: "layout-shift", buffered: true });
"""


def eager() -> list[Path]:
    """Return the scripts that every page loads at once."""
    found = [SCRIPTS / "early.js", SCRIPTS / "main.js"]
    for path in found:  # grows while it is read
        named = IMPORT.findall(path.read_text(encoding="utf-8"))
        found += [SCRIPTS / name for name in named if SCRIPTS / name not in found]
    return found


def test_the_first_view_has_at_most_40_kilobytes_of_script():
    paths = eager()
    assert len(paths) > 10
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths) <= 40_000


def test_the_tools_are_not_among_the_first_scripts(visit: Visit, site):
    visit.open()
    visit.figure().wait_for_states()
    asked = {Path(path).name for path in site.requests}
    assert {path.name for path in eager()} <= asked
    later = {
        "edit.js",
        "desk.js",
        "editor.js",
        "play.js",
        "download.js",
        "links.js",
        "core.js",
        "host.js",
    }
    assert not asked & later


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.js")), ids=lambda path: path.name)
def test_a_module_is_short_checked_and_says_what_it_is(path: Path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("// @ts-check\n")
    assert "/**" in text.split("import ")[0]
    assert text.count("\n") <= 150
    assert not re.search(r"\binnerHTML\b|\beval\(|new Function\b|document\.write", text)
    assert max(len(line) for line in text.splitlines()) <= 110


def test_nothing_shifts_when_exhibits_come_alive(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, SHIFTS + "localStorage.setItem('workings-python', 'always');")
    visit.open()
    visit.python()
    for figure in (visit.figure(), visit.figure("wave")):
        figure.wait_for_states()
        # Without an input event before it, a shift can't be excused by one.
        figure.evaluate(
            "(f) => { f.querySelector('input[type=number]').dispatchEvent("
            "new Event('input', { bubbles: true })) }"
        )
    visit.figure().wait_for_rung("live")
    visit.figure("wave").wait_for_rung("live")
    visit.page.wait_for_timeout(500)
    shifts = visit.page.evaluate("window.shifts")
    assert not shifts, shifts


def test_everything_can_be_done_with_the_keyboard_alone(visiting: Visiting, each_browser: Browser):
    visit = visiting(each_browser, ONLY_BAKED).open()
    figure = visit.figure()
    figure.wait_for_states()
    keyboard = visit.page.keyboard
    visit.page.locator(".settings summary").focus()
    seen = []
    for _ in range(40):
        keyboard.press("Tab")
        on = visit.page.evaluate(
            """(({ name, dataset, type }) =>
              dataset.slider ? "range" : dataset.action || name || type)(document.activeElement)"""
        )
        seen.append(on)
        if on == "d_k":
            keyboard.press("ArrowUp")
            figure.locator(".rung-note", has_text="65").wait_for()
        elif on == "range":
            keyboard.press("End")
            if "With d_k" in figure.sentence and "512" not in figure.sentence:
                figure.wait_for_sentence("With d_k = 512 ")
        elif on == "scaled":
            keyboard.press("Space")
        elif on == "mask":
            keyboard.press("ArrowDown")
        elif on == "data":
            keyboard.press("Enter")
            assert figure.locator(".data").is_visible()
            break
    order = ["d_k", "range", "scaled", "mask", "run", "edit", "reset"]
    assert [on for on in seen if on in order] == order
    visit.page.wait_for_function(
        "() => location.hash === '#exhibit-scores?d_k=512&scaled=false&mask=full'"
    )


def test_no_request_leaves_the_origin_and_the_policy_is_kept(visit: Visit):
    """What the visit's own end asserts, after everything that a reader can open was opened."""
    visit.open()
    visit.start()
    figure = visit.figure()
    for action in ("data", "edit", "download", "play"):
        figure.press(action)
    figure.locator(".cm-content").wait_for()
    figure.run_code(figure.source())
    visit.page.locator("button[data-action=run-claims]").click()
    visit.page.wait_for_timeout(1500)
    assert visit.page.evaluate("window.violations") == []
    assert not [line for line in visit.console if line.startswith(("error", "warning"))]
