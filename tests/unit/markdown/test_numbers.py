"""Which numbers need a source, and what vouches for them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workings_build.markdown import Document
from workings_build.markdown.numbers import figures

from tests.unit.load.folders import FRONT
from tests.unit.markdown.telling import told

Parsed = Callable[..., Document]


@pytest.mark.parametrize(
    "text",
    [
        "two of 3, or all 12, or 0",
        "in 2017, the 1950s, (1998) and 2017.",
        "on 2017-06-12, in 2017-06, on 25 April 1954 or April 25, 1954",
        "section 3.2.1, Section 13, §3.2.1, § 14, §3.1–3.4",
        "Sections 3.2 and 4.15, §§3.1, 15.2",
        "eq. 14, Eqs. (13) and (14), equation 21",
        "Table 15, Tables 2–15, Figure 20, Fig. 20a, Figs 13, 14 and 15",
        "appendix B.3, chapter 14, page 230, p. 23, lines 13 to 30, Theorem 14",
        "GPT-2, ResNet-50, CIFAR-10, Llama-3.1, FlashAttention-2",
        "H100, A100, WMT14, CO2, float64, x1, sm_90",
        "2-D, 3D, the 3rd, a 2 × 2 matrix, 4-bit",
    ],
)
def test_ordinary_numbers_need_no_source(text: str):
    assert list(figures(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("31%", "31%"),
        ("31 %", "31 %"),
        ("5%", "5%"),
        ("sub-31%", "31%"),
        ("May 31%", "31%"),
        ("28.4", "28.4"),
        ("0.5", "0.5"),
        ("512", "512"),
        ("13", "13"),
        ("-13", "13"),
        ("T=0.5", "0.5"),
        ("10,000 steps", "10,000"),
        ("1 000 000", "1 000 000"),
        ("7B parameters", "7B"),
        ("100k", "100k"),
        ("64-bit", "64"),
        ("3× faster", "3×"),
        ("3x faster", "3x"),
        ("90°", "90°"),
        ("1e-12", "1e-12"),
        ("10^6", "10^6"),
        ("1.31 eV", "1.31"),
        ("6000 K", "6000"),
        ("2000 K", "2000"),
        ("2017 tokens", "2017"),
        ("2048", "2048"),
        ("007", "007"),
        ("step 30", "30"),
        ("outlines 30", "30"),
        ("Section 3 and 512 units", "512"),
        ("Table 3 shows 28.4", "28.4"),
        ("Tables 2 and 31% more", "31%"),
        ("in 2017 28.4", "28.4"),
    ],
)
def test_a_figure_needs_a_source(text: str, found: str):
    assert [number for _, number in figures(text)] == [found]


@given(st.text(alphabet="abc §.,-–%×()\n2137", max_size=40))
def test_figures_are_found_where_they_stand(text: str):
    for start, number in figures(text):
        assert text[start:].startswith(number[0])
        assert any(character.isdigit() for character in number)


def test_the_message_names_line_numbers_and_remedy(parsed: Parsed):
    assert told(parsed("One\nline with 31%\nand 28.4, 512 or 31%.\n")) == [
        "2: The numbers '31%', '28.4', '512' in this paragraph have no source.\n"
        "    Add {cite}`key locator` or {claim}`name` to the same paragraph, or set it as code or "
        "mathematics if it is no finding."
    ]


def test_a_citation_or_a_claim_in_the_same_paragraph_vouches(parsed: Parsed):
    assert told(parsed("It is 31% {cite}`one1999`.\n\nIt is 28.4 {claim}`doubled`.\n")) == []


def test_a_citation_in_another_paragraph_does_not_vouch(parsed: Parsed):
    (problem,) = told(parsed("See {cite}`one1999`.\n\nIt is 31%.\n"))
    assert problem.startswith("3: The number '31%' in this paragraph has no source.")


@pytest.mark.parametrize("role", ["{term}`turn`", "{page}`planned`"])
def test_other_roles_do_not_vouch(parsed: Parsed, role: str):
    (problem,) = told(parsed(f"It is 31% {role}.\n"))
    assert problem.startswith("1: The number '31%'")


def test_code_and_mathematics_are_not_looked_at(parsed: Parsed):
    assert told(parsed("`512` and $n = 512$ and\n\n$$\nn = 512\n$$\n\n```\n512\n```\n")) == []


def test_a_list_item_vouches_for_itself_alone(parsed: Parsed):
    body = "- A {cite}`one1999`\n\n  with 512.\n- B with 31%.\n  - C {cite}`one1999`.\n"
    (problem,) = told(parsed(body))
    assert problem.startswith("4: The number '31%' in this list item has no source.")


def test_one_citation_vouches_for_a_table(parsed: Parsed):
    table = "| a | b |\n|---|---|\n| 512 | 31% |\n| 28.4 | {} |\n"
    assert told(parsed(table.format("{cite}`one1999`"))) == []
    (problem,) = told(parsed(table.format("c")))
    assert problem.startswith("3: The numbers '512', '31%', '28.4' in this table have no source.")


def test_a_heading_is_told_to_leave_the_number_out(parsed: Parsed):
    assert told(parsed("## All 512 of them\n")) == [
        "1: The number '512' in this heading has no source.\n"
        "    Leave it out of the heading, or set it as code or mathematics."
    ]


def test_a_quotation_has_its_source_already(parsed: Parsed):
    assert told(parsed(":::{quote}\n:source: one1999\n\nIt is 31%.\n:::\n")) == []


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (":::{aside}\nIt is 31%.\n:::\n", 2),
        (":::{exhibit} first\nIt is\n31%.\n:::\n", 3),
        ("Text.[^a]\n\n[^a]: It is 31%.\n", 3),
        (":::{kernel} kernels.demo.core.double\n1: It is 31%.\n:::\n", 2),
        ("Term\n: It is 31%.\n", 2),
        ("> It is 31%.\n", 1),
        (":::{derivation}\n1. A.\n\n   It is 31%.\n:::\n", 4),
    ],
)
def test_every_block_of_prose_is_looked_at(parsed: Parsed, body: str, line: int):
    (problem,) = told(parsed(body))
    assert problem.startswith(f"{line}: The number '31%'")


def test_limits_are_looked_at_where_they_stand(parsed: Parsed):
    front = FRONT.replace("- A limit.", "- Only 31%.")
    (problem,) = parsed("Text.\n", front=front).problems
    assert (problem.line, problem.what) == (
        20,
        "The number '31%' in this paragraph has no source.",
    )


def test_an_address_is_no_prose(parsed: Parsed):
    assert told(parsed("See <https://example.org/512>.\n")) == []
