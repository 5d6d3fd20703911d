"""Exhibits away from their page: on the home page, and alone, to be embedded elsewhere.

It is the same exhibit with the same states and the same Python; only its addresses differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from workings_build import page_views
from workings_build.page_views import Computed
from workings_build.passes.load import PageSource
from workings_build.passes.render import Surroundings, needs_of, page_data
from workings_build.views import ExhibitView

FIRST_CHOICE = "attention"


@dataclass(frozen=True)
class Borrowed:
    """An exhibit that stands elsewhere, and the page that it is from."""

    slug: str
    title: str
    path: str  # of its page, from the site's root
    exhibit: ExhibitView
    page_json: Markup


def borrow(
    source: PageSource,
    computed: Computed,
    exhibit: Mapping[str, Any],
    around: Surroundings,
    at: str,
) -> Borrowed:
    """Point an exhibit's addresses from `at`, a path from the site's root, to its page."""
    root = "../" * at.count("/")
    page = root + source.page_path
    view = page_views.exhibit_view(computed, exhibit)
    states = f"{page}{view.states_url}" if view.states_url else None
    view = replace(view, states_url=states, embed_url=None)
    data = page_data(source, computed, around)
    data |= {
        "slug": f"{source.slug}-{view.name}",
        "root": root,
        "runtime": root + around.runtime,
        "exhibits_source": page + data["exhibits_source"],
        "assets": [asset | {"url": page + asset["url"]} for asset in data["assets"]],
        "claims": [],
        "mutants": [],
    }
    json = page_views.json_text(data)
    return Borrowed(source.slug, source.front.title, source.page_path, view, json)


def featured(
    written: Sequence[tuple[PageSource, Computed]], around: Surroundings
) -> Borrowed | None:
    """Borrow the first exhibit of the first choice for the home page, or of the newest page."""
    newest = sorted(written, key=lambda pair: pair[0].front.date, reverse=True)
    ranked = sorted(newest, key=lambda pair: pair[0].slug != FIRST_CHOICE)
    found = next(((s, c) for s, c in ranked if c.exhibits() and needs_of(c) == ("numpy",)), None)
    return borrow(*found, found[1].exhibits()[0], around, at="") if found else None


def embeds(
    written: Sequence[tuple[PageSource, Computed]], around: Surroundings
) -> dict[str, Borrowed]:
    """Give every exhibit a page of its own, by path from the site's root."""
    return {
        at: borrow(source, computed, exhibit, around, at)
        for source, computed in written
        for exhibit in computed.exhibits()
        for at in (f"{source.page_path}embed/{exhibit['schema']['name']}/",)
    }
