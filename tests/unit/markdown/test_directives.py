from collections.abc import Callable
from pathlib import Path

import pytest
from workings_build.markdown import Document, Quote, Slot
from workings_build.markdown.directives import DIRECTIVES

from tests.unit.load.folders import first_row
from tests.unit.markdown.telling import html, told

Parsed = Callable[..., Document]


def test_slots_keep_their_place_and_an_exhibit_its_lead(parsed: Parsed):
    document = parsed(
        "Before.\n\n:::{exhibit} first\nLead *in*.\n:::\n\n```{claim} doubled\n```\n"
        ":::{claims}\n:::\n:::{mutants}\n:::\n\nAfter.\n"
    )
    assert document.problems == ()
    assert document.parts == (
        "<p>Before.</p>\n",
        Slot("exhibit", "first", "<p>Lead <em>in</em>.</p>"),
        Slot("claim", "doubled"),
        Slot("claims"),
        Slot("mutants"),
        "<p>After.</p>\n",
    )
    assert document.exhibits == ("first",)
    assert document.places("claims")
    assert html(document).startswith("<p>Before.</p>\n[exhibit first: <p>Lead <em>in</em>.</p>]")


def test_what_the_text_does_not_place_is_known(parsed: Parsed):
    document = parsed("Text.\n")
    assert not document.places("claims")
    assert document.slots == ()


def test_directives_lie_in_one_another_and_lines_are_still_right(parsed: Parsed):
    document = parsed(
        "::::{aside} A <title>\nText.\n\n:::{exhibit} first\nA lead\nwith $\\oops$.\n:::\n::::\n"
    )
    assert html(document).startswith(
        '<aside class="aside" role="note">\n<p class="aside-title">A &lt;title&gt;</p>\n'
        "<p>Text.</p>\n[exhibit first: "
    )
    (problem,) = told(document)
    assert problem.startswith("6: KaTeX refuses")


def test_a_directive_in_a_list_keeps_its_lines(parsed: Parsed):
    (problem,) = told(parsed("- A\n\n  :::{aside}\n  B\n\n  {term}`nothing at all`\n  :::\n"))
    assert problem.startswith("6: Unknown term 'nothing at all'.")


def test_a_quotation_is_set_with_its_source_and_recorded(parsed: Parsed):
    document = parsed(
        'Text.\n\n:::{quote}\n:source: two2000\n:locator: abstract\n\nWords "so\nput".\n:::\n'
    )
    assert html(document) == (
        '<p>Text.</p>\n<blockquote class="quote" data-source="two2000">\n'
        "<p>Words “so\nput”.</p>\n<footer><cite>Two, Another, Venue 2000</cite> "
        '<a class="cite" href="#ref-two2000" title="Two, Another, Venue 2000.">[1, abstract]</a>'
        "</footer>\n</blockquote>\n"
    )
    assert document.quotes == (Quote("two2000", "abstract", 'Words "so put".', first_row() + 2),)


def test_a_derivation_folds_what_explains_a_step(parsed: Parsed):
    document = parsed(
        ":::{derivation}\n1. Say:\n\n   $$\n   a = b\n   $$\n\n   Because.\n\n   And so.\n\n"
        "2. Say again.\n:::\n"
    )
    assert document.problems == ()
    assert html(document) == (
        '<div class="steps">\n<ol class="derivation">\n<li>\n<p>Say:</p>\n'
        '<div class="formula" tabindex="0"><span class="katex-display">⟦a = b⟧</span></div>\n'
        "<details>\n<summary>Why step 1 holds</summary>\n<p>Because.</p>\n<p>And so.</p>\n"
        "</details>\n</li>\n<li>\n<p>Say again.</p>\n</li>\n</ol>\n</div>\n"
    )


def test_a_tight_derivation_has_nothing_to_fold(parsed: Parsed):
    assert html(parsed(":::{derivation}\n1. A\n2. B\n:::\n")) == (
        '<div class="steps">\n<ol class="derivation">\n<li>A</li>\n<li>B</li>\n</ol>\n</div>\n'
    )


