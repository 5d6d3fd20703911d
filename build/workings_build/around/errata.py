"""What changed: every page's log in one, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from workings_build.around.lists import Option, SitePage
from workings_build.page_views import Computed
from workings_build.passes.load import PageSource


@dataclass(frozen=True)
class Change:
    """One line of a page's log."""

    date: str
    slug: str
    title: str
    path: str
    text: str
    kind: str  # "published", for a log's first line, or "changed"


def changes_of(written: Sequence[tuple[PageSource, Computed]]) -> list[Change]:
    """Gather all pages' logs, newest first, a day's by title."""
    changes = [
        Change(
            date,
            source.slug,
            source.front.title,
            source.page_path,
            text,
            "changed" if place else "published",
        )
        for source, _ in written
        for place, (date, text) in enumerate(source.front.changes)
    ]
    changes.sort(key=lambda change: change.title.casefold())
    return sorted(changes, key=lambda change: change.date, reverse=True)


def errata_page(written: Sequence[tuple[PageSource, Computed]]) -> SitePage:
    """Set out the changes by day, with those that put something right told apart."""
    changes = changes_of(written)
    kinds = [change.kind for change in changes]
    labels = {"changed": "Changed", "published": "First published"}
    context = {
        "days": [(day, list(of)) for day, of in groupby(changes, key=lambda c: c.date)],
        "total": len(changes),
        "corrected": kinds.count("changed"),
        "options": {
            "kind": [
                Option(kind, label, kinds.count(kind))
                for kind, label in labels.items()
                if kind in kinds
            ]
        },
    }
    return SitePage("errata/", "errata.html", "Errata", context)
