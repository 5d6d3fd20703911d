"""The rungs of the reading ladder, in both browsers."""

import pytest
from playwright.sync_api import Browser

from .conftest import Visiting
from .workbench import PAGE

pytestmark = pytest.mark.browser

ONLY_BAKED = "try { localStorage.setItem('workings-python', 'never'); } catch {}"


def test_without_script_the_page_is_complete(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, java_script_enabled=False)
    visit.page.goto(visit.site.url(PAGE))
    for name in ("scores", "wave"):
        figure = visit.figure(name)
        assert figure.rung == "html"
        assert figure.sentence
        assert figure.locator(".picture svg rect").count() >= 8
    assert visit.page.locator("html").get_attribute("data-script") is None
    assert not any(path.endswith((".json", ".wasm", ".zip")) for path in visit.site.requests)
    visit.page.goto("about:blank")


def test_baked_states_answer_before_the_input_event_is_over(
    visiting: Visiting, each_browser: Browser
):
    visit = visiting(each_browser, ONLY_BAKED).open()
    figure = visit.figure()
    figure.wait_for_states()
    assert figure.rung == "html"
    before = figure.locator(".picture").inner_html()
    after = figure.set("d_k", 128)
    assert after["rung"] == "baked"
    assert after["sentence"].startswith("With d_k = 128 ")
    assert after["note"] == ""
    assert figure.locator(".picture").inner_html() != before
    assert figure.set("mask", "full")["sentence"] != after["sentence"]
    assert figure.set("scaled", False)["rung"] == "baked"
    assert visit.page.evaluate("document.documentElement.dataset.python") == "off"


def test_a_state_off_the_lattice_shows_the_nearest_and_says_so(
    visiting: Visiting, each_browser: Browser
):
    visit = visiting(each_browser, ONLY_BAKED).open()
    figure = visit.figure()
    figure.wait_for_states()
    after = figure.set("d_k", 100)
    assert after["sentence"].startswith("With d_k = 128 ")
    assert after["note"] == "Nearest computed picture: d_k = 128; start Python for 100."
    assert figure.set("d_k", 256)["note"] == ""


def test_the_range_moves_the_number_and_the_number_the_range(
    visiting: Visiting, each_browser: Browser
):
    visit = visiting(each_browser, ONLY_BAKED).open()
    figure = visit.figure()
    figure.wait_for_states()
    slider = figure.locator("input[type=range]")
    slider.focus()
    visit.page.keyboard.press("ArrowRight")
    assert figure.locator("input[name=d_k]").input_value() == "128"
    assert slider.get_attribute("aria-valuetext") == "128"
    assert figure.sentence.startswith("With d_k = 128 ")
    figure.set("d_k", 2)
    assert slider.input_value() == "1"


def test_touching_a_control_starts_python_and_any_state_is_live(
    visiting: Visiting, each_browser: Browser
):
    visit = visiting(each_browser).open()
    figure = visit.figure()
    figure.wait_for_states()
    assert visit.page.evaluate("document.documentElement.dataset.python") == "off"
    after = figure.set("d_k", 100)
    assert after["note"] == "Nearest computed picture: d_k = 128; Python is starting for 100."
    assert visit.page.evaluate("document.documentElement.dataset.python") == "starting"
    assert figure.set("d_k", 128)["rung"] == "baked"
    figure.set("d_k", 100)
    visit.python()
    figure.wait_for_sentence("With d_k = 100 ")
    assert figure.rung == "live"
    assert figure.note == ""
    figure.set("d_k", 37)
    figure.wait_for_sentence("With d_k = 37 ")


def test_the_three_rungs_show_the_same(visiting: Visiting, each_browser: Browser):
    visit = visiting(each_browser).open()
    figure = visit.figure()
    figure.wait_for_states()

    def shown() -> list[str]:
        return figure.evaluate(
            """(figure) => [figure.querySelector("output").textContent,
              ...[...figure.querySelectorAll(".picture svg, .picture svg *")].map((e) =>
                e.localName + [...e.attributes].map((a) => ` ${a.name}=${a.value}`).sort())]"""
        )

    html = shown()
    figure.set("d_k", 128)
    figure.set("d_k", 64)
    assert figure.rung == "baked"
    baked = shown()
    visit.start()
    assert shown() == baked == html


def test_no_runtime_file_is_transferred_twice(visiting: Visiting, each_browser: Browser):
    visit = visiting(each_browser).open()
    visit.start()
    twice = {path: n for path, n in visit.site.requests.items() if "/runtime/" in path and n > 1}
    assert not twice
    assert any(path.endswith("pyodide.asm.wasm") for path in visit.site.requests)
