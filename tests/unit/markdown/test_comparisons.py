"""What comparisons are set with: diffs of kernels, tables with two sides, measured numbers."""

from collections.abc import Callable
from html import unescape
from pathlib import Path
from re import sub

import pytest
from workings_build.around.twins import twin
from workings_build.kernel_source import find
from workings_build.markdown import Document
from workings_build.markdown.diff_view import unified, without_docstrings
from workings_build.page_views import Computed, measured_html, measured_text
from workings_build.views import ClaimView

from tests.unit.load.folders import EXHIBITS, page_at
from tests.unit.markdown.telling import html, told

Parsed = Callable[..., Document]
MEASURING = EXHIBITS.replace('"""Two ones are two."""', '"""Two."""\n    return {"sum of both": 2}')
TREBLE = 'def treble(x):\n    """Return thrice `x`."""\n    y = 3 * x\n    return y\n'


@pytest.fixture
def two_kernels(root: Path) -> Path:
    core = root / "kernels/demo/core.py"
    core.write_text(f"{core.read_text('utf-8')}\n\n{TREBLE}", "utf-8")
    return root


def plain(lines: str) -> str:
    return unescape(sub(r"<[^>]*>", "", lines))


def test_a_diff_shows_what_goes_above_what_comes(two_kernels: Path, parsed: Parsed):
    document = parsed(
        ":::{diff} kernels.demo.core.double kernels.demo.core.treble\n5: Not twice, $3x$.\n:::\n"
    )
    assert document.problems == ()
    assert document.kernels == ("kernels.demo.core.double", "kernels.demo.core.treble")
    shown = html(document)
    assert (
        '<figure class="kernel diff" id="kernels-demo-core-double-kernels-demo-core-treble">'
        in shown
    )
    assert "2 lines go, 3 come, 0 stay; docstrings are left out." in shown
    lines = [line for line in shown.split("\n") if "data-line" in line]
    assert [plain(line) for line in lines] == [
        "− def double(x):",
        "−     return 2 * x  # twice",
        "+ def treble(x):",
        "+     y = 3 * x",
        "+     return yLine 5 Not twice, ⟦3x⟧.",
    ]
    assert '<del class="line removed" data-line="2"><span class="sign">−</span> ' in shown
    assert '<ins class="line added noted" data-line="5"><span class="sign">+</span> ' in shown
    assert '<span class="note-line">Line 5</span> Not twice' in shown


def test_lines_that_stay_are_neither_removed_nor_added():
    lines = unified("def f(x):\n    a = 1\n    return a\n", "def f(x):\n    a = 2\n    return a\n")
    assert [(line.change, plain(line.html).strip()) for line in lines] == [
        ("same", "def f(x):"),
        ("removed", "a = 1"),
        ("added", "a = 2"),
        ("same", "return a"),
    ]


def test_both_sides_of_a_diff_can_be_read_off_it():
    kernels = Path(__file__).parents[3] / "kernels"
    sources = [
        find(f"kernels.attention.traffic.{name}", kernels).source
        for name in ("naive", "queries_outside")
    ]
    lines = unified(*sources)
    for source, own in zip(sources, ("removed", "added"), strict=True):
        mine = [plain(line.html) for line in lines if line.change in ("same", own)]
        assert mine == without_docstrings(source)
    assert any(line.change == "same" for line in lines)


