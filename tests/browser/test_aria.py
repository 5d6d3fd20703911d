"""What assistive technology is told of an exhibit, in each of its states."""

import pytest
from playwright.sync_api import Browser, expect

from .conftest import Figure, Visiting

pytestmark = pytest.mark.browser

CONTROLS = """
  - paragraph: Scores
  - 'form "Controls: Scores"':
    - spinbutton "dk": "{d_k}"
    - slider "d_k"
    - checkbox "scaled" [checked]
    - text: scaled
    - group "mask":
      - radio "causal" [checked]
      - radio "full"
"""
BUTTONS = """
  - button "Play"
  - button "Run live"
  - button "Edit code"
  - button "Reset"
  - button "Show data"
  - button "Copy link"
"""


def told(figure: Figure, snapshot: str) -> None:
    """Compare what the accessibility tree holds with a snapshot of its parts, in order."""
    lines = [line for line in snapshot.splitlines() if line.strip()]
    expect(figure.element).to_match_aria_snapshot("\n".join(['- figure "Scores":', *lines]))


def test_at_rest_it_is_a_named_figure_with_controls_and_a_sentence(
    visiting: Visiting, chromium: Browser
):
    visit = visiting(chromium, "localStorage.setItem('workings-python', 'never');").open()
    figure = visit.figure()
    sentence = "  - status: With d_k = 64 the largest weight is 31.3%."
    told(figure, CONTROLS.format(d_k=64) + BUTTONS + sentence)
    slider = figure.locator("input[type=range]")
    assert slider.get_attribute("aria-valuetext") == "64"
    figure.wait_for_states()
    figure.locator("input[name=d_k]").fill("128")
    figure.press("data")
    told(
        figure,
        CONTROLS.format(d_k=128)
        + """
  - button "Show data" [expanded]
  - 'region "Data: Scores"':
    - table "The numbers behind “Scores”":
      - rowgroup:
        - row "key weight":
          - columnheader "key"
          - columnheader "weight"
      - rowgroup:
        - row "0 0.424058"
  - status: With d_k = 128 the largest weight is 42.4%.
""",
    )
    assert slider.get_attribute("aria-valuetext") == "128"


def test_nearest_pictures_edits_and_errors_are_told_as_well(figure: Figure):
    figure.run_code(figure.source().replace('f"With d_k', 'f"Edited: d_k'))
    figure.wait_for_sentence("Edited: ")
    edited = '  - status: "Edited: d_k = 64 the largest weight is 31.3%."'
    told(figure, f'  - button "Edit code" [expanded]\n  - textbox\n{edited}')
    figure.run_code("def scores(:\n")
    error = figure.locator(".editor-error")
    error.wait_for()
    assert error.get_attribute("role") == "alert" or error.get_attribute("aria-live")
