"""The state in the address: written while the reader moves, read back, and never trusted."""

import pytest
from playwright.sync_api import Browser

from .conftest import Visit, Visiting

pytestmark = pytest.mark.browser

ONLY_BAKED = "try { localStorage.setItem('workings-python', 'never'); } catch {}"
DEFAULT = "With d_k = 64 "


@pytest.fixture
def quiet(visiting: Visiting, chromium: Browser) -> Visit:
    """Give a visit whose Python stays off."""
    return visiting(chromium, ONLY_BAKED)


def test_the_address_follows_what_differs_from_the_default(quiet: Visit):
    quiet.open()
    entries = quiet.page.evaluate("history.length")
    figure = quiet.figure()
    figure.set("d_k", 128)
    figure.set("scaled", False)
    quiet.page.wait_for_function("() => location.hash === '#exhibit-scores?d_k=128&scaled=false'")
    quiet.figure("wave").set("text", "a cat sat")
    quiet.page.wait_for_function(
        "() => location.hash === '#exhibit-wave?text=a%20cat%20sat;' +"
        "'exhibit-scores?d_k=128&scaled=false'"
    )
    assert quiet.page.evaluate("history.length") == entries
    figure.press("reset")
    quiet.page.wait_for_function("() => location.hash === '#exhibit-wave?text=a%20cat%20sat'")


def test_a_link_shows_exactly_its_picture(quiet: Visit):
    quiet.open("#exhibit-scores?d_k=128&mask=full;exhibit-wave?text=a%20cat%20sat")
    figure = quiet.figure()
    figure.wait_for_sentence("With d_k = 128 ")
    assert figure.locator("input[name=d_k]").input_value() == "128"
    assert figure.locator("input[value=full]").is_checked()
    quiet.figure("wave").wait_for_sentence("9 letters")


def test_a_fragment_that_changes_changes_the_picture(quiet: Visit):
    quiet.open("#exhibit-scores?d_k=128")
    quiet.figure().wait_for_sentence("With d_k = 128 ")
    quiet.page.evaluate("location.hash = '#exhibit-scores?d_k=4'")
    quiet.figure().wait_for_sentence("With d_k = 4 ")


def test_a_plain_anchor_is_left_alone(quiet: Visit):
    quiet.open("#exhibit-wave")
    quiet.page.wait_for_timeout(200)
    assert quiet.page.evaluate("location.hash") == "#exhibit-wave"
    assert quiet.figure("wave").note == ""


@pytest.mark.parametrize(
    "query",
    [
        "d_k=513",
        "d_k=0",
        "d_k=-1",
        "d_k=1e99",
        "d_k=NaN",
        "d_k=Infinity",
        "d_k=0x40",
        "d_k=12.5",
        "d_k=",
        "d_k=%00",
        "d_k=%",
        "d_k=64;d_k=64",
        "d_k[]=5",
        "scaled=1",
        "scaled=__proto__",
        "scaled=constructor",
        "mask=hidden",
        "mask=toString",
        "unknown=3",
        "__proto__=polluted",
        "__proto__.polluted=1",
        "constructor=1",
        "hasOwnProperty=1",
        "%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E=1",
        "mask=%3Cscript%3Ewindow.hacked%3D1%3C/script%3E",
        "break=%3Cb%3E",
        "break=__proto__",
        "code=%22%3E%3Cscript%3E",
        "&&&=&==",
    ],
)
def test_a_hostile_state_falls_back_to_the_defaults(quiet: Visit, query: str):
    quiet.open(f"#exhibit-scores?{query}")
    figure = quiet.figure()
    figure.wait_for_rung("baked")
    assert figure.sentence.startswith(DEFAULT)
    assert figure.locator("input[name=d_k]").input_value() == "64"
    assert figure.locator("input[name=scaled]").is_checked()
    assert figure.note
    assert "<" not in figure.note
    assert not quiet.page.evaluate("'hacked' in window || 'polluted' in {}")
    assert quiet.page.locator("figure script:not([type])").count() == 0
    assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")


@pytest.mark.parametrize(
    "fragment",
    [
        "#exhibit-nowhere?d_k=4",
        "#exhibit-__proto__?d_k=4",
        "#exhibit-scores?text=" + "a" * 2_000_000,
        "#exhibit-scores?" + "d_k=4&" * 200_000,
        "#exhibit-wave?" + ";" * 100_000,
    ],
)
def test_a_hostile_fragment_leaves_the_page_working(quiet: Visit, fragment: str):
    quiet.open()
    quiet.page.evaluate("(hash) => { location.hash = hash; }", fragment)
    quiet.page.wait_for_timeout(300)
    figure = quiet.figure()
    assert figure.sentence.startswith(DEFAULT)
    figure.wait_for_states()
    assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")


def test_text_that_the_pattern_refuses_is_refused(quiet: Visit):
    quiet.open("#exhibit-wave?text=%3Cscript%3E&frequency=9")
    figure = quiet.figure("wave")
    figure.wait_for_rung("baked")
    assert figure.sentence == "10 letters at 1."
    assert "can’t have" in figure.note


def test_typing_what_does_not_fit_keeps_the_last_picture(quiet: Visit):
    quiet.open()
    figure = quiet.figure()
    figure.wait_for_states()
    figure.set("d_k", 128)
    assert figure.set("d_k", 5000)["sentence"].startswith("With d_k = 128 ")
    field = figure.locator("input[name=d_k]")
    assert field.get_attribute("aria-invalid") == "true"
    field.dispatch_event("change")
    assert field.input_value() == "128"
    assert field.get_attribute("aria-invalid") is None
