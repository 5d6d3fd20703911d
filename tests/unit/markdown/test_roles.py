from collections.abc import Callable
from pathlib import Path

from workings_build.katex import Katex
from workings_build.markdown import Document, Site, parse

from tests.unit.load.folders import page_at
from tests.unit.markdown.telling import html, told

Parsed = Callable[..., Document]


def test_a_citation_has_number_locator_and_link(parsed: Parsed):
    document = parsed("A {cite}`two2000 §3`, {cite}`one1999`, {cite}`two2000`.\n")
    assert html(document) == (
        '<p>A <a class="cite" href="#ref-two2000" title="Two, Another, Venue 2000.">[1, §3]</a>, '
        '<a class="cite" href="#ref-one1999" title="One, A Page, Venue 1999.">[2]</a>, '
        '<a class="cite" href="#ref-two2000" title="Two, Another, Venue 2000.">[1]</a>.</p>\n'
    )
    assert [(r.key, r.number) for r in document.references] == [("two2000", 1), ("one1999", 2)]
    assert document.references[1].url == "https://arxiv.org/abs/1706.03762"
    assert document.references[1].bibtex == "@misc{one1999}"


def test_several_works_in_one_citation(parsed: Parsed):
    text = html(parsed("A {cite}`one1999 §3.2; two2000 Table 1`.\n"))
    assert "[1, §3.2]</a> <a" in text
    assert "[2, Table 1]</a>." in text


def test_unknown_names_are_told_with_the_nearest(parsed: Parsed):
    body = """\
A {cite}`one1998`, then
{term}`turns` and {page}`planed` and
{claim}`doubles` and {cite2}`x` and {term}`zebra`.
"""
    document = parsed(body)
    assert told(document) == [
        "1: Unknown reference 'one1998'.\n    Did you mean 'one1999'?",
        "2: Unknown page 'planed'.\n    Did you mean 'planned'?",
        "2: Unknown term 'turns'.\n    Did you mean 'turn'?",
        "3: Unknown claim 'doubles'.\n    Did you mean 'doubled'?",
        "3: Unknown role 'cite2'.\n    Did you mean 'cite'?",
        "3: Unknown term 'zebra'.\n    Known: turn, angle, dot-product.",
    ]
    assert "[one1998]" in html(document)


def test_a_citation_without_a_key_is_told(parsed: Parsed):
    assert told(parsed("A {cite}`one1999;`.\n")) == [
        "1: A citation names no reference.\n    Write {cite}`key locator`."
    ]


def test_a_planned_page_is_plain_text_with_a_mark(parsed: Parsed):
    assert html(parsed("See {page}`planned`.\n")) == (
        '<p>See <span class="planned" title="planned">Planned</span>.</p>\n'
    )


def test_a_page_that_is_there_is_a_relative_link(root: Path, katex: Katex):
    body = "See {page}`demo` and {page}`that <plain>`.\n"
    paper = page_at(root, body)
    article = page_at(root, body, group="articles", slug="plain")
    site = Site.load(root, [paper, article], katex.render)
    assert html(parse(paper, site)) == (
        '<p>See <a class="page" href="../demo/">Page</a> and '
        '<a class="page" href="../articles/plain/">that</a>.</p>\n'
    )
    assert html(parse(article, site)) == (
        '<p>See <a class="page" href="../../demo/">Page</a> and '
        '<a class="page" href="../../articles/plain/">that</a>.</p>\n'
    )
    assert parse(paper, site).pages == ("demo", "plain")


def test_a_term_leads_to_its_definition_and_to_those_that_it_uses(parsed: Parsed):
    document = parsed("A {term}`Turn` of {term}`dot products <dot product>`, {term}`turn`.\n")
    assert document.problems == ()
    assert document.terms == ("turn", "dot-product", "angle")
    assert html(document) == (
        '<p>A <a class="term" href="#term-turn">Turn</a> of '
        '<a class="term" href="#term-dot-product">dot products</a>, '
        '<a class="term" href="#term-turn">turn</a>.</p>\n'
        '<section class="terms" aria-labelledby="terms">\n<h2 id="terms">Terms</h2>\n<dl>\n'
        '<dt id="term-turn">turn</dt>\n'
        '<dd>A rotation by an <a class="term" href="#term-angle">angle</a>.'
        ' <span class="see">See <span class="planned" title="planned">Planned</span>.</span></dd>\n'
        '<dt id="term-dot-product">dot product</dt>\n<dd>A sum.</dd>\n'
        '<dt id="term-angle">angle</dt>\n<dd>How far, ⟦\\theta⟧.</dd>\n'
        "</dl>\n</section>\n"
    )
    assert document.toc[-1].id == "terms"


def test_a_claim_is_a_link_that_says_what_is_claimed(parsed: Parsed):
    assert html(parsed("It is 31% {claim}`doubled`.\n")) == (
        '<p>It is 31% <a class="claim-link" href="#claim-doubled" title="Two ones are two." '
        'aria-label="checked: Two ones are two.">checked</a>.</p>\n'
    )


def test_what_authors_write_in_a_role_is_escaped(parsed: Parsed):
    document = parsed('{cite}`one1999 <b>"x"` {page}`<i>y</i> <planned>`\n')
    assert "[1, &lt;b&gt;&quot;x&quot;]" in html(document)
    assert "&lt;i&gt;y&lt;/i&gt;</span>" in html(document)