def test_a_figure_has_size_alternative_text_and_caption(root: Path, parsed: Parsed):
    folder = root / "explainers/papers/demo"
    folder.mkdir(parents=True)
    (folder / "plane.svg").write_text('<svg viewBox="0 0 40 20.4"></svg>')
    document = parsed(':::{figure} plane.svg\n:alt: A "plane".\n\nA *caption*.\n:::\n')
    assert document.problems == ()
    assert html(document) == (
        '<figure class="still">\n<img src="plane.svg" alt="A &quot;plane&quot;." width="40" '
        'height="20" loading="lazy">\n<figcaption><p>A <em>caption</em>.</p>\n</figcaption>\n'
        "</figure>\n"
    )
    assert document.files == (folder / "plane.svg",)


def test_a_picture_outside_the_folder_is_not_shown(root: Path, parsed: Parsed):
    (root / "secret.svg").write_text("<svg/>")
    document = parsed(":::{figure} ../../../secret.svg\n:alt: No.\n:::\n")
    assert told(document) == [
        "1: There is no picture '../../../secret.svg'.\n    The page's folder holds none."
    ]
    assert document.files == ()


def test_a_file_that_is_no_picture_is_not_shown(root: Path, parsed: Parsed):
    folder = root / "explainers/papers/demo"
    folder.mkdir(parents=True)
    (folder / "plane.bmp").write_bytes(b"BM")
    (problem,) = told(parsed(":::{figure} plane.bmp\n:alt: No.\n:::\n"))
    assert problem.startswith("1: 'plane.bmp' is no picture that a page can show.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            ":::{exhibt} first\n:::\n",
            "1: Unknown directive 'exhibt'.\n    Did you mean 'exhibit'?",
        ),
        (
            ":::note\nText.\n:::\n",
            "1: 'note' is no directive.\n"
            f"    Write `:::{{name}}` with one of {', '.join(DIRECTIVES)}.",
        ),
        (
            ":::{exhibit} frist\n:::\n",
            "1: Unknown exhibit 'frist'.\n    Did you mean 'first'?",
        ),
        (
            ":::{exhibit}\n:::\n",
            "1: The directive {exhibit} has no name.\n    Write `:::{exhibit} NAME`.",
        ),
        (
            ":::{claim} double\n:::\n",
            "1: Unknown claim 'double'.\n    Did you mean 'doubled'?",
        ),
        (
            ":::{claims} all\n:::\n",
            "1: The directive {claims} takes nothing behind its name, not 'all'.\n"
            "    Write `:::{claims}` alone on the line.",
        ),
        (
            ":::{claims}\n\nText.\n:::\n",
            "2: The directive {claims} takes no text.\n    Move the text out of the directive.",
        ),
        (
            "\n:::{quote}\nWords.\n:::\n",
            "2: The directive {quote} has no :source: option.\n"
            "    Add a line `:source: …` right below the first.",
        ),
        (
            ":::{quote}\n:source: one1999\n:loc: abstract\n\nWords.\n:::\n",
            "3: Unknown option of {quote} 'loc'.\n    Did you mean 'locator'?",
        ),
        (
            ":::{quote}\n:source: one1999\n:::\n",
            "1: The quotation is empty.\n    Write the quoted words below.",
        ),
        (
            ":::{figure} a.svg\n:::\n",
            "1: The directive {figure} has no :alt: option.\n"
            "    Add a line `:alt: …` right below the first.",
        ),
        (
            ":::{derivation}\nText.\n:::\n",
            "1: The derivation is not one numbered list.\n"
            "    Write its steps as one numbered list: `1. …`, with explanations indented below.",
        ),
        (
            "Text.\n\n:::{aside}\nText.\n",
            "3: The block ':::{aside}' is never closed.\n    End it with a line `:::`.",
        ),
        (
            ":::{exhibit} first\n:::\n\n:::{exhibit} first\n:::\n",
            f"4: The exhibit 'first' stands twice, first on line {first_row()}.\n"
            "    Keep one of them.",
        ),
    ],
)
def test_a_fault_is_named_with_line_and_remedy(parsed: Parsed, body: str, message: str):
    assert told(parsed(body)) == [message]


def test_every_directive_is_documented_for_authors():
    text = (Path(__file__).parents[3] / "docs/architecture.md").read_text("utf-8")
    for name in DIRECTIVES:
        assert f"{{{name}}}" in text
