"""Parse a page: from `PageSource` to `Document`."""

import math
import re
from typing import Any

from workings_build.katex import stylesheet
from workings_build.markdown.context import Context, escape
from workings_build.markdown.document import Document
from workings_build.markdown.parser import parser
from workings_build.markdown.site import Site
from workings_build.markdown.slots import CONTROL, part
from workings_build.passes.load import PageSource
from workings_build.problems import in_order, relative
from workings_build.views import Heading

WORDS_A_MINUTE = 200
WORD = re.compile(r"\w+(?:[-'’.]\w+)*")


def parse(source: PageSource, site: Site) -> Document:
    """Set a page's prose; what is wrong with it is in the document's `problems`."""
    context = Context(source, site)
    for row, line in enumerate(source.body.split("\n")):
        if match := CONTROL.search(line):
            what = f"There is a control character (U+{ord(match[0]):04X}) in the text."
            context.problem(row, what, "Delete it.")
    body = CONTROL.sub("\ufffd", source.body)
    md = parser()
    env: dict[str, Any] = {"context": context}
    tokens = md.parse(body, env)
    html: str = md.renderer.render(tokens, md.options, env)
    words = _words(tokens)
    if any(token.type == "footnote_block_open" for token in tokens):
        context.toc.append(Heading("notes", "Notes", 2))
    limits = _limits(context)
    html += _terms(context)
    return Document(
        parts=part(html),
        toc=tuple(context.toc),
        words=words,
        minutes=max(1, math.ceil(words / WORDS_A_MINUTE)),
        references=tuple(context.reference(key) for key in context.cited),
        quotes=tuple(context.quotes),
        terms=tuple(context.terms),
        pages=tuple(context.pages),
        kernels=tuple(context.kernels),
        files=tuple(context.files),
        maps=tuple(context.maps),
        limits=limits,
        styles=stylesheet(context.rules),
        formulas=context.formulas,
        problems=tuple(in_order(context.problems)),
    )


def inline(text: str, context: Context) -> str:
    """Set a line of Markdown without blocks."""
    html: str = parser().renderInline(text, {"context": context})
    return html


def _limits(context: Context) -> tuple[str, ...]:
    matter = context.source.matter
    html = []
    for index, limit in enumerate(matter.limits if matter else ()):
        with context.at(context.source.page_file, context.source.line_of(f"limits.{index}")):
            html.append(inline(limit, context))
    return tuple(html)


def _terms(context: Context) -> str:
    """Set the definitions of the terms used; terms that these use in turn are defined too."""
    file = relative(context.site.root / "explainers" / "glossary.toml", context.site.root)
    entries, done = [], 0
    while done < len(context.terms):
        term = context.site.glossary[context.terms[done]]
        done += 1
        with context.at(file, 1):
            text = inline(term.text, context)
        name, see = escape(term.name), _see(term.see, context)
        entries.append(f'<dt id="term-{term.slug}">{name}</dt>\n<dd>{text}{see}</dd>\n')
    if not entries:
        return ""
    context.toc.append(Heading("terms", "Terms", 2))
    return (
        '<section class="terms" aria-labelledby="terms">\n<h2 id="terms">Terms</h2>\n<dl>\n'
        + "".join(entries)
        + "</dl>\n</section>\n"
    )


def definitions(site: Site) -> Document:
    """Set all of the glossary for a page of its own, one definition a part, in its order."""
    file = site.root / "explainers" / "glossary.toml"
    own = PageSource(
        site.root, "", "glossary", file.parent, "glossary/", None, "", 1, file.parent, ""
    )
    context = Context(own, site)
    entries = []
    with context.at(relative(file, site.root), 1):
        for term in site.glossary.values():
            entries.append(inline(term.text, context) + _see(term.see, context))
    return Document(
        parts=tuple(entries),
        styles=stylesheet(context.rules),
        formulas=context.formulas,
        problems=tuple(in_order(context.problems)),
    )


def _see(slugs: tuple[str, ...], context: Context) -> str:
    own = context.source.slug
    links = [inline(f"{{page}}`{slug}`", context) for slug in slugs if slug != own]
    return f' <span class="see">See {", ".join(links)}.</span>' if links else ""


def _words(tokens: list[Any]) -> int:
    """Count the words of the text, without code blocks; a formula counts as one."""
    count = 0
    for token in tokens:
        for child in token.children or []:
            if child.type.startswith("math"):
                count += 1
            elif child.type == "role" and child.meta["name"] not in ("term", "page"):
                continue
            elif child.content:
                count += len(WORD.findall(child.content))
    return count
