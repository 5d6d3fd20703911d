"""The glossary as a page: every term with its definition and the pages that use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from workings_build.around.lists import SitePage
from workings_build.glossary import Term
from workings_build.markdown import Document
from workings_build.views import Link


@dataclass(frozen=True)
class Defined:
    """A term, what it means as HTML, and who uses it."""

    slug: str
    name: str
    text: Markup
    pages: tuple[Link, ...]


def glossary_page(
    glossary: Mapping[str, Term], prose: Document, used: Sequence[tuple[Link, Sequence[str]]]
) -> SitePage | None:
    """List the terms by name; None where there are none.

    Parameters
    ----------
    prose
        The definitions, one a part, in the glossary's order.
    used
        Pages with the slugs of the terms that they explain.
    """
    defined = [
        Defined(
            term.slug,
            term.name,
            Markup(text),
            tuple(link for link, terms in used if term.slug in terms),
        )
        for term, text in zip(glossary.values(), prose.parts, strict=True)
    ]
    if not defined:
        return None
    ordered = sorted(defined, key=lambda term: term.name.casefold())
    context = {
        "terms": ordered,
        "total": len(ordered),
        "pages": sorted((link for link, terms in used if terms), key=lambda link: link.title),
    }
    return SitePage("glossary/", "glossary.html", "Glossary", context, prose)
