"""A session answers for a page: pictures, verdicts, edits, and errors that name the line."""

import base64
import json

import pytest
from workings.page import Page
from workings.session import Session

from .pages import SOURCE


@pytest.fixture
def session() -> Session:
    return Session(Page.from_source(SOURCE, "sample"))


def test_page_collects_what_is_marked_in_order():
    page = Page.from_source(SOURCE, "sample")
    assert list(page.exhibits) == ["line", "faulty"]
    assert list(page.claims) == ["doubling_is_adding"]
    assert list(page.mutants) == ["trebled"]
    assert page.exhibits["line"].title == "A line"
    assert page.exhibits["line"].source.startswith('@exhibit(title="A line")\ndef line(')


def test_marked_function_stays_a_plain_function():
    page = Page.from_source(SOURCE, "sample")
    _, sentence = page.exhibits["line"].function(4)
    assert sentence == "The line ends at 3."


def test_answer_is_json_with_picture_sentence_and_table(session):
    answer = json.loads(json.dumps(session.answer({"exhibit": "line", "state": {"n": 5}})))
    assert answer["ok"]
    assert answer["sentence"] == "The line ends at 4."
    assert answer["svg"].startswith("<svg") and answer["svg"].endswith("</svg>")
    assert len(answer["table"]["rows"]) == 5
    assert "warnings" not in answer


def test_same_request_gives_the_same_answer(session):
    request = {"exhibit": "line", "state": {"n": 4, "steep": True}}
    assert session.answer(request) == session.answer(request)


def test_error_names_the_authors_line(session):
    answer = session.answer({"exhibit": "faulty", "state": {"x": 0.75}})
    assert not answer["ok"]
    expected = SOURCE.splitlines().index('        raise ValueError("too far")') + 1
    assert answer["error"]["line"] == expected
    assert answer["error"]["traceback"].endswith("ValueError: too far")
    assert "session.py" not in answer["error"]["traceback"]


@pytest.mark.parametrize("state", [{"n": 99}, {"__proto__": 1}, {"n": "3"}, {"steep": "yes"}])
def test_bad_state_is_an_error_and_not_an_exception(session, state):
    answer = session.answer({"exhibit": "line", "state": state})
    assert answer["error"]["type"] == "ControlError"


def test_claim_reports_what_it_measured(session):
    verdict = session.claim({"name": "doubling_is_adding"})
    assert verdict["ok"] and verdict["measured"] == {"answer": 42.0}


def test_mutant_stands_in_and_is_caught(session):
    verdict = session.claim({"name": "doubling_is_adding", "mutants": ["trebled"]})
    assert not verdict["ok"]
    assert verdict["message"] == "2 x 21 gave 63.0"
    assert session.claim({"name": "doubling_is_adding"})["ok"], "the original is back"


def test_mutant_changes_the_picture_it_touches(session):
    request = {"exhibit": "line", "state": {"steep": True}}
    assert session.answer(request)["sentence"] == "The line ends at 4."
    assert session.answer(request | {"mutants": ["trebled"]})["sentence"] == "The line ends at 6."


def test_edit_changes_one_exhibit_until_it_is_given_up(session):
    source = session.page.exhibits["line"].source.replace("ends at", "stops at")
    assert session.edit({"exhibit": "line", "source": source})["ok"]
    assert "stops at" in session.answer({"exhibit": "line"})["sentence"]
    assert session.edit({"exhibit": "line", "source": None})["ok"]
    assert "ends at" in session.answer({"exhibit": "line"})["sentence"]


def test_edit_may_change_the_controls(session):
    source = session.page.exhibits["line"].source.replace("Slider(2, 5)", "Slider(2, 50)")
    edited = session.edit({"exhibit": "line", "source": source})
    assert edited["schema"]["controls"][0]["high"] == 50
    assert session.answer({"exhibit": "line", "state": {"n": 40}})["ok"]


def test_mutant_reaches_an_edited_exhibit(session):
    session.edit({"exhibit": "line", "source": session.page.exhibits["line"].source})
    request = {"exhibit": "line", "state": {"steep": True}, "mutants": ["trebled"]}
    assert session.answer(request)["sentence"] == "The line ends at 6."