def test_docstrings_are_left_out_and_other_strings_stay():
    source = 'class A:\n    """Two\n    lines."""\n\n    def b(self):\n        """One."""\n'
    source += '        return "s"'
    assert without_docstrings(source) == [
        "class A:",
        "",
        "    def b(self):",
        '        return "s"',
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            ":::{diff} kernels.demo.core.double\n:::\n",
            "1: A diff compares two kernels, not 1.\n"
            "    Write `:::{diff} kernels.a.before kernels.b.after`.",
        ),
        (
            ":::{diff} kernels.demo.core.double kernels.demo.core.duble\n:::\n",
            "1: There is no kernel 'kernels.demo.core.duble'.\n"
            "    Did you mean 'kernels.demo.core.double'?",
        ),
        (
            ":::{diff} kernels.demo.core.double kernels.demo.twice\n:::\n",
            "1: There is nothing between 'kernels.demo.core.double' and 'kernels.demo.twice'.\n"
            "    Name two kernels whose source differs.",
        ),
        (
            ":::{sides}\nNo table.\n:::\n",
            "1: The sides are not one table.\n"
            "    Write `| what | one | other |` and its rows, and nothing else.",
        ),
        (
            ":::{sides}\n| a | b |\n|--|--|\n| c | {claim}`doubled` |\n:::\n",
            "1: The table has fewer than two sides.\n"
            "    Give the table a column for what is compared, and one for each side.",
        ),
        (
            ":::{sides}\n| a | b | c |\n|--|--|--|\n| d | {cite}`one1999` | – |\n:::\n",
            "4: The cell '{cite}`one1999`' says nothing of where it comes from.\n"
            "    Add {measured}`claim: number`, {claim}`name` or {cite}`key locator`.",
        ),
        (
            "Is {measured}`doubled`.\n",
            "1: 'doubled' names no measured number.\n"
            "    Write {measured}`claim: number`, or {measured}`claim: number; .0%`.",
        ),
        (
            "Is {measured}`dubled: sum of both`.\n",
            "1: Unknown claim 'dubled'.\n    Did you mean 'doubled'?",
        ),
        (
            "Is {measured}`doubled: sum`.\n",
            "1: Unknown number of 'doubled' 'sum'.\n    Known: sum of both.",
        ),
        (
            "Is {measured}`doubled: sum of both; wide`.\n",
            "1: 'wide' is no format.\n"
            "    Use one of Python's for numbers, such as `.0%`, `,.0f` or `.3g`.",
        ),
        (
            "Is 31% of {measured}`doubled: sum of both`.\n",
            "1: The number '31%' in this paragraph has no source.\n"
            "    Add {cite}`key locator` or {claim}`name` to the same paragraph, or set it as "
            "code or mathematics if it is no finding.",
        ),
    ],
)
def test_a_fault_is_told_at_its_line(parsed: Parsed, body: str, message: str):
    assert told(parsed(body, exhibits=MEASURING)) == [message]


def test_sides_name_their_rows_and_columns(parsed: Parsed):
    document = parsed(
        ":::{sides}\n| what | one | other |\n|---|---|---|\n"
        "| sum | {measured}`doubled: sum of both; .1f` | “two” {cite}`one1999 §2` |\n"
        "| gone | {claim}`doubled` | – |\n:::\n",
        exhibits=MEASURING,
    )
    assert document.problems == ()
    shown = html(document)
    assert shown.startswith('<div class="sides">\n<div class="table"')
    assert shown.count('<th scope="col">') == 3
    assert '<th scope="row">sum</th>\n<td>[doubled: sum of both as .1f]</td>' in shown
    assert '<th scope="row">gone</th>' in shown


def test_a_measured_number_is_a_link_to_its_claim():
    claim = ClaimView("a", "It is <so>.", "§1", "recomputed", True, "", {"share": 0.314}, "", "")
    assert measured_html(claim, "share", ".0%") == (
        '<a class="measured-link" href="#claim-a" title="It is &lt;so&gt;.">31%</a>'
    )
    assert measured_text({"share": -1234567.0}, "share", "") == "−1.23457e+06"
    assert measured_text({}, "share", ".0%") == "–"


def test_the_plain_twin_has_the_number_and_names_both_kernels(root: Path):
    claim = {"name": "doubled", "sentence": "Two.", "locator": "§1", "kind": "recomputed"}
    claims = [claim | {"ok": True, "measured": {"sum of both": 2.0}}]
    body = "Is {measured}`doubled: sum of both; .1f`.\n\n:::{diff} kernels.a.b kernels.c.d\n:::\n"
    text = twin(page_at(root, body), Computed({"claims": claims}, {}), {}, "../")
    assert "Is 2.0.\n" in text
    assert "[Diff shown on the page: `kernels.a.b` to `kernels.c.d`]" in text
