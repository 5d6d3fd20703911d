"""Check: what a page lacks or gets wrong, without running anything of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workings_build.asset_checks import check_assets
from workings_build.frontmatter import FrontMatter
from workings_build.markdown import Document, Site, parse
from workings_build.markdown.numbers import figures
from workings_build.passes.load import GROUPS, PageSource, stray
from workings_build.problems import Problem, in_order, listing, suggestion


@dataclass(frozen=True)
class Rule:
    """What a kind of page must have: keys of the front matter, and how many of each part."""

    keys: tuple[str, ...] = ()
    exhibits: int = 2
    claims: int = 1
    mutants: int = 1
    kernels: int = 1
    quotes: int = 0
    limits: int = 1
    references: int = 1
    changes: int = 1
    bibtex: bool = False


PAPER = ("authors", "organisation", "venue", "year", "era", "tags")
RULES: Mapping[str, Rule] = {
    "paper": Rule(keys=PAPER, quotes=1, bibtex=True),
    "article": Rule(keys=("tags",)),
    "comparison": Rule(keys=("builds_on", "tags"), quotes=1, references=2),
    "course": Rule(keys=("builds_on", "tags"), mutants=0),
    "track": Rule(keys=("tags",), mutants=0),
}
"""The parts that every page of a kind has; the only place that says so."""

HOW = {
    "exhibits": "Write a function with @exhibit and place it with `:::{exhibit} NAME`.",
    "claims": 'Write a function with @claim("§…") that asserts what its docstring says.',
    "mutants": 'Write a function with @breaks("CLAIM", replaces=…) and one fault.',
    "kernels": "Show annotated source with `:::{kernel} kernels.…`.",
    "quotes": "Quote a sentence with `:::{quote}`, :source: and :locator:.",
    "limits": "Say under `limits:` what the page does not show.",
    "references": "Add the work under `references:`.",
    "changes": "Add `- DATE: First published.` under `changes:`.",
}


def check(
    sources: Sequence[PageSource],
    site: Site | None = None,
    documents: Mapping[str, Document] | None = None,
) -> list[Problem]:
    """Return every problem of the pages, in order of file and line.

    Parameters
    ----------
    sources
        All pages of the site.
    site
        Their surroundings; read from the pages' root when not given. Formulas are only checked
        where it can set them.
    documents
        Pages that have been parsed already, by slug; the others are parsed here.
    """
    if not sources:
        return []
    root = sources[0].root
    site = site or Site.load(root, sources)
    problems = [*stray(root), *site.problems, *_same_slugs(sources)]
    for source in sources:
        document = (documents or {}).get(source.slug) or parse(source, site)
        problems += check_page(source, document, site)
    return in_order(problems)


def check_page(source: PageSource, document: Document, site: Site) -> list[Problem]:
    """Return the problems of one page."""
    problems = [*source.problems, *document.problems, *_declared(source, document)]
    problems += check_assets(source, site)
    if source.matter is not None:
        problems += _identity(source, source.matter)
        problems += _neighbours(source, source.matter, site)
        problems += _parts(source, source.matter, document)
        problems += _references(source, source.matter, document)
        problems += _plain_numbers(source, source.matter)
    return problems


def _at(source: PageSource, key: str, what: str, remedy: str) -> Problem:
    return Problem(source.page_file, source.line_of(key, key.split(".")[0]), what, remedy)


def _same_slugs(sources: Sequence[PageSource]) -> Iterator[Problem]:
    seen: dict[str, PageSource] = {}
    for source in sources:
        if other := seen.get(source.slug):
            what = f"The slug '{source.slug}' is taken by {other.page_file}."
            yield Problem(source.page_file, source.line_of("slug"), what, "Rename the folder.")
        seen.setdefault(source.slug, source)


def _identity(source: PageSource, front: FrontMatter) -> Iterator[Problem]:
    if front.slug != source.slug:
        what = f"The slug is '{front.slug}', but the folder is called '{source.slug}'."
        yield _at(source, "slug", what, f"Write `slug: {source.slug}`, or rename the folder.")
    kind = GROUPS[source.group][0]
    if front.kind != kind:
        group = next(name for name, (own, _) in GROUPS.items() if own == front.kind)
        what = f"The kind is '{front.kind}', but the folder lies in '{source.group}'."
        remedy = f"Write `kind: {kind}`, or move the folder to explainers/{group}."
        yield _at(source, "kind", what, remedy)
    for index, (date, _) in enumerate(front.changes):
        if date < front.date:
            what = f"The change of {date} is older than the page's date, {front.date}."
            yield _at(source, f"changes.{index}", what, "Put one of the two dates right.")


def _neighbours(source: PageSource, front: FrontMatter, site: Site) -> Iterator[Problem]:
    fields, eras = site.catalog.fields, site.catalog.eras
    if fields and front.field not in fields:
        remedy = suggestion(front.field, fields, f"The fields are {listing(fields, 20)}.")
        yield _at(source, "field", f"Unknown field '{front.field}'.", remedy)
    for index, era in enumerate(front.era):
        if eras and era not in eras:
            remedy = suggestion(era, eras, f"The eras are {listing(eras)}.")
            yield _at(source, f"era.{index}", f"Unknown era '{era}'.", remedy)
    for index, slug in enumerate(front.builds_on):
        if slug == source.slug:
            what, remedy = "The page builds on itself.", "Delete the entry."
            yield _at(source, f"builds_on.{index}", what, remedy)
        elif slug not in site.links:
            remedy = suggestion(slug, site.links, "Add the page to explainers/catalog.toml.")
            yield _at(source, f"builds_on.{index}", f"Unknown page '{slug}'.", remedy)


def _parts(source: PageSource, front: FrontMatter, document: Document) -> Iterator[Problem]:
    rule = RULES[front.kind]
    for key in rule.keys:
        if not getattr(front, key):
            what = f"{_article(front.kind)} needs the key '{key}'."
            yield _at(source, "kind", what, f"Add `{key}: …` to the front matter.")
    counts = {
        "exhibits": len(set(document.exhibits)),
        "claims": len(source.declared.claims),
        "mutants": len(source.declared.mutants),
        "kernels": len(document.kernels),
        "quotes": len(document.quotes),
        "limits": len(front.limits),
        "references": len(front.references),
        "changes": len(front.changes),
    }
    for part, count in counts.items():
        least = getattr(rule, part)
        if count < least:
            name = part if least > 1 else part.removesuffix("s")
            has = "none" if count == 0 else f"only {count}"
            what = f"{_article(front.kind)} needs at least {least} {name}; this one has {has}."
            file = source.exhibits_file if part in ("claims", "mutants") else source.page_file
            line = None if file == source.exhibits_file else source.line_of(part, "kind")
            yield Problem(file, line, what, HOW[part].replace("DATE", front.date))


def _article(kind: str) -> str:
    return f"{'An' if kind[0] in 'aeiou' else 'A'} {kind}"


def _references(source: PageSource, front: FrontMatter, document: Document) -> Iterator[Problem]:
    cited = {reference.key for reference in document.references}
    for key, entry in front.references.items():
        place = f"references.{key}"
        if key not in cited:
            what = f"The reference '{key}' is never cited."
            remedy = f"Cite it with {{cite}}`{key} locator`, or delete it."
            yield _at(source, place, what, remedy)
        if entry.link is None:
            what = f"The reference '{key}' leads nowhere."
            yield _at(source, place, what, "Add `arxiv:`, `doi:` or `url:` below it.")
    if RULES[front.kind].bibtex and front.subject and not front.subject.bibtex.strip():
        key = next(iter(front.references))
        what = f"The reference '{key}', which comes first and is the paper itself, has no BibTeX."
        yield _at(source, f"references.{key}", what, "Add `bibtex: |` and the entry below it.")


def _plain_numbers(source: PageSource, front: FrontMatter) -> Iterator[Problem]:
    for key in ("dek", "why"):
        for _, number in figures(getattr(front, key)):
            what = f"The number '{number}' stands in '{key}', where it can have no source."
            remedy = "Say it in words, or in the text beside a {cite} or {claim}."
            yield _at(source, key, what, remedy)


def _declared(source: PageSource, document: Document) -> Iterator[Problem]:
    """Compare what `exhibits.py` declares with the text, and mutants with claims."""
    placed = set(document.exhibits)
    for name, exhibit in source.declared.exhibits.items():
        if source.body.strip() and name not in placed:
            what = f"The exhibit '{name}' is not placed in the text."
            remedy = f"Add `:::{{exhibit}} {name}` to page.md, or delete the function."
            yield Problem(source.exhibits_file, exhibit.line, what, remedy)
    claims = source.declared.claims
    for name, mutant in source.declared.mutants.items():
        if mutant.claim not in claims:
            what = f"The mutant '{name}' breaks the unknown claim '{mutant.claim}'."
            remedy = suggestion(mutant.claim, claims, f"The claims are {listing(claims)}.")
            yield Problem(source.exhibits_file, mutant.line, what, remedy)
