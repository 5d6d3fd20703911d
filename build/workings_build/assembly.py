"""From computed pages to the files of a site: prose, templates, indexes and the hashed folders."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

import jinja2

from workings_build import assets, graphviz, page_views
from workings_build.around.errata import errata_page
from workings_build.around.lists import SitePage, neighbours
from workings_build.around.receipts import receipts_page
from workings_build.around.search import SearchFault
from workings_build.around.site_files import listed, nav_of, site_files, site_of
from workings_build.around.terms import glossary_page
from workings_build.assets import Bundle
from workings_build.cache import Cache, digest, digest_folder, digest_value
from workings_build.fonts import Wanted, wanted_by
from workings_build.history import revisions
from workings_build.markdown import Document, Site
from workings_build.page_assets import used
from workings_build.page_views import Computed
from workings_build.passes import index, offline, render
from workings_build.passes.load import PageSource
from workings_build.passes.render import Surroundings
from workings_build.passes.verify import Expected
from workings_build.problems import Problem
from workings_build.reporting import Reporter
from workings_build.settings import Settings
from workings_build.templates import environment, template_problem, templates_digest
from workings_build.vendor import Vendored
from workings_build.views import Link, SiteView


@dataclass(frozen=True)
class Read:
    """All pages as they were read, whatever is wrong with them, and their prose by slug."""

    sources: tuple[PageSource, ...]
    site: Site
    prose: Mapping[str, Document]
    keys: Mapping[str, str]  # of the prose, in the cache
    problems: tuple[Problem, ...]
    terms: Document  # the glossary's definitions


@dataclass
class Assembled:
    """A site before it is written: its files, what each page should hold, and problems."""

    assets: str
    files: dict[str, bytes] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Page:
    """A page on its way through the templates."""

    source: PageSource
    document: Document
    computed: Computed
    key: str


def assemble(
    sources: Sequence[PageSource],
    read: Read,
    computed: Mapping[str, Computed],
    vendored: Vendored,
    settings: Settings,
    cache: Cache,
    reporter: Reporter,
) -> Assembled:
    """Set pages and make the site's own files.

    `sources` are the pages to set; links may also lead to the others that were read, since each
    has some page in its place.
    """
    asset_bundle = assets.asset_bundle(settings.site, vendored, _wanted(read, cache), cache)
    runtime_bundle = assets.runtime_bundle(settings.root, vendored)
    site = Assembled(asset_bundle.folder)
    pages = [_page(source, read, computed[source.slug], settings) for source in sources]
    more = _more(pages, read, settings)
    sizes = assets.transfer_sizes(runtime_bundle, cache)
    wanted = {("numpy",), render.WHOLE, *(render.needs_of(page.computed) for page in pages)}
    starts = {need: assets.first_start(runtime_bundle, vendored, need) for need in wanted}
    around = Surroundings(
        assets=asset_bundle.folder,
        runtime=runtime_bundle.folder,
        starts={
            need: tuple(_told(path, runtime_bundle.files[path]) for path in paths)
            for need, paths in starts.items()
        },
        transfers=sizes,
        links=read.site.links,
        upon=_upon(read.sources, read.site.links),
        fields={f.slug: f.name for f in read.site.catalog.fields.values()},
        url=settings.base_url,
        edit_base=settings.edit_base,
        history=revisions(settings.source),
        nav=nav_of(read.site.catalog),
        more=tuple(Link(page.path.strip("/"), page.title, page.path) for page in more),
        paths=neighbours(read.site.catalog, read.site.links),
    )
    for bundle in (asset_bundle, runtime_bundle):
        site.files |= {bundle.folder + path: content for path, content in bundle.files.items()}
    try:
        owned = _set_pages(pages, more, read, vendored, site, around, settings, cache, reporter)
    except SearchFault as fault:
        remedy = "Install what builds need again: pip install -r build/locks/build.txt"
        site.problems.append(Problem("search", None, str(fault), remedy))
        return site
    except jinja2.TemplateError as fault:
        folder = settings.site / "templates"
        site.problems.append(template_problem(fault, folder, settings.root))
        return site
    _service_worker(site, settings, owned, asset_bundle, runtime_bundle, sizes, starts["numpy",])
    return site


def _page(source: PageSource, read: Read, computed: Computed, settings: Settings) -> _Page:
    """Bring together what is known of a page, and what jobs have left for it."""
    document = read.prose[source.slug]
    found = used(source.declared.assets, document.maps, settings.assets)
    return _Page(source, document, replace(computed, assets=found), read.keys[source.slug])


def _more(pages: Sequence[_Page], read: Read, settings: Settings) -> list[SitePage]:
    """Make the pages that gather what stands on all of them."""
    written = [(page.source, page.computed) for page in pages]
    links = read.site.links
    used = [(links[page.source.slug], page.document.terms) for page in pages]
    found = (
        receipts_page(settings.assets, written),
        glossary_page(read.site.glossary, read.terms, used),
        errata_page(written),
    )
    return [page for page in found if page is not None]


def _wanted(read: Read, cache: Cache) -> Wanted:
    """Return the characters that the site's pages set."""
    pages = (
        (read.keys[slug], "".join(part for part in document.parts if isinstance(part, str)))
        for slug, document in read.prose.items()
    )
    glossary = "".join(part for part in read.terms.parts if isinstance(part, str))
    texts = chain(pages, [(digest("glossary", glossary), glossary)])
    written = [source.exhibits_source for source in read.sources]
    written += [repr(read.site.catalog), repr(read.site.glossary)]
    about = [repr(source.matter) for source in read.sources]
    return wanted_by(texts, [*written, *about], cache)


