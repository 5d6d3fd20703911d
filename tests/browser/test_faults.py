"""What goes wrong on the way: the page stays readable, says so quietly, and the work is kept."""

import pytest
from playwright.sync_api import Browser

from .conftest import Figure, Visit, Visiting, forgive
from .serving import Fault, Site, missing, slow, spoilt, truncated

pytestmark = pytest.mark.browser

CONTROLLED = "() => navigator.serviceWorker.controller !== null"
WRONG_CLOCK = """{{ const now = Date.now, off = Date.UTC({year}, 6) - now();
  Date.now = () => now() + off;
  globalThis.Date = new Proxy(Date, {{ construct: (target, given) =>
    given.length ? new target(...given) : new target(Date.now()) }}); }}"""
PYTHON_FAILED = "Python could not start; the computed pictures still"


def work(visit: Visit) -> Figure:
    """Do what a reader might lose: move a control to a state that only Python can draw."""
    visit.open()
    figure = visit.figure()
    figure.wait_for_states()
    figure.set("mask", "full")
    figure.set("d_k", 100)
    return figure


def still_there(figure: Figure) -> None:
    """The control, the address and the answer from baked states are as the reader left them."""
    assert figure.locator("input[name=d_k]").input_value() == "100"
    figure.page.wait_for_function("() => location.hash === '#exhibit-scores?d_k=100&mask=full'")
    assert figure.sentence.startswith("With d_k = 128 ")
    assert figure.note.startswith("Nearest computed picture: d_k = 128")


def retry(visit: Visit, figure: Figure) -> None:
    """Press Retry: Python starts and draws what was asked for."""
    visit.page.locator(".python-status").get_by_role("button", name="Retry").click()
    visit.python()
    figure.wait_for_sentence("With d_k = 100 ")
    assert figure.rung == "live"


@pytest.mark.parametrize(
    "file", ["pyodide.asm.wasm", "python_stdlib.zip", "pyodide.asm.js", "core.js", "workings.zip"]
)
@pytest.mark.parametrize("fault", [missing, truncated, spoilt])
def test_a_file_of_the_runtime_that_fails_costs_python_and_nothing_else(
    visit: Visit, site: Site, fault: Fault, file: str
):
    site.faults[f"*/{file}"] = fault
    figure = work(visit)
    visit.python("failed")
    still_there(figure)
    assert visit.page.locator(".python-status").inner_text().startswith(PYTHON_FAILED)
    site.faults.clear()
    retry(visit, figure)
    forgive(visit)


@pytest.mark.parametrize("fault", [missing, truncated, spoilt])
def test_states_that_fail_leave_the_published_picture(visit: Visit, site: Site, fault: Fault):
    site.faults["*/states/scores.*"] = fault
    visit.open()
    visit.page.evaluate("localStorage.setItem('workings-python', 'never')")
    visit.page.reload()
    visit.page.wait_for_selector("html[data-script=ready]")
    figure = visit.figure()
    figure.locator("button[data-action=run]").scroll_into_view_if_needed()
    shown = figure.sentence
    figure.set("d_k", 100)
    figure.page.wait_for_function(
        "() => document.querySelector('#exhibit-scores .rung-note').textContent !== ''"
    )
    assert figure.sentence == shown
    assert figure.locator("input[name=d_k]").input_value() == "100"
    figure.press("run")
    visit.python()
    figure.wait_for_sentence("With d_k = 100 ")


def test_a_slow_line_is_no_obstacle_to_reading(visit: Visit, site: Site):
    site.faults["*/runtime/*"] = slow
    figure = work(visit)
    bar = visit.page.locator(".python-status progress, [data-python-status] progress").first
    bar.wait_for(state="attached")
    still_there(figure)
    assert figure.set("d_k", 128)["rung"] == "baked"
    visit.page.wait_for_timeout(2000)
    assert figure.set("d_k", 256)["sentence"].startswith("With d_k = 256 ")
    assert visit.page.evaluate("document.documentElement.dataset.python") == "starting"


def test_a_server_that_goes_while_python_starts_and_comes_back(visit: Visit, site: Site):
    site.faults["*.whl"] = site.faults["*python_stdlib.zip"] = slow
    figure = work(visit)
    visit.page.wait_for_timeout(1500)
    site.down = True
    site.faults["*.whl"] = site.faults["*python_stdlib.zip"] = truncated
    visit.page.context.set_offline(True)
    visit.python("failed", timeout=120_000)
    still_there(figure)
    visit.page.context.set_offline(False)
    site.down = False
    site.faults.clear()
    retry(visit, figure)
    forgive(visit)


@pytest.mark.parametrize("module", ["main.js", "page.js", "exhibit.js", "sanitise.js"])
def test_a_script_that_is_blocked_leaves_the_page_complete(
    visiting: Visiting, chromium: Browser, site: Site, module: str
):
    visit = visiting(chromium, service_workers="block")
    site.faults[f"*/scripts/{module}"] = missing
    visit.page.goto(site.url("articles/workbench/"))
    visit.page.wait_for_load_state("networkidle")
    figure = visit.figure()
    assert figure.rung == "html"
    assert figure.locator(".picture svg").is_visible()
    assert figure.sentence
    visit.errors.clear()


@pytest.mark.parametrize(
    ("tool", "press"), [("edit.js", "edit"), ("play.js", "play"), ("download.js", "download")]
)
def test_a_tool_that_is_blocked_takes_nothing_else_along(
    visit: Visit, site: Site, tool: str, press: str
):
    site.faults[f"*/scripts/{tool}"] = missing
    figure = work(visit)
    visit.python()
    figure.wait_for_sentence("With d_k = 100 ")
    figure.press(press)
    figure.locator(".rung-note", has_text="This could not be fetched; reload the page").wait_for()
    figure.set("d_k", 101)
    figure.wait_for_sentence("With d_k = 101 ")


def test_going_offline_before_anything_was_kept_is_said_by_the_exhibit(visit: Visit):
    visit.open()
    figure = visit.figure()
    figure.wait_for_states()
    visit.page.context.set_offline(True)
    figure.set("d_k", 100)
    visit.python("failed")
    assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")
    visit.page.context.set_offline(False)
    figure.set("d_k", 100)
    retry(visit, figure)
    forgive(visit)


@pytest.mark.parametrize("year", [1999, 2199])
def test_a_wrong_clock_changes_nothing(visiting: Visiting, chromium: Browser, year: int):
    visit = visiting(chromium, WRONG_CLOCK.format(year=year)).open()
    assert visit.page.evaluate("new Date().getFullYear()") == year
    visit.page.wait_for_function(CONTROLLED)
    visit.start()
    visit.figure().set("d_k", 100)
    visit.figure().wait_for_sentence("With d_k = 100 ")


def test_kept_files_that_are_deleted_are_fetched_again(visit: Visit):
    visit.open()
    visit.page.wait_for_function(CONTROLLED)
    visit.start()
    visit.page.evaluate(
        """async () => {
          for (const name of await caches.keys()) await caches.delete(name);
          localStorage.clear();
        }"""
    )
    figure = visit.figure()
    figure.set("d_k", 99)
    figure.wait_for_sentence("With d_k = 99 ")
    visit.page.wait_for_function("() => location.hash.endsWith('d_k=99')")
    visit.page.reload()
    visit.page.wait_for_selector("html[data-script=ready]")
    figure.wait_for_states()
    figure.wait_for_sentence("With d_k = 128 ")  # the nearest to what the address holds
