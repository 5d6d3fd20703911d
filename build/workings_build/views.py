"""What the templates are given: plain frozen values, made by the render and index passes.

`site/templates/` may use these names and nothing else; a new field is added here first.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Link:
    """A page that another page names; `path` is None while that page is only planned."""

    slug: str
    title: str
    path: str | None


@dataclass(frozen=True)
class Heading:
    """An entry of the table of contents."""

    id: str
    title: str
    level: int


@dataclass(frozen=True)
class Reference:
    """A cited work; `number` is its place in the list of references."""

    key: str
    number: int
    text: str
    url: str | None
    bibtex: str | None


@dataclass(frozen=True)
class ExhibitView:
    """One exhibit, ready to be set: its controls' schema and its default answer."""

    name: str
    title: str
    lead: str  # HTML, may be empty
    controls: list[dict[str, Any]]
    svg: str
    sentence: str
    table: dict[str, Any]  # {"columns": [...], "rows": [[...]]}
    states_url: str | None  # relative to the page; None where there is nothing to bake
    states_bytes: int  # compressed
    states_count: int
    schema_json: str  # for <script type="application/json" class="exhibit-schema">
    playable: str | None  # the control that Play animates
    needs: tuple[str, ...]
    embed_url: str | None = None  # the exhibit's own page, relative to this one


@dataclass(frozen=True)
class ClaimView:
    """One claim with the result that the build saw."""

    name: str
    sentence: str  # plain text
    locator: str
    kind: str  # recomputed | reproduced small | quoted
    ok: bool
    message: str
    measured: dict[str, float]
    source: str  # Python
    source_html: str  # highlighted


@dataclass(frozen=True)
class MutantView:
    """A named fault and the claim that catches it."""

    name: str
    sentence: str
    claim: str
    changes: tuple[str, ...]  # the exhibits whose default picture it changes
    source_html: str


@dataclass(frozen=True)
class ReceiptFile:
    """A file that a job has left and the page uses."""

    name: str
    bytes: int
    sha256: str  # its first twelve digits


@dataclass(frozen=True)
class ReceiptView:
    """How a job came by what the page shows."""

    job: str
    obtained: str  # measured | counted | compiled | modelled | published | trained
    how: str  # that word in a sentence
    description: str
    facts: tuple[tuple[str, str], ...]  # device, date, versions, seed and the like: name, text
    files: tuple[ReceiptFile, ...]
    tiles: int = 0  # pictures of maps, which are not listed one by one
    tiles_bytes: int = 0


@dataclass(frozen=True)
class Card:
    """A page as lists show it."""

    slug: str
    path: str  # relative to the site's root, "attention/"
    kind: str
    title: str
    short_title: str
    dek: str
    byline: str
    field: str
    year: int | None
    date: str
    minutes: int
    claims: int
    exhibits: int


@dataclass(frozen=True)
class Entry:
    """A page of the catalogue, written or planned, as the library and the archive show it."""

    slug: str
    kind: str  # a page's kinds and "track"
    path: str | None  # None while it is only planned
    title: str
    short_title: str
    byline: str
    organisation: str
    venue: str
    year: int | None
    appeared: str  # "2017-06", or the year
    field: str
    field_name: str
    era: tuple[str, ...]
    tags: tuple[str, ...]
    question: str  # that the page answers or will answer
    why: str
    written: bool
    card: Card | None  # of a written page
    builds_on: tuple[Link, ...]
    built_upon_by: tuple[Link, ...]
    related: tuple[Link, ...]  # comparisons and articles about it


@dataclass(frozen=True)
class PageView:
    """Everything of one explainer's page."""

    slug: str
    kind: str
    path: str
    title: str
    short_title: str
    dek: str
    authors: str
    organisation: str
    venue: str
    year: int | None
    field: str
    field_name: str
    era: tuple[str, ...]
    tags: tuple[str, ...]
    why: str
    date: str
    changes: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]  # HTML
    references: tuple[Reference, ...]
    bibtex: str
    own_bibtex: str  # of the page itself
    history: tuple[Any, ...]  # of the page's folder, as `history.Revision`, newest first
    builds_on: tuple[Link, ...]
    built_upon_by: tuple[Link, ...]
    words: int
    minutes: int
    toc: tuple[Heading, ...]
    body: str  # HTML with exhibits, claims and quotes in place
    exhibits: tuple[ExhibitView, ...]
    claims: tuple[ClaimView, ...]
    mutants: tuple[MutantView, ...]
    edit_url: str | None
    card_url: str | None  # social card, relative to the page
    jsonld: str
    page_json: str  # for <script type="application/json" id="workings-page">
    receipts: tuple[ReceiptView, ...] = ()  # of the jobs whose assets and maps the page uses


@dataclass(frozen=True)
class SiteView:
    """What every template knows of the site."""

    title: str
    tagline: str
    url: str | None  # absolute address, where one is configured
    cards: tuple[Card, ...]
    claims_total: int
    exhibits_total: int
    commit: str
    planned_total: int = 0
    most_built_upon: tuple[Entry, ...] = ()
    tracks: tuple[Any, ...] = ()  # reading paths, as `around.lists.TrackView`


@dataclass(frozen=True)
class Frame:
    """Where the page being set lies: the relative ways to the root, the assets and the runtime."""

    root: str  # "../" or "" or "../../"
    assets: str  # "../assets/<hash>/"
    runtime: str  # "../runtime/<hash>/"
    path: str = ""  # from the site's root, "attention/"
    nav: tuple[Link, ...] = field(default=())
    more: tuple[Link, ...] = ()  # the pages that the footer names
    needs_formulas: bool = False  # whether KaTeX's stylesheet is wanted
    formulas: str | None = None  # the page's own rules for formulas, a stylesheet beside the page
    python_bytes: int = 0  # what the first start of Python transfers
