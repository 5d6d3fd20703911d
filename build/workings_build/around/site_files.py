"""The site's own files: home, lists, ledger, feeds, twins, and what tells machines of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import jinja2

from workings_build.around import feeds
from workings_build.around.borrow import embeds, featured
from workings_build.around.entries import entries_of
from workings_build.around.feeds import Item
from workings_build.around.hosting import headers_file
from workings_build.around.ledger import ledger
from workings_build.around.lineage import Layout, lineage
from workings_build.around.lists import SitePage, archive, library, most_built_upon, tracks
from workings_build.around.search import folder_of, index_of
from workings_build.around.twins import TWIN, llms_txt, twin
from workings_build.cache import Cache
from workings_build.catalog import Catalog
from workings_build.page_views import Computed
from workings_build.passes import index
from workings_build.passes.load import PageSource
from workings_build.passes.render import Surroundings, frame_of
from workings_build.passes.verify import Expected
from workings_build.views import Card, Entry, Link, SiteView

TITLE = "Workings"
SEARCH = "search/"
TAGLINE = "Landmark AI papers, explained with exhibits that compute in your browser."


@dataclass
class Own:
    """Files by path, the pages among them as the service worker names them, and what they hold."""

    files: dict[str, bytes] = field(default_factory=dict)
    owned: dict[str, dict[str, bytes]] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """Everything that the site's own pages are made from."""

    view: SiteView
    entries: tuple[Entry, ...]
    pages: tuple[SitePage, ...]
    written: tuple[tuple[PageSource, Computed], ...]


def nav_of(catalog: Catalog) -> tuple[Link, ...]:
    """Say where the header leads: to those of the site's own pages that there are."""
    lists = ("library", "archive") if catalog.pages else ()
    names = (*lists, *(("tracks",) if catalog.tracks else ()), "claims", "about", "search")
    return tuple(Link(name, name.capitalize(), f"{name}/") for name in names)


def site_of(
    catalog: Catalog,
    written: Sequence[tuple[PageSource, Computed]],
    cards: Sequence[Card],
    around: Surroundings,
    commit: str,
    layout: Layout,
    more: Sequence[SitePage] = (),
) -> Site:
    """Gather what lists, home and footer say of the whole site; cards are newest first.

    `more` are pages that are made from something else than the catalogue.
    """
    by_slug = {card.slug: card for card in cards}
    entries = entries_of(catalog, [source for source, _ in written], by_slug, around.links)
    own = [SitePage("about/", "about.html", "About"), ledger(written)]
    if catalog.pages:
        drawn = lineage(entries, layout)
        own += [library(catalog, entries), archive(catalog, entries, drawn is not None)]
        own += [drawn] if drawn else []
        own += tracks(catalog, entries)
    own += more
    view = SiteView(
        title=TITLE,
        tagline=TAGLINE,
        url=around.url,
        cards=tuple(cards),
        claims_total=sum(card.claims for card in cards),
        exhibits_total=sum(card.exhibits for card in cards),
        commit=commit,
        planned_total=sum(not entry.written for entry in entries),
        most_built_upon=most_built_upon(entries),
        tracks=next((tuple(p.context["tracks"]) for p in own if p.path == "tracks/"), ()),
    )
    return Site(view, entries, tuple(own), tuple(written))


