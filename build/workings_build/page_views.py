"""From a page's source, prose and computed results to the `PageView` that templates set."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from workings_build import highlight
from workings_build.frontmatter import FrontMatter
from workings_build.history import Revision
from workings_build.markdown.document import Document
from workings_build.page_assets import PageAssets
from workings_build.passes.bake import states_name
from workings_build.passes.card import NAME as CARD
from workings_build.passes.load import PageSource
from workings_build.views import (
    Card,
    ClaimView,
    ExhibitView,
    Link,
    MutantView,
    PageView,
    ReceiptView,
)

LICENSE_URL = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Computed:
    """What the run and bake passes gave for one page."""

    ran: Mapping[str, Any]
    baked: Mapping[str, Mapping[str, Any]]
    card: bytes = b""  # PNG
    assets: PageAssets = field(default_factory=PageAssets)

    def exhibits(self) -> Sequence[Mapping[str, Any]]:
        """Return the exhibits in the order of definition."""
        exhibits: Sequence[Mapping[str, Any]] = self.ran["exhibits"]
        return exhibits


def json_text(value: Any) -> Markup:
    """Write JSON for a `<script>` element: no character in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def exhibit_view(computed: Computed, exhibit: Mapping[str, Any], lead: str = "") -> ExhibitView:
    """Make an exhibit's view; `lead` is HTML from the page's text."""
    schema = exhibit["schema"]
    baked = computed.baked[schema["name"]]
    described = {
        "name": schema["name"],
        "title": schema["title"],
        "controls": schema["controls"],
        "span": exhibit["span"],
        "mutants": baked["mutants"],
        "needs": schema["needs"],
    }
    worth = baked["states"] > 1 or bool(baked["mutants"])
    default = baked["default"]
    return ExhibitView(
        name=schema["name"],
        title=schema["title"],
        lead=Markup(lead),
        controls=schema["controls"],
        svg=Markup(default["svg"]),
        sentence=default["sentence"],
        table=default["table"],
        states_url=f"states/{states_name(schema['name'], baked['file'])}" if worth else None,
        states_bytes=baked["bytes"] if worth else 0,
        states_count=baked["states"],
        schema_json=json_text(described),
        playable=schema["play"],
        needs=tuple(schema["needs"]),
        embed_url=f"embed/{schema['name']}/",
    )


def claim_view(claim: Mapping[str, Any]) -> ClaimView:
    """Make a claim's view."""
    return ClaimView(
        name=claim["name"],
        sentence=claim["sentence"],
        locator=claim["locator"],
        kind=claim["kind"],
        ok=claim["ok"],
        message=claim["message"],
        measured=dict(claim["measured"]),
        source=claim["source"],
        source_html=Markup(highlight.code(claim["source"])),
    )


def measured_html(claim: ClaimView, number: str, form: str) -> str:
    """Set a number that a claim has measured as a link to it; a dash where the claim failed."""
    shown = measured_text(claim.measured, number, form)
    return str(
        Markup('<a class="measured-link" href="#claim-{}" title="{}">{}</a>').format(
            claim.name, claim.sentence, shown
        )
    )


def measured_text(measured: Mapping[str, float], number: str, form: str) -> str:
    """Write a measured number; without a format, six digits as in the table of claims."""
    if number not in measured:
        return "–"
    return format(measured[number], form or ".6g").replace("-", "−")


def mutant_view(computed: Computed, mutant: Mapping[str, Any]) -> MutantView:
    """Make a mutant's view, with the exhibits whose default picture it changes."""
    changes = [name for name, baked in computed.baked.items() if mutant["name"] in baked["mutants"]]
    return MutantView(
        name=mutant["name"],
        sentence=mutant["sentence"],
        claim=mutant["claim"],
        changes=tuple(changes),
        source_html=Markup(highlight.code(mutant["source"])),
    )


def card_of(source: PageSource, document: Document, computed: Computed) -> Card:
    """Make a page's entry in lists."""
    front = source.front
    exhibits = computed.exhibits()
    return Card(
        slug=source.slug,
        path=source.page_path,
        kind=front.kind,
        title=front.title,
        short_title=front.short_title,
        dek=front.dek,
        byline=byline(front.authors, front.venue, front.year),
        field=front.field,
        year=front.year,
        date=front.date,
        minutes=document.minutes,
        claims=len(computed.ran["claims"]),
        exhibits=len(exhibits),
    )


