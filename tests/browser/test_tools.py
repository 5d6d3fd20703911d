"""Play, data, download, theme: the smaller tools of an exhibit and of the page."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .conftest import Figure, Visit, Visiting
from .workbench import SLUG

pytestmark = pytest.mark.browser

ONLY_BAKED = "try { localStorage.setItem('workings-python', 'never'); } catch {}"


@pytest.fixture
def quiet(visiting: Visiting, chromium: Browser) -> Visit:
    return visiting(chromium, ONLY_BAKED, accept_downloads=True).open()


def saved(visit: Visit, figure: Figure, form: str) -> bytes:
    if not figure.locator(".download-menu").is_visible():
        figure.press("download")
    with visit.page.expect_download(timeout=90_000) as download:
        figure.locator(f".download-menu [data-format={form}]").click()
    assert download.value.suggested_filename == f"{SLUG}-scores.{form}"
    return Path(download.value.path()).read_bytes()


def test_play_runs_through_the_stops_and_ends(quiet: Visit):
    figure = quiet.figure()
    figure.wait_for_states()
    quiet.page.wait_for_timeout(600)
    assert figure.rung == "html"  # never by itself
    said = figure.locator("output").evaluate_handle(
        """(output) => { const said = [];
          new MutationObserver(() => said.push(output.textContent)).observe(output,
            { childList: true, characterData: true, subtree: true });
          return said; }"""
    )
    figure.press("play")
    figure.wait_for_sentence("With d_k = 512 ")
    d_ks = [sentence.split()[3] for sentence in said.json_value()]
    assert d_ks == ["128", "256", "512"]  # each step, also where this test is too slow to look
    figure.get_by_role("button", name="Play", exact=True).wait_for()
    assert figure.locator("[data-action=play]").get_attribute("aria-pressed") == "false"
    figure.press("play")
    figure.wait_for_sentence("With d_k = 1 ")
    figure.press("play")  # pauses
    paused = figure.sentence
    quiet.page.wait_for_timeout(1200)
    assert figure.sentence == paused


def test_with_reduced_motion_play_goes_one_step_a_press(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, ONLY_BAKED, reduced_motion="reduce").open()
    figure = visit.figure()
    figure.wait_for_states()
    figure.press("play")
    figure.wait_for_sentence("With d_k = 128 ")
    visit.page.wait_for_timeout(1200)
    assert figure.sentence.startswith("With d_k = 128 ")
    figure.press("play")
    figure.wait_for_sentence("With d_k = 256 ")


def test_data_shows_the_numbers_behind_the_picture(quiet: Visit):
    figure = quiet.figure()
    figure.wait_for_states()
    figure.press("data")
    assert figure.locator("[data-action=data]").get_attribute("aria-expanded") == "true"
    figure.set("d_k", 128)
    first = figure.locator(".data tbody tr").all_inner_texts()
    assert len(first) == 8
    figure.set("mask", "full")
    assert len(figure.locator(".data tbody tr").all_inner_texts()) == 12


def test_svg_and_csv_are_saved_without_python(quiet: Visit):
    figure = quiet.figure()
    figure.wait_for_states()
    figure.set("d_k", 128)
    svg = saved(quiet, figure, "svg").decode()
    assert "currentColor" not in svg
    assert "class=" not in svg
    assert "<title>With d_k = 128 " in svg
    assert 'xmlns="http://www.w3.org/2000/svg"' in svg
    rows = list(csv.reader(io.StringIO(saved(quiet, figure, "csv").decode())))
    assert rows[0] == ["key", "weight"]
    assert len(rows) == 9
    assert abs(sum(float(row[1]) for row in rows[1:]) - 1) < 1e-5
    assert quiet.page.evaluate("document.documentElement.dataset.python") == "off"


def test_the_theme_is_switched_and_remembered(quiet: Visit):
    quiet.settings().locator("[data-theme-choice=dark]").click()
    assert quiet.page.evaluate("document.documentElement.dataset.theme") == "dark"
    quiet.page.reload()
    quiet.page.wait_for_selector("html[data-script=ready]")
    assert quiet.page.evaluate("document.documentElement.dataset.theme") == "dark"
    chosen = quiet.page.locator("[data-theme-choice][aria-pressed=true]")
    assert chosen.get_attribute("data-theme-choice") == "dark"


DRAWN = """
from workings import figure

@exhibit
def scores(d_k: Annotated[int, Slider(1, 512, scale="log2", play=True)] = 64):
    fig, ax = figure()
    ax.plot([0, 1], [0, d_k])
    return fig, f"Up to {d_k}."
"""


def test_png_and_pdf_are_drawn_by_matplotlib_with_the_edit(visit: Visit):
    visit.open()
    visit.start()
    figure = visit.figure()
    figure.run_code(DRAWN)
    figure.wait_for_sentence("Up to 64.")
    assert saved(visit, figure, "png").startswith(b"\x89PNG\r\n\x1a\n")
    assert saved(visit, figure, "pdf").startswith(b"%PDF-")
    assert visit.page.evaluate("document.documentElement.dataset.python") == "ready"
    figure.set("d_k", 128)
    figure.wait_for_sentence("Up to 128.")
    assert not [line for line in visit.console if line.startswith(("error", "warning"))]