@pytest.mark.parametrize(
    ("change", "kind", "line"),
    [
        (("return fig, f", "return fig f"), "SyntaxError", 7),
        (("slope * np.arange(n)", "slope * nothing"), "NameError", 6),
        (("def line(", "def other("), "ValueError", None),
        (("fig, ax = figure()", "raise SystemExit"), "SystemExit", 5),
    ],
)
def test_faulty_edit_reports_its_line_and_keeps_the_last_good_one(session, change, kind, line):
    source = session.page.exhibits["line"].source.replace(*change)
    result = session.edit({"exhibit": "line", "source": source})
    if result["ok"]:
        result = session.answer({"exhibit": "line"})
    assert not result["ok"]
    assert result["error"]["type"] == kind
    assert result["error"]["line"] == line


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "csv", "png", "pdf"])
def test_download_is_a_file_of_its_format(session, form):
    file = session.download({"exhibit": "line", "format": form})
    assert file["ok"], file
    assert file["name"] == f"sample-line.{form}"
    starts = {"svg": b"<svg", "csv": b"", "png": b"\x89PNG", "pdf": b"%PDF"}[form]
    assert base64.b64decode(file["base64"]).startswith(starts)


def test_unknown_download_format_is_refused(session):
    assert not session.download({"exhibit": "line", "format": "exe"})["ok"]


def test_real_matplotlib_figure_is_made_fit_for_the_page():
    source = '''
from matplotlib.figure import Figure
from workings import exhibit

@exhibit(needs=["matplotlib"])
def real():
    """Drawn by Matplotlib."""
    fig = Figure()
    fig.subplots().plot([0, 1], [0, 1])
    return fig
'''
    session = Session(Page.from_source(source, "real"))
    answer = session.answer({"exhibit": "real"})
    assert answer["ok"], answer
    assert "style=" not in answer["svg"] and "<style" not in answer["svg"]
    assert 'class="figure"' in answer["svg"].splitlines()[0]
    assert answer == session.answer({"exhibit": "real"})


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ("'a picture'", "returns a figure first, not str"),
        ("(figure()[0], 3)", "returns figure, (figure, sentence) or"),
        ("(figure()[0], 'a', None, 4)", "returns figure, (figure, sentence) or"),
        ("(figure()[0], 'a', [1, 2])", "table is a Table or a mapping"),
        ("(figure()[0], 'It is nan.')", "a number that isn't finite"),
        ("(figure()[0], 'a', Table(['x', 'y'], [[1]]))", "Row 0 of the table has 1 cells for 2"),
    ],
)
def test_what_an_exhibit_must_not_return_is_told(returned, says):
    source = f'''
from workings import Table, exhibit, figure

@exhibit
def odd():
    """Returns something."""
    return {returned}
'''
    answer = Session(Page.from_source(source, "odd")).answer({"exhibit": "odd"})
    assert not answer["ok"]
    assert says in answer["error"]["message"]


def test_columns_of_a_table_may_be_a_mapping_and_its_numbers_are_given_unrounded():
    source = '''
import numpy as np
from workings import exhibit, figure

@exhibit
def thirds():
    """Thirds."""
    return figure()[0], "Thirds.", {"name": ["a", "b"], "share": [np.float32(0.25), 1 / 3]}
'''
    session = Session(Page.from_source(source, "table"))
    answer = session.answer({"exhibit": "thirds", "raw": True})
    assert answer["table"] == {"columns": ["name", "share"], "rows": [["a", 0.25], ["b", 0.333333]]}
    assert answer["numbers"] == [0.25, 1 / 3]


def test_an_edit_that_leaves_out_the_mark_is_an_exhibit_still(session):
    source = session.page.exhibits["line"].source.replace('@exhibit(title="A line")\n', "")
    assert session.edit({"exhibit": "line", "source": source})["ok"]
    assert session.answer({"exhibit": "line"})["sentence"] == "The line ends at 2."
