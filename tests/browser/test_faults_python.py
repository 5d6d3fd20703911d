"""What goes wrong in Python: the last good picture stays, the page answers, Python comes back."""

import pytest
from playwright.sync_api import Browser

from .conftest import Figure, Visit, Visiting

pytestmark = pytest.mark.browser

KEEP_WORKERS = """window.workers = [];
globalThis.Worker = class extends Worker {
  constructor(...given) { super(...given); window.workers.push(this); }
};"""
DRAW = "    fig, table = bars(weights)\n"
FIFTY_MEGABYTES = """    fig, ax = figure()
    for _ in range(2000):
        ax.text(0.5, 0.5, "x" * 25_000)
    table = None
"""


def instead(figure: Figure, lines: str) -> None:
    """Run the exhibit with other lines in place of its drawing."""
    source = figure.source()
    assert DRAW in source
    figure.run_code(source.replace(DRAW, lines))


def test_a_worker_that_dies_is_replaced_by_stop(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, KEEP_WORKERS).open()
    visit.start()
    figure = visit.figure()
    figure.set("d_k", 77)
    figure.wait_for_sentence("With d_k = 77 ")
    visit.page.evaluate("window.workers.forEach((worker) => worker.terminate())")
    figure.set("d_k", 78)
    stop = figure.locator("button[data-action=stop]")
    stop.wait_for(state="visible")
    assert figure.locator("input[name=d_k]").input_value() == "78"
    stop.click()
    visit.python()
    figure.set("d_k", 79)
    figure.wait_for_sentence("With d_k = 79 ")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("    raise RuntimeError('no luck today')\n" + DRAW, "no luck today"),
        ("    [np.empty(2**28 - 1) for _ in range(3)]\n" + DRAW, "MemoryError"),
        ("    (lambda f: f(f))(lambda f: f(f))\n" + DRAW, "RecursionError"),
        ("    raise SystemExit\n" + DRAW, "SystemExit"),
        ("    raise KeyboardInterrupt\n" + DRAW, "KeyboardInterrupt"),
        ("    return 'x' * 60_000_000\n", ""),
        (FIFTY_MEGABYTES, "too large to show"),
        ("    weights = weights * np.nan\n" + DRAW, "isn't finite"),
    ],
    ids=["raises", "memory", "recursion", "exit", "interrupt", "text", "picture", "nan"],
)
def test_an_edit_that_fails_is_told_and_the_rest_goes_on(
    visit: Visit, figure: Figure, lines: str, said: str
):
    before = figure.sentence
    instead(figure, lines)
    error = figure.locator(".editor-error")
    error.wait_for(timeout=60_000)
    assert said in error.inner_text()
    assert figure.sentence == before
    assert figure.locator(".picture svg").is_visible()
    assert visit.page.evaluate("document.documentElement.dataset.python") == "ready"
    visit.figure("wave").set("frequency", 1.75)
    visit.figure("wave").wait_for_sentence("at 1.75")
    figure.press("reset")
    figure.set("d_k", 99)
    figure.wait_for_sentence("With d_k = 99 ")


def test_memory_that_runs_out_for_good_brings_a_fresh_python(visit: Visit, figure: Figure):
    instead(figure, "    kept = []\n    while True: kept.append(bytearray(50_000_000))\n" + DRAW)
    error = figure.locator(".editor-error")
    error.wait_for(timeout=60_000)
    assert "MemoryError" in error.inner_text()
    visit.figure("wave").set("frequency", 1.75)
    visit.figure("wave").wait_for_sentence("at 1.75")
    figure.press("reset")
    figure.set("d_k", 99)
    figure.wait_for_sentence("With d_k = 99 ")


def test_output_without_end_is_stopped_and_does_not_drown_the_page(visit: Visit, figure: Figure):
    instead(figure, "    while True: print('again and again')\n" + DRAW)
    stop = figure.locator("button[data-action=stop]")
    stop.wait_for(state="visible")
    visit.figure("wave").wait_for_states()
    assert visit.figure("wave").set("text", "a cat sat")["sentence"] == "9 letters at 1."
    stop.click()
    visit.python()
    assert "again and again" in figure.locator(".cm-content").inner_text(), "the edit is kept"
    figure.press("reset")
    figure.set("d_k", 99)
    figure.wait_for_sentence("With d_k = 99 ")


def test_numbers_that_are_none_are_left_out_of_the_picture(visit: Visit, figure: Figure):
    before = figure.locator(".picture svg rect, .picture svg path").count()
    drawn = "    fig, table = bars(np.array([np.nan, np.inf, -np.inf, 0.5]))\n    d_k = 1\n"
    instead(figure, drawn)
    figure.wait_for_sentence("With d_k = 1 ")
    assert 0 < figure.locator(".picture svg rect, .picture svg path").count() < before
    markup = figure.locator(".picture").inner_html().lower()
    assert "nan" not in markup and "infinity" not in markup
    figure.press("data")
    assert "NaN" not in figure.locator(".data").inner_text()


def test_three_million_points_are_drawn_as_a_line_that_can_be_shown(visit: Visit, figure: Figure):
    instead(
        figure,
        "    fig, ax = figure()\n    ax.plot(np.arange(3_000_000) % 7)\n    table, d_k = None, 1\n",
    )
    figure.wait_for_sentence("With d_k = 1 ", timeout=90_000)
    assert len(figure.locator(".picture").inner_html()) < 1_000_000


def test_two_hundred_moves_while_python_starts_end_at_the_last(visit: Visit):
    visit.open()
    figure = visit.figure()
    figure.wait_for_states()
    figure.press("run")
    for d_k in range(201, 401):
        figure.set("d_k", d_k)
    visit.python()
    figure.wait_for_sentence("With d_k = 400 ")
    assert figure.rung == "live"
    assert figure.locator("input[name=d_k]").input_value() == "400"