def site_files(
    site: Site,
    around: Surroundings,
    templates: jinja2.Environment,
    articles: Mapping[str, bytes],
    cache: Cache,
) -> Own:
    """Set the site's own pages and write the files beside them.

    `articles` are the other pages' HTML by path, for the search to find.
    """
    own = Own()
    python = around.start_bytes(("numpy",))
    for page in site.pages:
        frame = frame_of(page.path, around, page.document, python)
        given = {"heading": page.title, "path": page.path, **page.context}
        text = templates.get_template(page.template).render(site=site.view, frame=frame, **given)
        _add(own, page.path, text)
        if page.document and frame.formulas:
            styles = {page.path + frame.formulas: page.document.styles.encode()}
            own.files |= styles
            own.owned[page.path] |= styles
    own_text = ("glossary/index.html", "about/index.html")
    sought = {**articles, **{path: own.files[path] for path in own_text if path in own.files}}
    _search(own, index_of(sought, cache), site.view, around, templates)
    frame = frame_of("", around, None, python)
    shown = featured(site.written, around)
    home = templates.get_template("home.html")
    exhibits = (shown.exhibit.name,) if shown else ()
    _add(own, "", home.render(site=site.view, frame=frame, shown=shown), exhibits)
    alone = templates.get_template("embed.html")
    for path, borrowed in embeds(site.written, around).items():
        frame = frame_of(path, around, None, python)
        text = alone.render(site=site.view, frame=frame, shown=borrowed)
        _add(own, path, text, (borrowed.exhibit.name,))
        del own.owned[path]  # offline, the exhibit is on its page
    frame = frame_of("", around, None, python)
    # A host shows this page at any address: where the site's own is known, it names all from there.
    base = urlsplit(around.url).path if around.url else ""
    there = replace(frame, root=base, assets=base + frame.assets, runtime=base + frame.runtime)
    lost = templates.get_template("404.html").render(site=site.view, frame=there)
    own.files["404.html"] = lost.encode()
    own.expected.append(Expected("404.html", base=base))
    own.files |= {path: text.encode() for path, text in _told(site, around).items()}
    return own


def _search(
    own: Own,
    files: Mapping[str, bytes],
    view: SiteView,
    around: Surroundings,
    templates: jinja2.Environment,
) -> None:
    """Set the search page, with its index beside it."""
    frame = frame_of(SEARCH, around, None, around.start_bytes(("numpy",)))
    text = templates.get_template("search.html").render(
        site=view, frame=frame, heading="Search", path=SEARCH, index=folder_of(files)
    )
    _add(own, SEARCH, text)
    beside = {SEARCH + path: content for path, content in files.items()}
    own.files |= beside
    own.owned[SEARCH] |= beside


def _add(own: Own, path: str, text: str, exhibits: tuple[str, ...] = ()) -> None:
    own.files[f"{path}index.html"] = text.encode()
    own.owned[path] = {path: text.encode()}
    own.expected.append(Expected(f"{path}index.html", exhibits))


def _told(site: Site, around: Surroundings) -> dict[str, str]:
    """Write what machines read."""
    url = around.url
    files = {
        "robots.txt": index.robots(url),
        "site.schema.json": index.site_schema_json(),
        "_headers": headers_file(),
    }
    for source, computed in site.written:
        root = "../" * source.page_path.count("/")
        files[source.page_path + TWIN] = twin(source, computed, around.links, root)
    view = site.view
    files["llms.txt"] = llms_txt(view.title, view.tagline, url or "", site.entries)
    if url:
        dated = [("", ""), *((card.path, card.date) for card in view.cards)]
        dated += [(page.path, "") for page in site.pages] + [(SEARCH, "")]
        files["sitemap.xml"] = index.sitemap(url, dated)
        files |= _feeds(site, url)
    return files


def _feeds(site: Site, url: str) -> dict[str, str]:
    view = site.view
    by_slug = {source.slug: source.front for source, _ in site.written}
    published = [
        Item(card.title, card.path, card.date, card.dek, "", tuple(by_slug[card.slug].tags))
        for card in view.cards
    ]
    changed = sorted(
        (
            Item(front.title, source.page_path, date, what)
            for source, _ in site.written
            for front in (source.front,)
            for date, what in front.changes[1:]
        ),
        key=lambda item: item.date,
        reverse=True,
    )
    return {
        "feed.xml": feeds.rss(view.title, view.tagline, url, "feed.xml", published),
        "atom.xml": feeds.atom(view.title, view.tagline, url, "atom.xml", published),
        "errata.xml": feeds.atom(
            f"{view.title}: corrections",
            "What was put right.",
            url,
            "errata.xml",
            changed,
            about="errata/",
        ),
    }


def listed(site: Site, described: Sequence[Mapping[str, object]], around: Surroundings) -> bytes:
    """Write `site.json`."""
    python = around.start_bytes(("numpy",))
    text = index.site_json(site.view, described, around.assets, around.runtime, python)
    return text.encode()
