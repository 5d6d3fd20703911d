"""When Python starts, how it says so, and what becomes of requests meanwhile."""

import pytest
from playwright.sync_api import Browser

from .conftest import Visit, Visiting

pytestmark = pytest.mark.browser

SAVE_DATA = """Object.defineProperty(Navigator.prototype, "connection",
  { get: () => ({ saveData: true }) });"""
NO_STORAGE = """Object.defineProperty(window, "localStorage",
  { get() { throw new DOMException("refused", "SecurityError"); } });"""
STATE = "document.documentElement.dataset.python"


def test_the_bytes_are_stated_before_python_starts(visit: Visit):
    visit.open()
    status = visit.settings().locator("[data-python-status]").inner_text()
    stated = visit.page.evaluate(
        "JSON.parse(document.getElementById('workings-page').textContent).bytes.python"
    )
    assert status == f"Python starts when you touch a control ({stated / 1e6:.1f} MB)."


def test_progress_is_shown_while_python_starts(visit: Visit):
    visit.open()
    visit.page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const bar = document.querySelector("[data-python-status] progress");
            if (bar) window.seen.push(bar.hasAttribute("value") ? bar.value : null);
          }).observe(document.querySelector("[data-python-status]"),
                     { subtree: true, childList: true, attributes: true });
        }"""
    )
    visit.start()
    seen = [share for share in visit.page.evaluate("window.seen") if share is not None]
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1] <= 1
    assert visit.settings().locator("[data-python-status]").inner_text() == (
        "Python is running in this page."
    )


def test_a_touch_does_not_start_python_where_data_is_to_be_saved(visiting: Visiting, chromium):
    visit = visiting(chromium, SAVE_DATA).open()
    figure = visit.figure()
    figure.wait_for_states()
    assert figure.set("d_k", 100)["note"].endswith("start Python for 100.")
    visit.page.wait_for_timeout(300)
    assert visit.page.evaluate(STATE) == "off"
    assert not any(path.endswith(".wasm") for path in visit.site.requests)
    assert (
        "when you press Run live" in visit.settings().locator("[data-python-status]").inner_text()
    )
    figure.press("run")
    visit.python()
    figure.wait_for_sentence("With d_k = 100 ")


@pytest.mark.parametrize("setting", ["always", "never"])
def test_the_setting_is_remembered(visit: Visit, setting: str):
    visit.open()
    visit.settings().locator("select[name=python]").select_option("never")
    if setting == "always":
        visit.settings().locator("select[name=python]").select_option("always")
        assert visit.page.evaluate(STATE) == "starting"
    visit.page.reload()
    visit.page.wait_for_selector("html[data-script=ready]")
    assert visit.page.locator("select[name=python]").input_value() == setting
    visit.figure().set("d_k", 100)
    assert visit.page.evaluate(STATE) == ("starting" if setting == "always" else "off")


def test_refused_storage_changes_nothing_but_memory(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, NO_STORAGE).open()
    visit.settings().locator("select[name=python]").select_option("never")
    visit.settings().locator("[data-theme-choice=dark]").click()
    figure = visit.figure()
    figure.wait_for_states()
    assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")
    assert visit.page.evaluate(STATE) == "off"
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_failed_start_says_so_quietly_and_can_be_tried_again(visiting: Visiting, chromium):
    visit = visiting(chromium, service_workers="block")
    visit.page.route("**/pyodide.asm.wasm", lambda route: route.abort())
    visit.open()
    figure = visit.figure()
    figure.wait_for_states()
    figure.set("d_k", 100)
    visit.python("failed")
    assert figure.set("d_k", 256)["sentence"].startswith("With d_k = 256 ")
    status = visit.page.locator(".python-status")
    assert status.inner_text().startswith("Python could not start; the computed pictures still")
    visit.page.unroute("**/pyodide.asm.wasm")
    figure.set("d_k", 100)
    status.get_by_role("button", name="Retry").click()
    visit.python()
    figure.wait_for_sentence("With d_k = 100 ")
    # Pyodide, in its worker, leaves the refused transfer's rejection unheard at times.
    visit.errors[:] = [e for e in visit.errors if "browser_getBinaryResponse" not in e]


def test_one_worker_serves_every_exhibit(visit: Visit):
    visit.open()
    visit.start()
    visit.figure("wave").set("frequency", 1.2345)
    visit.figure("wave").wait_for_sentence("at 1.2345")
    assert len(visit.page.workers) == 1


def test_moves_are_coalesced_to_the_newest_and_stale_answers_dropped(visit: Visit):
    visit.open()
    visit.start()
    figure = visit.figure()
    asked = figure.evaluate(
        """async (figure) => {
          const output = figure.querySelector("output");
          const sentences = [];
          new MutationObserver(() => sentences.push(output.textContent))
            .observe(output, { childList: true, characterData: true, subtree: true });
          const field = figure.querySelector("input[name=d_k]");
          for (let d_k = 301; d_k <= 360; d_k += 1) {
            field.value = String(d_k);
            field.dispatchEvent(new Event("input", { bubbles: true }));
          }
          await new Promise((resolve) => setTimeout(resolve, 1500));
          return sentences;
        }"""
    )
    assert len(asked) == 1
    assert asked[0].startswith("With d_k = 360 ")


def test_a_dragged_control_never_goes_back(visit: Visit):
    visit.open()
    visit.start()
    seen = visit.figure().evaluate(
        """async (figure) => {
          const output = figure.querySelector("output");
          const seen = [];
          new MutationObserver(() => seen.push(Number(/= (\\d+)/.exec(output.textContent)[1])))
            .observe(output, { childList: true, characterData: true, subtree: true });
          const field = figure.querySelector("input[name=d_k]");
          for (let d_k = 301; d_k <= 340; d_k += 1) {
            field.value = String(d_k);
            field.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((resolve) => setTimeout(resolve, 12));
          }
          await new Promise((resolve) => setTimeout(resolve, 1000));
          return seen;
        }"""
    )
    assert seen == sorted(seen)
    assert seen[-1] == 340