def byline(authors: str, venue: str, year: int | None) -> str:
    """Write who and where in one line, with more than three authors as "et al."."""
    names = [name.strip() for name in authors.split(",") if name.strip()]
    who = f"{names[0]} et al." if len(names) > 3 else ", ".join(names)
    where = venue if year is None or str(year) in venue else f"{venue} {year}".strip()
    return ", ".join(part for part in (who, where) if part)


def authors_jsonld(authors: str, organisation: str) -> list[dict[str, str]]:
    """Name authors for search engines; one who bears the organisation's name is it."""
    names = [name.strip() for name in authors.split(",") if name.strip()]
    kinds = ("Organization" if name == organisation else "Person" for name in names)
    return [{"@type": kind, "name": name} for kind, name in zip(kinds, names, strict=True)]


def page_view(
    source: PageSource,
    document: Document,
    computed: Computed,
    *,
    body: str,
    exhibits: Sequence[ExhibitView],
    links: Mapping[str, Link],
    upon: Iterable[Link],
    history: Sequence[Revision],
    field_name: str,
    page_json: str,
    url: str | None,
    edit_url: str | None,
    receipts: Sequence[ReceiptView] = (),
) -> PageView:
    """Gather everything of a page."""
    front = source.front
    unknown = [Link(slug, slug, None) for slug in front.builds_on if slug not in links]
    known = {link.slug: link for link in (*links.values(), *unknown)}
    return PageView(
        slug=source.slug,
        kind=front.kind,
        path=source.page_path,
        title=front.title,
        short_title=front.short_title,
        dek=front.dek,
        authors=front.authors,
        organisation=front.organisation,
        venue=front.venue,
        year=front.year,
        field=front.field,
        field_name=field_name,
        history=tuple(history),
        own_bibtex=own_bibtex(front, f"{url}{source.page_path}" if url else ""),
        era=tuple(front.era),
        tags=tuple(front.tags),
        why=front.why,
        date=front.date,
        changes=tuple(front.changes),
        limits=tuple(Markup(limit) for limit in document.limits),
        references=document.references,
        bibtex=front.subject.bibtex.strip() if front.subject else "",
        builds_on=tuple(known[slug] for slug in front.builds_on),
        built_upon_by=tuple(upon),
        words=document.words,
        minutes=document.minutes,
        toc=document.toc,
        body=Markup(body),
        exhibits=tuple(exhibits),
        claims=tuple(claim_view(claim) for claim in computed.ran["claims"]),
        mutants=tuple(mutant_view(computed, mutant) for mutant in computed.ran["mutants"]),
        edit_url=edit_url,
        card_url=CARD if computed.card else None,
        jsonld=json_text(_jsonld(source, document, url)),
        page_json=json_text(page_json) if not isinstance(page_json, Markup) else page_json,
        receipts=tuple(receipts),
    )


def own_bibtex(front: FrontMatter, url: str) -> str:
    """Write how to cite the page itself, which is not the paper that it explains."""
    entries = {
        "author": "{Workings}",
        "title": f"{{{front.short_title}}}, explained with its workings",
        "year": front.date[:4],
        "note": f"Page of {max([front.date, *(date for date, _ in front.changes)])}",
    }
    if url:
        entries["url"] = url
    lines = ",\n".join(f"  {key} = {{{value}}}" for key, value in entries.items())
    return f"@misc{{workings-{front.slug},\n{lines}\n}}"


def _jsonld(source: PageSource, document: Document, url: str | None) -> dict[str, Any]:
    """Describe the page to search engines; absolute addresses only where the site's is known."""
    front = source.front
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "name": front.title,
        "description": front.dek,
        "inLanguage": "en",
        "datePublished": front.date,
        "dateModified": max([front.date, *(date for date, _ in front.changes)]),
        "license": LICENSE_URL,
        "isAccessibleForFree": True,
        "timeRequired": f"PT{document.minutes}M",
        "wordCount": document.words,
        "keywords": list(front.tags),
    }
    subject = front.subject
    if front.kind == "paper" and subject is not None:
        about: dict[str, Any] = {"@type": "ScholarlyArticle", "name": front.title}
        about["author"] = authors_jsonld(front.authors, front.organisation)
        if front.year:
            about["datePublished"] = str(front.year)
        described["about"] = about | ({"url": subject.link} if subject.link else {})
    if url:
        described |= {"url": url + source.page_path, "isPartOf": {"@type": "WebSite", "url": url}}
    return described
