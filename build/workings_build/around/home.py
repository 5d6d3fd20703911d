"""The home page's exhibit: a real one, borrowed from its page, that runs where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from workings_build import page_views
from workings_build.page_views import Computed
from workings_build.passes.load import PageSource
from workings_build.passes.render import Surroundings, needs_of, page_data
from workings_build.views import ExhibitView

FIRST_CHOICE = "attention"


@dataclass(frozen=True)
class Featured:
    """An exhibit on the home page, and the page that it is from."""

    slug: str
    exhibit: ExhibitView
    page_json: Markup


def featured(
    written: Sequence[tuple[PageSource, Computed]], around: Surroundings
) -> Featured | None:
    """Borrow the first exhibit of the first choice, or of the newest page with one."""
    newest = sorted(written, key=lambda pair: pair[0].front.date, reverse=True)
    ranked = sorted(newest, key=lambda pair: pair[0].slug != FIRST_CHOICE)
    found = next(((s, c) for s, c in ranked if c.exhibits() and needs_of(c) == ("numpy",)), None)
    if found is None:
        return None
    source, computed = found
    path = source.page_path
    view = page_views.exhibit_view(computed, computed.exhibits()[0])
    view = replace(view, states_url=f"{path}{view.states_url}" if view.states_url else None)
    data = page_data(source, computed, around)
    data |= {
        "slug": f"home-{source.slug}",
        "root": "",
        "runtime": around.runtime,
        "exhibits_source": path + data["exhibits_source"],
        "assets": [asset | {"url": path + asset["url"]} for asset in data["assets"]],
        "claims": [],
        "mutants": [],
    }
    return Featured(source.slug, view, page_views.json_text(data))
