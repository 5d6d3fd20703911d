"""Browsers that lack something, small and slow devices: what can work does, the rest says so."""

import pytest
from playwright.sync_api import Browser

from .conftest import Visit, Visiting
from .serving import Site
from .workbench import PAGE

pytestmark = pytest.mark.browser

STATE = "document.documentElement.dataset.python"
FULL = """for (const [place, name] of [[Storage.prototype, "setItem"], [Cache.prototype, "put"]])
  place[name] = () => { throw new DOMException("full", "QuotaExceededError"); };"""


@pytest.mark.parametrize(
    "script",
    [
        "delete globalThis.WebAssembly;",
        "delete globalThis.Worker;",
        "globalThis.Worker = class { constructor() { throw new Error('no workers here'); } };",
    ],
    ids=["no WebAssembly", "no workers", "workers refused"],
)
def test_without_what_python_needs_the_computed_pictures_answer(
    visiting: Visiting, chromium: Browser, script: str
):
    visit = visiting(chromium, script).open()
    figure = visit.figure()
    figure.wait_for_states()
    figure.set("d_k", 100)
    visit.python("failed")
    status = visit.page.locator(".python-status").inner_text()
    assert status.startswith("Python could not start; the computed pictures still answer.")
    assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")
    visit.errors.clear()


def test_a_policy_that_forbids_webassembly_costs_python_alone(
    visiting: Visiting, chromium: Browser, site: Site
):
    site.headers["Content-Security-Policy"] = "script-src 'self'; worker-src 'self' blob:"
    visit = visiting(chromium).open()
    figure = visit.figure()
    figure.wait_for_states()
    figure.set("d_k", 100)
    visit.python("failed")
    assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")
    visit.errors.clear()
    visit.page.evaluate("window.violations.length = 0")


def test_a_full_storage_changes_nothing_but_memory(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, FULL).open()
    visit.settings().locator("[data-theme-choice=dark]").click()
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    visit.page.keyboard.press("Escape")
    visit.start()
    visit.figure().set("d_k", 100)
    visit.figure().wait_for_sentence("With d_k = 100 ")


@pytest.fixture
def phone(visiting: Visiting, chromium: Browser) -> Visit:
    """Give a small phone with a quarter of this machine's speed."""
    visit = visiting(
        chromium,
        viewport={"width": 360, "height": 640},
        device_scale_factor=3,
        is_mobile=True,
        has_touch=True,
    )
    session = visit.context.new_cdp_session(visit.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return visit


def test_a_small_slow_phone_gets_answers(phone: Visit):
    phone.open()
    figure = phone.figure()
    figure.wait_for_states()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert figure.set("d_k", 128)["rung"] == "baked"
    figure.set("d_k", 100)
    phone.python(timeout=180_000)
    figure.wait_for_sentence("With d_k = 100 ", timeout=60_000)


def test_at_four_hundred_percent_everything_is_in_one_column(visiting: Visiting, chromium: Browser):
    # 1280 pixels at 400 % are 320 of the page's own (WCAG 2.2, 1.4.10).
    visit = visiting(chromium, viewport={"width": 320, "height": 256}, device_scale_factor=4)
    visit.open()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320
    figure = visit.figure()
    figure.wait_for_states()
    figure.locator("input[name=d_k]").fill("128")
    figure.wait_for_sentence("With d_k = 128 ")


def test_forced_colours_leave_pictures_and_controls_to_be_seen(
    visiting: Visiting, chromium: Browser
):
    visit = visiting(chromium, forced_colors="active", color_scheme="dark").open()
    figure = visit.figure()
    figure.wait_for_states()
    inks = figure.locator(".picture svg rect").evaluate_all(
        "(shapes) => [...new Set(shapes.map((s) => getComputedStyle(s).fill))]"
    )
    paper = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert any(ink not in (paper, "none") for ink in inks), (inks, paper)
    border = figure.locator("button[data-action=run]").evaluate(
        "(button) => getComputedStyle(button).borderTopStyle"
    )
    assert border != "none"
    assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")


def test_back_and_forward_through_fifty_states(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, "localStorage.setItem('workings-python', 'never');").open()
    figure = visit.figure()
    figure.wait_for_states()
    stops = [1, 2, 4, 8, 16, 32, 128, 256, 512]
    for i in range(50):
        visit.page.evaluate(f"location.hash = '#exhibit-scores?d_k={stops[i % 9]}'")
    figure.wait_for_sentence(f"With d_k = {stops[49 % 9]} ")
    for i in reversed(range(49)):
        visit.page.evaluate("history.back()")
        figure.wait_for_sentence(f"With d_k = {stops[i % 9]} ")
    visit.page.evaluate("history.go(49)")
    figure.wait_for_sentence(f"With d_k = {stops[49 % 9]} ")
    assert PAGE in visit.page.url


def test_a_base_path_with_spaces_and_other_letters(
    visiting: Visiting, chromium: Browser, site: Site, tmp_path
):
    below = tmp_path / "my site, façade"
    below.symlink_to(site.folder, target_is_directory=True)
    site.folder = tmp_path
    visit = visiting(chromium)
    visit.page.goto(site.url(f"my%20site,%20fa%C3%A7ade/{PAGE}"))
    visit.page.wait_for_selector("html[data-script=ready]")
    visit.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    visit.start()
    visit.figure().set("d_k", 100)
    visit.figure().wait_for_sentence("With d_k = 100 ")
