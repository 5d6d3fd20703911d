"""The bake pass: files of states that say what the session says, and states that can't be baked."""

import json

import pytest
from workings.page import Page
from workings.session import Session
from workings_build.cache import compressed_size
from workings_build.passes import bake
from workings_build.passes.bake import bake_exhibit, over_page_budget, states_name

from tests.unit.pipeline.project import ROOT
from tests.unit.pipeline.sources import GOOD, HEAD


def baked(source: str, name: str = "slopes") -> dict[str, object]:
    return bake_exhibit(source, "page", name, str(ROOT))


def unfolded(file: dict[str, object], state: dict[str, object]) -> dict[str, object]:
    parts = file["parts"]
    svg = "\n".join(parts[number] for number in state["svg"])  # type: ignore[index,attr-defined]
    return {"svg": svg, "sentence": state["sentence"], "table": state["table"]}


def test_the_file_holds_what_the_session_answers_for_every_state() -> None:
    session = Session(Page.from_source(GOOD, "page"))
    exhibit = session.page.exhibits["slopes"]
    result = baked(GOOD)
    file = json.loads(str(result["file"]))
    assert result["problems"] == []
    assert len(file["states"]) == result["states"] == 8
    for state in exhibit.lattice():
        answer = session.answer({"exhibit": "slopes", "state": state})
        del answer["ok"]
        assert unfolded(file, file["states"][exhibit.key(state)]) == answer
    broken = session.answer({"exhibit": "slopes", "state": {}, "mutants": ["tripled"]})
    assert unfolded(file, file["mutants"]["tripled"])["svg"] == broken["svg"]
    assert result["bytes"] == compressed_size(str(result["file"]).encode())


def test_every_line_of_svg_stands_once() -> None:
    parts = json.loads(str(baked(GOOD)["file"]))["parts"]
    assert len(parts) == len(set(parts))


def test_an_exhibit_without_controls_has_one_state_and_no_mutant_that_leaves_it_alone() -> None:
    file = json.loads(str(baked(GOOD, "still")["file"]))
    assert list(file["states"]) == [""]
    assert file["mutants"] == {}


def test_baking_twice_gives_the_same_bytes_and_the_name_follows_them() -> None:
    first, second = baked(GOOD)["file"], baked(GOOD)["file"]
    assert first == second
    assert states_name("slopes", str(first)) == states_name("slopes", str(second))
    assert states_name("slopes", str(first)) != states_name("slopes", f"{first} ")


BROKEN = [
    ("n if n < 4 else 1 / 0", "raises ZeroDivisionError", "n = 4"),
    ("np.log(n - 3.0) if n == 3 else n", "warns: RuntimeWarning", "n = 3"),
    ("n if n < 3 else undefined", "raises NameError", "n = 3"),
]


@pytest.mark.parametrize(("slope", "says", "at"), BROKEN)
def test_a_state_that_fails_is_named_with_its_line(slope: str, says: str, at: str) -> None:
    body = f"    slope = {slope}\n    return line(1, str(n))\n"
    head = "@exhibit\ndef slopes(n: Annotated[int, Slider(1, 4)] = 2):\n"
    source = HEAD + head + body
    problem = baked(source)["problems"][0]  # type: ignore[index]
    assert says in problem["what"]
    assert f"The exhibit slopes with {at}" in problem["what"]
    assert problem["line"] == source.splitlines().index(f"    slope = {slope}") + 1


def test_a_picture_that_is_not_finite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Session.answer

    def spoilt(self: Session, request: dict[str, object]) -> dict[str, object]:
        given = answer(self, request)
        return given | {"svg": given["svg"].replace("</svg>", '<circle cx="1" r="nan"/>\n</svg>')}

    monkeypatch.setattr(Session, "answer", spoilt)
    problem = baked(GOOD)["problems"][0]  # type: ignore[index]
    assert "draws something that isn't finite" in problem["what"]
    assert 'r="nan"' in problem["what"]


@pytest.mark.slow
def test_words_that_only_look_like_it_are_no_numbers() -> None:
    source = GOOD.replace('f"{note} of', 'f"inflation, nano: {note} of').replace(
        "fig, ax = figure()", 'fig, ax = figure()\n    ax.set_title("inf and nan are words here")'
    )
    assert baked(source)["problems"] == []


def test_many_failing_states_are_counted_not_listed() -> None:
    head = "@exhibit\ndef slopes(n: Annotated[int, Slider(1, 30)] = 2):\n"
    source = f"{HEAD}{head}    raise ValueError(str(n))\n"
    problems = baked(source)["problems"]
    assert len(problems) == 3  # type: ignore[arg-type]
    assert "And 27 more states of slopes fail." in problems[-1]["what"]  # type: ignore[index]


def test_a_mutant_that_stops_an_exhibit_from_drawing_is_named() -> None:
    source = GOOD.replace(
        "return 3 * x", "return 3 * x if x > 2 else float('nan') if x == 9 else {}"
    )
    problem = baked(source.replace("double(n) / 4", "double(n) / 4 * 1"))["problems"][0]  # type: ignore[index]
    assert "under the mutant tripled" in problem["what"]


def test_a_file_over_the_budget_is_named_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bake, "EXHIBIT_BUDGET", 300)
    problem = baked(GOOD)["problems"][0]  # type: ignore[index]
    assert "The exhibit slopes bakes 8 states (stops: n 4, steep 2)" in problem["what"]
    assert "the budget is 0 KB" in problem["what"]


def test_the_budgets_are_sixty_and_three_hundred_kilobytes() -> None:
    assert (bake.EXHIBIT_BUDGET, bake.PAGE_BUDGET) == (60_000, 300_000)
    assert over_page_budget({"a": 60_000, "b": 60_000}) is None
    said = over_page_budget({name: 60_000 for name in "abcdef"})
    assert said is not None and "360 KB" in said and "a 60 KB" in said
