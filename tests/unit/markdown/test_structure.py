from collections.abc import Callable

import pytest
from workings_build.markdown import Document
from workings_build.views import Heading

from tests.unit.load.folders import FRONT
from tests.unit.markdown.telling import html, told

Parsed = Callable[..., Document]


def test_headings_have_ids_links_and_a_table_of_contents(parsed: Parsed):
    document = parsed("## First, *really* $x^2$\n\n### Second\n\n#### Third\n\n## Second\n")
    assert document.problems == ()
    assert document.toc == (
        Heading("first-really-x-2", "First, really x^2", 2),
        Heading("second", "Second", 3),
        Heading("second-2", "Second", 2),
    )
    assert (
        '<h3 id="second">Second <a class="anchor" href="#second" '
        'aria-label="Link to this section">#</a></h3>\n'
    ) in html(document)


def test_an_author_may_give_a_heading_its_id(parsed: Parsed):
    document = parsed("## A long heading {#short}\n")
    assert document.toc == (Heading("short", "A long heading", 2),)
    assert "{#" not in html(document)


def test_ids_of_the_page_around_are_left_alone(parsed: Parsed):
    assert parsed("## Claims\n").toc[0].id == "section-claims"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "# Title\n",
            "1: The heading 'Title' is on the first level.\n"
            "    Start sections with ##: the front matter's title is the page's heading.",
        ),
        (
            "## A\n\n#### B\n",
            "3: The heading 'B' is on level 4, but the one before on level 2.\n"
            "    Write it with ###.",
        ),
        (
            "Text\nwith <b>HTML</b>.\n",
            "2: Raw HTML is not read here: '<b>'.\n"
            "    Use Markdown or a directive; to show it as text, put it in backticks.",
        ),
        (
            "<!-- no -->\n",
            "1: Raw HTML is not read here: '<!--'.\n"
            "    Use Markdown or a directive; to show it as text, put it in backticks.",
        ),
        (
            "Text.[^a]\n",
            "1: The footnote 'a' is not written.\n    Add a paragraph `[^a]: …`.",
        ),
        (
            "An\n![alt](x.png)\n",
            "2: An image stands in running text.\n"
            "    Use :::{figure} with :alt: and a caption, or an exhibit.",
        ),
        (
            "```pyhton\nx\n```\n",
            "1: No highlighter knows the language 'pyhton'.\n"
            "    Name another language behind the fence, or none.",
        ),
        (
            "Text\x07.\n",
            "1: There is a control character (U+0007) in the text.\n    Delete it.",
        ),
    ],
)
def test_a_fault_is_named_with_line_and_remedy(parsed: Parsed, body: str, message: str):
    assert told(parsed(body)) == [message]


def test_raw_html_is_escaped(parsed: Parsed):
    text = html(parsed('<script>alert(1)</script> <img src=x onerror="y">\n'))
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


def test_marks_of_slots_cannot_be_forged(parsed: Parsed):
    document = parsed("A \x01exhibit first\x02lead\x03 B.\n")
    assert document.slots == ()


def test_a_script_link_is_no_link(parsed: Parsed):
    assert "<a" not in html(parsed("[x](javascript:alert(1))\n"))


def test_a_link_that_leaves_the_site_tells_nothing(parsed: Parsed):
    assert html(parsed("[x](https://example.org/) [y](#z)\n")) == (
        '<p><a href="https://example.org/" rel="external noopener noreferrer">x</a> '
        '<a href="#z">y</a></p>\n'
    )


def test_a_table_scrolls_and_aligns_by_classes(parsed: Parsed):
    assert html(parsed("| layer | *cost* |\n|:--|--:|\n| a | $n^2$ |\n")) == (
        '<div class="table" role="region" tabindex="0" aria-label="Table 1: layer, cost">\n'
        '<table>\n<thead>\n<tr>\n<th scope="col" class="left">layer</th>\n'
        '<th scope="col" class="right"><em>cost</em></th>\n</tr>\n</thead>\n<tbody>\n<tr>\n'
        '<td class="left">a</td>\n<td class="right">⟦n^2⟧</td>\n</tr>\n</tbody>\n</table>\n</div>\n'
    )


def test_footnotes_lead_there_and_back(parsed: Parsed):
    document = parsed("A[^x] and B[^x].\n\n[^x]: Note.\n")
    assert document.problems == ()
    assert html(document) == (
        '<p>A<sup class="footnote-ref"><a href="#note-1" id="note-ref-1" role="doc-noteref" '
        'aria-label="Note 1">1</a></sup> and B<sup class="footnote-ref"><a href="#note-1" '
        'id="note-ref-1-2" role="doc-noteref" aria-label="Note 1">1</a></sup>.</p>\n'
        '<section class="footnotes" role="doc-endnotes" aria-labelledby="notes">\n'
        '<h2 id="notes">Notes</h2>\n<ol>\n<li id="note-1"><p>Note. '
        '<a class="footnote-back" href="#note-ref-1" role="doc-backlink" '
        'aria-label="Back to the text at note 1">↩\ufe0e</a> '
        '<a class="footnote-back" href="#note-ref-1-2" role="doc-backlink" '
        'aria-label="Back to the text at note 1">↩\ufe0e</a></p>\n</li>\n</ol>\n</section>\n'
    )
    assert document.toc == (Heading("notes", "Notes", 2),)


def test_definition_lists_and_code_are_set(parsed: Parsed):
    assert html(parsed("Term\n: Text.\n\n```python\nx = 1\n```\n")) == (
        "<dl>\n<dt>Term</dt>\n<dd>Text.</dd>\n</dl>\n"
        '<pre class="code" tabindex="0"><code class="language-python">x = 1</code></pre>\n'
    )


def test_words_and_minutes_are_counted_without_code(parsed: Parsed):
    document = parsed("Don't count-me $x$ twice.\n\n```\nnot this\n```\n")
    assert document.words == 4
    assert document.minutes == 1
    assert parsed("word " * 401 + "\n").minutes == 3


def test_no_html_has_inline_styles_or_handlers(parsed: Parsed):
    document = parsed("| a |\n|:-:|\n| $\\frac{1}{2}$ |\n\n$$\n\\sum_i x_i\n$$\n")
    text = "".join(part for part in document.parts if isinstance(part, str))
    assert " style=" not in text
    assert " on" not in text.replace(" one", "")


def test_limits_are_set_as_html(parsed: Parsed):
    front = FRONT.replace("- A limit.", "- Only *the* {page}`planned`.")
    assert parsed("Text.\n", front=front).limits == (
        'Only <em>the</em> <span class="planned" title="planned">Planned</span>.',
    )


def test_a_displayed_formula_an_indented_block_and_a_broken_line(parsed: Parsed):
    document = parsed("Before $$x^2$$ after.\n\n    indented = 1\n\n## One\\\ntwo\n")
    assert document.problems == ()
    text = html(document)
    assert "⟦x^2⟧" in text and "indented" in text
