"""In WebKit: the reading ladder, editing, Stop, the address, offline, both themes."""

import json

import pytest

from tests.browser.serving import Site
from tests.browser.workbench import PAGE, manifest

from .conftest import Reading
from .driving import WebKit

pytestmark = [pytest.mark.browser, pytest.mark.webkit]

EDITOR = """(name) => document.querySelector(`#exhibit-${name} .editor-code`)
  ?.shadowRoot?.querySelector(".cm-content")"""
TYPE = f"""async (name, source) => {{
  const code = ({EDITOR})(name);
  code.focus();
  document.execCommand("selectAll");
  document.execCommand("insertText", false, source);
  await new Promise((done) => setTimeout(done, 100));
}}"""
SOURCE_OF = """async (name) => {
  const page = JSON.parse(document.querySelector("#workings-page").textContent);
  const schema = document.querySelector(`#exhibit-${name} .exhibit-schema`).textContent;
  const whole = await (await fetch(page.exhibits_source)).text();
  return whole.slice(...JSON.parse(schema).span);
}"""
PAPER = "() => getComputedStyle(document.body).backgroundColor"
VISIBLE = """(name, action) => Boolean(
  document.querySelector(`#exhibit-${name} button[data-action=${action}]`)?.offsetParent)"""


def run_code(reading: Reading, before: str, after: str) -> None:
    """Open the editor, put one thing in place of another and run."""
    source = reading.browser.run(SOURCE_OF, "scores")
    assert before in source
    present = f"(name) => Boolean(({EDITOR})(name))"
    if not reading.browser.run(present, "scores"):
        reading.press("scores", "edit")
        reading.browser.wait(present, "scores")
    reading.browser.run(TYPE, "scores", source.replace(before, after))
    reading.browser.click("#exhibit-scores [data-editor=run-code]")


def test_without_script_the_page_is_complete(scriptless: WebKit, site: Site):
    scriptless.open(site.url(PAGE))
    reading = Reading(scriptless, site)
    for name in ("scores", "wave"):
        shown = reading.read(name)
        assert shown["rung"] == "html"
        assert shown["sentence"]
        assert shown["picture"].count("rect") >= 8
    assert scriptless.run("() => document.documentElement.dataset.script ?? null") is None
    assert not any(path.endswith((".json", ".wasm", ".zip")) for path in site.requests)


def test_the_three_rungs_show_the_same(reading: Reading):
    reading.open(PAGE)
    html = reading.read("scores")
    reading.wait_for_states("scores")
    reading.set("scores", {"d_k": 128})
    far = reading.read("scores")
    assert far["rung"] == "baked", "a baked state answers before the event is over"
    assert far["sentence"].startswith("With d_k = 128 ")
    reading.set("scores", {"d_k": 64})
    assert reading.read("scores") == html | {"rung": "baked"}
    reading.start()
    assert reading.wait_for("scores", "live") == html | {"rung": "live"}
    reading.set("scores", {"d_k": 128})
    assert reading.wait_for("scores", "live", "d_k = 128 ") == far | {"rung": "live"}
    reading.set("scores", {"d_k": 37})
    reading.wait_for("scores", "live", "With d_k = 37 ")


def test_an_edit_runs_a_runaway_is_stopped_and_reset_gives_it_up(reading: Reading):
    reading.open(PAGE)
    reading.start()
    run_code(reading, 'f"With d_k', 'f"Edited: d_k')
    reading.wait_for("scores", "live", "Edited: d_k = 64 ")
    run_code(reading, "weights = softmax(products)", "while True: pass")
    reading.browser.wait(VISIBLE, "scores", "stop")
    assert reading.read("scores")["sentence"].startswith("Edited: d_k = 64 ")
    reading.press("scores", "stop")
    reading.python()
    reading.press("scores", "reset")
    reading.wait_for("scores", "live", "With d_k = 64 ")


def test_a_link_shows_exactly_its_picture_and_the_address_follows(reading: Reading):
    reading.open(PAGE + "#exhibit-scores?d_k=128&mask=full;exhibit-wave?text=a%20cat%20sat")
    reading.wait_for("scores", "baked", "With d_k = 128 ")
    reading.wait_for("wave", "baked", "9 letters")
    reading.set("scores", {"d_k": 4})
    reading.browser.wait("() => location.hash.includes('exhibit-scores?d_k=4&mask=full')")
    reading.open(PAGE + "#exhibit-scores?mask=%3Cscript%3Ewindow.hacked%3D1%3C/script%3E")
    assert reading.wait_for("scores", "baked")["sentence"].startswith("With d_k = 64 ")
    assert not reading.browser.run("() => Boolean(window.hacked)")


def test_a_kept_page_works_without_a_network(reading: Reading, site: Site):
    reading.open(PAGE, python="ask")
    reading.browser.wait("() => navigator.serviceWorker.controller !== null")
    reading.start()
    kept = """async (name, part) => {
      const held = await (await caches.open(name)).keys();
      return held.some((request) => request.url.includes(part));
    }"""
    cache = f"workings-{manifest(site.folder)['build']}"
    reading.browser.wait(kept, cache, "workings.zip", seconds=30)
    reading.browser.driver.refresh()
    reading.browser.wait("() => document.documentElement.dataset.script === 'ready'")
    reading.wait_for_states("scores")
    site.down = True
    reading.browser.driver.refresh()
    reading.browser.wait("() => document.documentElement.dataset.script === 'ready'")
    reading.wait_for_states("scores")
    reading.set("scores", {"d_k": 128})
    assert reading.read("scores")["sentence"].startswith("With d_k = 128 ")
    reading.start()
    reading.set("scores", {"d_k": 100})
    reading.wait_for("scores", "live", "With d_k = 100 ")


def test_both_themes_are_followed_and_chosen(reading: Reading, dark: WebKit, site: Site):
    reading.open(PAGE)
    light = reading.browser.run(PAPER)
    night = Reading(dark, site).open(PAGE)
    assert dark.run("() => matchMedia('(prefers-color-scheme: dark)').matches")
    assert night.browser.run(PAPER) != light
    theme = json.dumps("light")
    dark.run("(value) => { document.documentElement.dataset.theme = JSON.parse(value); }", theme)
    assert dark.run(PAPER) == light