def _set_pages(
    pages: Sequence[_Page],
    more: Sequence[SitePage],
    read: Read,
    vendored: Vendored,
    site: Assembled,
    around: Surroundings,
    settings: Settings,
    cache: Cache,
    reporter: Reporter,
) -> dict[str, dict[str, bytes]]:
    """Set pages, home and the rest; return the files of each page by its path."""
    folder = settings.site / "templates"
    templates = environment(folder)
    cards = [page_views.card_of(page.source, page.document, page.computed) for page in pages]
    cards.sort(key=lambda card: card.title)
    cards.sort(key=lambda card: card.date, reverse=True)
    written = [(page.source, page.computed) for page in pages]
    viz = vendored.path("graphviz/viz.cjs")
    layout = partial(graphviz.layout, viz=viz, cache=cache)
    whole = site_of(read.site.catalog, written, cards, around, settings.commit, layout, more)
    view = whole.view
    common = digest(
        templates_digest(folder), repr(view), repr(around), digest_builder(), settings.commit
    )
    described, owned = [], {}
    with reporter.stage("render", len(pages)) as advance:
        for page in pages:
            left = page.computed.assets.digest()
            key = digest(
                common, page.key, digest_value(page.computed.ran), _baked_digest(page), left
            )
            made = cache.get("pages", key)
            if made is None:
                made = _set_page(page, view, around, templates)
                cache.put("pages", key, made)
            text, entry = made
            described.append(entry)
            owned[page.source.page_path] = _add(page, text, site)
            advance()
    html = {f"{path}index.html": files[path] for path, files in owned.items()}
    own = site_files(whole, around, templates, html, cache)
    site.files |= own.files | {"site.json": listed(whole, described, around)}
    site.expected += own.expected
    return owned | own.owned


def _set_page(
    page: _Page, view: SiteView, around: Surroundings, templates: jinja2.Environment
) -> tuple[str, dict[str, object]]:
    shown = render.view_of(page.source, page.document, page.computed, around, templates)
    text = render.page_html(shown, page.document, page.computed, view, around, templates)
    entry = index.page_entry(page.source, page.document, page.computed, shown, text)
    return text, entry


def _add(page: _Page, text: str, site: Assembled) -> dict[str, bytes]:
    """Put a page's files into the site; return them as the service worker names them."""
    path = page.source.page_path
    beside = render.page_files(page.source, page.document, page.computed)
    files = {path + name: content for name, content in beside.items()}
    site.files |= files | {f"{path}index.html": text.encode()}
    names = tuple(exhibit["schema"]["name"] for exhibit in page.computed.exhibits())
    body = (page.source.folder / "page.md").read_text(encoding="utf-8")
    site.expected.append(Expected(f"{path}index.html", names, page.source.page_file, body))
    return {path: text.encode(), **files}


def _told(path: str, content: bytes) -> render.Started:
    return path, len(content), hashlib.sha256(content).hexdigest()[:8]


def _service_worker(
    site: Assembled,
    settings: Settings,
    owned: Mapping[str, Mapping[str, bytes]],
    asset_bundle: Bundle,
    runtime_bundle: Bundle,
    sizes: Mapping[str, int],
    first: Sequence[str],
) -> None:
    parts = (settings.site / "scripts" / name for name in assets.SERVICE_WORKER)
    template = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    site.files |= offline.service_worker(
        template, asset_bundle, runtime_bundle, owned, sizes, first
    )


def digest_builder() -> str:
    """Hash the builder's own source: whatever it writes may change with it."""
    return digest_folder(Path(__file__).parent)


def _baked_digest(page: _Page) -> str:
    files = (part for name, b in page.computed.baked.items() for part in (name, b["file"]))
    return digest(*files, "card" if page.computed.card else "")


def _upon(sources: Sequence[PageSource], links: Mapping[str, Link]) -> dict[str, tuple[Link, ...]]:
    """Turn "builds on" round: which pages build upon each."""
    upon: dict[str, list[Link]] = {}
    for source in sources:
        for slug in source.matter.builds_on if source.matter else ():
            upon.setdefault(slug, []).append(links[source.slug])
    return {slug: tuple(sorted(found, key=lambda k: k.title)) for slug, found in upon.items()}
