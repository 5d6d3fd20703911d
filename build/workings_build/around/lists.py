"""Library, archive and reading paths: what their templates are given."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workings_build.catalog import Catalog, Track
from workings_build.markdown import Document
from workings_build.views import Entry, Link

KINDS = {
    "paper": "Papers",
    "article": "Articles",
    "comparison": "Comparisons",
    "track": "Tracks",
    "course": "Course",
}
NOT_IN_LINEAGE = ("track", "comparison", "course")


@dataclass(frozen=True)
class SitePage:
    """A page of the site's own: where it lies, and which template sets it from what."""

    path: str  # "library/"
    template: str
    title: str
    context: Mapping[str, Any] = field(default_factory=dict)
    document: Document | None = None  # where the page sets formulas


@dataclass(frozen=True)
class Option:
    """One value of a filter and how many entries have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Shelf:
    """Entries under one heading."""

    slug: str
    name: str
    blurb: str
    years: str
    entries: tuple[Entry, ...]

    @property
    def written(self) -> int:
        """How many of them are written."""
        return sum(entry.written for entry in self.entries)


def library(catalog: Catalog, entries: Sequence[Entry]) -> SitePage:
    """Shelve every page by its field, with the values that can be filtered by."""
    known = {f.slug: f for f in catalog.fields.values()}
    slugs = list(dict.fromkeys([*known, *(entry.field for entry in entries)]))
    shelves = [
        Shelf(
            slug,
            known[slug].name if slug in known else slug,
            known[slug].blurb if slug in known else "",
            "",
            tuple(entry for entry in entries if entry.field == slug),
        )
        for slug in slugs
    ]
    options = {
        "field": [Option(s.slug, s.name, len(s.entries)) for s in shelves if s.entries],
        "kind": _options((e.kind for e in entries), KINDS, KINDS),
        "era": _options((era for e in entries for era in e.era), catalog.eras, {}),
        "tag": _options((tag for e in entries for tag in e.tags), (), {}),
        "status": _options(
            ("written" if e.written else "planned" for e in entries),
            ("written", "planned"),
            {"written": "Written", "planned": "Planned"},
        ),
    }
    context = {"shelves": [shelf for shelf in shelves if shelf.entries], "options": options}
    return SitePage("library/", "library.html", "Library", context | _totals(entries))


def archive(catalog: Catalog, entries: Sequence[Entry], drawn: bool = True) -> SitePage:
    """Shelve the papers by era, oldest first, with the years that each shelf spans.

    `drawn` tells whether there is a lineage to point to.
    """
    papers = [entry for entry in entries if entry.kind == "paper"]
    shelves = []
    for era in catalog.eras.values():
        on = sorted(
            (paper for paper in papers if era.name in paper.era),
            key=lambda paper: (paper.year or 0, paper.appeared, paper.short_title),
        )
        if on:
            slug = era.name.lower().replace(" ", "-")
            shelves.append(Shelf(slug, era.name, era.blurb, _years(on), tuple(on)))
    options = {"tag": _options((tag for p in papers for tag in p.tags), (), {})}
    context = {"shelves": shelves, "options": options, "drawn": drawn}
    return SitePage("archive/", "archive.html", "Archive", context | _totals(papers))


@dataclass(frozen=True)
class TrackView:
    """A reading path with its stages' pages and what they build on outside it."""

    slug: str
    title: str
    path: str
    question: str
    stages: tuple[tuple[str, tuple[Entry, ...]], ...]
    before: tuple[Link, ...]  # what its pages build on and the path doesn't hold

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All pages, in order of reading."""
        return tuple(entry for _, stage in self.stages for entry in stage)

    @property
    def written(self) -> int:
        """How many of them can be read."""
        return sum(entry.written for entry in self.entries)


def tracks(catalog: Catalog, entries: Sequence[Entry]) -> list[SitePage]:
    """Set out the reading paths, and a page that lists them."""
    known = {entry.slug: entry for entry in entries}
    views = [_track(track, known) for track in catalog.tracks.values()]
    pages = [
        SitePage(v.path, "track.html", v.title, {"track": v})
        for v in views
        if v.slug not in known
        or not known[v.slug].written  # a written one has a page of its own, with exhibits
    ]
    if not views:
        return []
    return [SitePage("tracks/", "tracks.html", "Tracks", {"tracks": views}), *pages]


def _track(track: Track, known: Mapping[str, Entry]) -> TrackView:
    stages = tuple(
        (stage.title, tuple(known[slug] for slug in stage.pages if slug in known))
        for stage in track.stage
    )
    inside = set(track.pages)
    outside = Counter(
        link
        for _, pages in stages
        for entry in pages
        for link in entry.builds_on
        if link.slug not in inside
    )
    question = known[track.slug].question if track.slug in known else ""
    before = tuple(link for link, _ in outside.most_common(6))
    return TrackView(track.slug, track.title, f"tracks/{track.slug}/", question, stages, before)


def neighbours(catalog: Catalog, links: Mapping[str, Link]) -> dict[str, list[dict[str, Any]]]:
    """Say for each page on which paths it lies, and which pages there come before and after it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for track in catalog.tracks.values():
        pages = track.pages
        for place, slug in enumerate(pages):
            found.setdefault(slug, []).append(
                {
                    "track": Link(track.slug, track.title, f"tracks/{track.slug}/"),
                    "place": place + 1,
                    "of": len(pages),
                    "previous": links.get(pages[place - 1]) if place else None,
                    "next": links.get(pages[place + 1]) if place + 1 < len(pages) else None,
                }
            )
    return found


def most_built_upon(entries: Sequence[Entry], number: int = 6) -> tuple[Entry, ...]:
    """Return the entries that most papers and articles build on: the lineage's own measure."""
    counted = {
        entry.slug: len(_lineal(entry.built_upon_by, entries)) for entry in entries if entry.year
    }
    ranked = sorted((e for e in entries if counted.get(e.slug)), key=lambda e: -counted[e.slug])
    return tuple(ranked[:number])


def _lineal(links: Iterable[Link], entries: Sequence[Entry]) -> list[Link]:
    kinds = {entry.slug: entry.kind for entry in entries}
    return [link for link in links if kinds.get(link.slug) not in NOT_IN_LINEAGE]


def _options(
    values: Iterable[str], order: Iterable[str], labels: Mapping[str, str]
) -> list[Option]:
    counts = Counter(values)
    first = [value for value in order if value in counts]
    rest = sorted(set(counts) - set(first), key=str.casefold)
    return [Option(value, labels.get(value, value), counts[value]) for value in (*first, *rest)]


def _years(entries: Sequence[Entry]) -> str:
    years = [entry.year for entry in entries if entry.year]
    if not years:
        return ""
    return str(min(years)) if min(years) == max(years) else f"{min(years)} – {max(years)}"


def _totals(entries: Sequence[Entry]) -> dict[str, int]:
    return {"total": len(entries), "written": sum(entry.written for entry in entries)}
