"""The run pass: claims, mutants, and what is wrong with them."""

import pytest
from workings_build.passes.run import run_page

from tests.unit.pipeline.project import ROOT
from tests.unit.pipeline.sources import GOOD, HEAD


def run(source: str) -> dict[str, list[dict[str, object]]]:
    return run_page(source, "page", str(ROOT))


def line_of(source: str, text: str) -> int:
    return next(n for n, line in enumerate(source.splitlines(), 1) if text in line)


def test_a_good_page_gives_exhibits_claims_and_mutants_in_order() -> None:
    ran = run(GOOD)
    assert ran["problems"] == []
    assert [e["schema"]["name"] for e in ran["exhibits"]] == ["slopes", "still"]  # type: ignore[index]
    assert ran["claims"][0]["sentence"] == "Doubling doubles."
    assert ran["claims"][0]["measured"] == {"four": 4.0}
    assert ran["mutants"][0]["caught"] == "doubling 2 gives 6"
    assert "seconds" not in ran["claims"][0]


def test_a_failing_claim_is_named_with_its_line() -> None:
    source = GOOD.replace("double(2) == 4", "double(2) == 5")
    problem = run(source)["problems"][0]
    assert problem["what"] == "The claim doubling fails: doubling 2 gives 4"
    assert problem["line"] == line_of(source, "@claim")


def test_a_mutant_that_its_claim_lets_pass_is_named() -> None:
    source = GOOD.replace("return 3 * x", "return x + x")
    (problem,) = run(source)["problems"]
    assert "The mutant tripled is not caught: the claim doubling holds" in str(problem["what"])
    assert problem["line"] == line_of(source, "@breaks")


@pytest.mark.parametrize(
    ("old", "new", "says", "at"),
    [
        ("return 2 * x", "return 2 *", "SyntaxError", "return 2 *"),
        ("import numpy as np", "import numpy as np\n1 / 0", "ZeroDivisionError", "1 / 0"),
        ('@breaks("doubling"', '@breaks("nothing"', "names the claim 'nothing'", None),
        ("n: Annotated[int, Slider(1, 4)]", "n: int", "has no control", None),
        ("import numpy as np", "import numpy as np\nnp.log(0.0)", "RuntimeWarning", "np.log"),
        ("import numpy as np", "import sys\nsys.exit(3)", "SystemExit", "sys.exit"),
    ],
)
def test_a_module_that_does_not_run_says_where(
    old: str, new: str, says: str, at: str | None
) -> None:
    source = GOOD.replace(old, new)
    assert source != GOOD
    ran = run(source)
    (problem,) = ran["problems"]
    assert says in str(problem["what"])
    assert problem["line"] == (at and line_of(source, at))
    assert ran["exhibits"] == []


def test_measured_numbers_are_finite() -> None:
    source = GOOD.replace('{"four": double(2)}', '{"four": float("nan")}')
    ran = run(source)
    assert ran["problems"][0]["what"] == "The claim doubling measured four = nan."
    assert ran["claims"][0]["measured"] == {}


def test_a_page_without_anything_is_empty() -> None:
    assert run(HEAD) == {"exhibits": [], "claims": [], "mutants": [], "problems": []}
