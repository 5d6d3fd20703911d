import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workings_build.katex import FormulaError, Katex, KatexError, classes, stylesheet
from workings_build.markdown import Document, Site, parse

from tests.unit.load.folders import page_at
from tests.unit.markdown.telling import SHOWN, html, told

Parsed = Callable[..., Document]


def test_a_formula_is_html_for_eyes_and_mathml_for_readers(katex: Katex):
    formula = katex.render(r"\frac{q \cdot k}{\sqrt{d_k}}", display=True)
    assert formula.html.startswith('<span class="katex-display">')
    assert "<math" in formula.html
    assert 'aria-hidden="true"' in formula.html
    assert " style=" not in formula.html
    assert formula.rules
    for name in formula.rules:
        assert name in formula.html


def test_equal_formulas_are_set_once(katex: Katex):
    assert katex.render("x + y") is katex.render("x + y")
    assert katex.render("x + y", display=True) is not katex.render("x + y")


@pytest.mark.parametrize(
    ("tex", "said", "position"),
    [
        (r"\nothing", r"Undefined control sequence: \nothing", 0),
        (r"a + \nothing", r"Undefined control sequence: \nothing", 4),
        (r"\frac{1}{", "Unexpected end of input in a macro argument, expected '}'", 9),
        (r"\href{https://example.org}{x}", r"\href is not allowed here", None),
    ],
)
def test_a_formula_that_katex_refuses_is_an_error(
    katex: Katex, tex: str, said: str, position: int | None
):
    with pytest.raises(FormulaError) as caught:
        katex.render(tex)
    assert str(caught.value) == said
    assert caught.value.position == position


def test_styles_become_classes_named_after_their_content():
    formula = classes(
        '<span class="strut" style="height:1em;"></span><b style=\'color: red\'>&lt;</b>'
        '<i style=""><path d="M0"/><line style="a:b"/>'
    )
    red, high, line = (next(n for n, r in formula.rules.items() if r == body) for body in BODIES)
    assert formula.html == (
        f'<span class="strut {high}"></span><b class="{red}">&lt;</b><i>'
        f'<path d="M0"/><line class="{line}"/>'
    )
    assert classes('<a style="height:1em">').rules == {high: "height:1em"}


BODIES = ("color: red", "height:1em", "a:b")


def test_the_stylesheet_is_in_order_and_outweighs_katexs():
    assert stylesheet({"kb": "top:0", "ka": "color:red"}) == (
        ".katex .ka.ka.ka{color:red}\n.katex .kb.kb.kb{top:0}\n"
    )


def test_a_page_carries_the_rules_that_its_formulas_need(parsed: Parsed):
    document = parsed("A $x^2$ and {term}`angle`.\n")
    lines = document.styles.splitlines()
    assert lines == sorted(set(lines))
    assert document.formulas == 2
    assert parsed("A $x^2$ and {term}`angle`.\n").styles == document.styles
    assert parsed("Nothing.\n").styles == ""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "Text\nand $a + \\nothing b$.\n",
            "2: KaTeX refuses the formula: Undefined control sequence: \\nothing.\n"
            "    Put the LaTeX right near `\\nothing b`.",
        ),
        (
            "Text.\n\n$$\na = b\n\\nothing\n$$\n",
            "5: KaTeX refuses the formula: Undefined control sequence: \\nothing.\n"
            "    Put the LaTeX right near `\\nothing`.",
        ),
        (
            "`code\nover lines` and $\\nothing$.\n",
            "2: KaTeX refuses the formula: Undefined control sequence: \\nothing.\n"
            "    Put the LaTeX right near `\\nothing`.",
        ),
        (
            "$$\n\\frac{1\n$$\n",
            "2: KaTeX refuses the formula: Unexpected end of input in a macro argument, "
            "expected '}'.\n    Put the LaTeX right.",
        ),
    ],
)
def test_a_fault_is_told_at_its_line(parsed: Parsed, body: str, message: str):
    document = parsed(body)
    assert told(document) == [message]
    assert "<code>" in html(document)


def test_a_displayed_formula_may_have_a_label(parsed: Parsed):
    assert html(parsed("$$\nx\n$$ (eq-one)\n")) == (
        '<div class="formula" tabindex="0" id="eq-one">'
        '<span class="katex-display">⟦x⟧</span></div>\n'
    )


def test_dollars_that_are_money_are_no_formulas(parsed: Parsed):
    assert html(parsed("From $5 to $9.\n")) == "<p>From $5 to $9.</p>\n"


def test_without_katex_formulas_stay_as_they_were_written(root: Path):
    source = page_at(root, "A $x < y$.\n")
    document = parse(source, Site.load(root, [source]))
    assert html(document) == "<p>A <code>x &lt; y</code>.</p>\n"
    assert document.problems == ()


def test_a_folder_without_katex_says_what_to_do(tmp_path: Path):
    with pytest.raises(KatexError, match="run `workings vendor`"):
        Katex(tmp_path)


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "katex.min.js").write_text("exports.version = '0'; exports.renderToString = ")
    yield tmp_path


def test_a_katex_that_does_not_start_is_an_error(broken: Path):
    with pytest.raises(KatexError, match="has ended"):
        Katex(broken)


def test_a_node_that_dies_is_an_error_and_closing_twice_does_no_harm(tmp_path: Path):
    (tmp_path / "katex.min.js").write_text(
        "exports.version = '0'; exports.renderToString = () => process.exit(1);"
    )
    katex = Katex(tmp_path)
    with pytest.raises(KatexError, match="has ended"):
        katex.render("x")
    katex.close()
    katex.close()


def test_a_short_formula_and_its_comma_keep_to_one_line(parsed: Parsed):
    long = " + ".join("abcdefgh")
    text = parsed(f"For $n$, or ${long}$, it holds: $n$ is odd.\n").html(SHOWN)
    assert text.count('<span class="together"><span class="katex">') == 2
    assert text.count("</span>\u2060, ") == 2
    assert "\u2060 is odd" not in text


def test_a_remainder_is_set_without_rows_inside_an_operator(katex: Katex):
    markup = katex.render(r"t \bmod B").html
    assert "mod" in markup
    assert not re.search(r"<mo\b[^>]*><m", markup)
