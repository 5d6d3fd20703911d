"""The render pass: a page's prose, exhibits, claims and mutants become its files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jinja2

from workings_build import page_views
from workings_build.cache import digest
from workings_build.history import Revision
from workings_build.markdown import Document, Fill
from workings_build.page_views import Computed
from workings_build.passes.bake import states_name
from workings_build.passes.card import NAME as CARD
from workings_build.passes.load import PageSource
from workings_build.receipt_views import receipt_views
from workings_build.templates import macro
from workings_build.views import Frame, Link, PageView, SiteView

PAGE_VERSION = 1
WHOLE = ("numpy", "matplotlib")
"""Needs that include what PNG and PDF are drawn with."""


Started = tuple[str, int, str]
"""A file that the first start of Python fetches: path, unpacked bytes, how its SHA-256 begins."""


@dataclass(frozen=True)
class Surroundings:
    """What is the same for every page: the hashed folders, links, and what Python's start costs."""

    assets: str  # "assets/<hash>/"
    runtime: str  # "runtime/<hash>/"
    starts: Mapping[tuple[str, ...], tuple[Started, ...]]  # by what a page needs
    transfers: Mapping[str, int]  # path -> bytes to send
    links: Mapping[str, Link] = field(default_factory=dict)
    upon: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    nav: tuple[Link, ...] = ()
    history: Mapping[str, tuple[Revision, ...]] = field(default_factory=dict)  # by folder
    more: tuple[Link, ...] = ()  # further pages of the site's own, for the footer
    paths: Mapping[str, list[dict[str, Any]]] = field(
        default_factory=dict
    )  # reading paths, by page
    url: str | None = None
    edit_base: str | None = None

    def start(self, needs: tuple[str, ...]) -> tuple[Started, ...]:
        """Return the files that Python's start fetches for a page with these needs."""
        return self.starts[needs]

    def start_bytes(self, needs: tuple[str, ...]) -> int:
        """Return what these cost to send."""
        return sum(self.transfers[path] for path, *_ in self.start(needs))

    def beyond_bytes(self, needs: tuple[str, ...]) -> int:
        """Return what Matplotlib's own files cost to send where Python started without them."""
        had = {path for path, *_ in self.start(needs)}
        return sum(self.transfers[path] for path, *_ in self.starts[WHOLE] if path not in had)


def needs_of(computed: Computed) -> tuple[str, ...]:
    """Return the packages that a page's Python wants when it starts, NumPy always among them."""
    return ("numpy", *sorted({n for e in computed.exhibits() for n in e["schema"]["needs"]}))


def frame_of(
    path: str, around: Surroundings, document: Document | None, python_bytes: int
) -> Frame:
    """Tell a page where it lies."""
    root = "../" * path.count("/")
    styles = document.styles if document else ""
    return Frame(
        root=root,
        assets=root + around.assets,
        runtime=root + around.runtime,
        path=path,
        nav=around.nav,
        more=around.more,
        needs_formulas=bool(document and document.formulas),
        formulas=formulas_name(styles) if styles else None,
        python_bytes=python_bytes,
    )


def formulas_name(styles: str) -> str:
    """Name a page's stylesheet of formulas after its content."""
    return f"states/formulas.{digest(styles)[:8]}.css"


def page_files(source: PageSource, document: Document, computed: Computed) -> dict[str, bytes]:
    """Give a page's files beside its HTML, by their path in the page's folder."""
    text = source.exhibits_source
    files = {exhibits_name(text): text.encode()}
    for name, baked in computed.baked.items():
        files[f"states/{states_name(name, baked['file'])}"] = baked["file"].encode()
    if computed.card:
        files[CARD] = computed.card
    if document.styles:
        files[formulas_name(document.styles)] = document.styles.encode()
    files |= computed.assets.published
    for path in document.files:
        files[path.relative_to(source.folder).as_posix()] = path.read_bytes()
    return files


def exhibits_name(source: str) -> str:
    """Name a page's Python source after its content."""
    return f"states/exhibits.{digest(source)[:8]}.py"


def view_of(
    source: PageSource,
    document: Document,
    computed: Computed,
    around: Surroundings,
    templates: jinja2.Environment,
) -> PageView:
    """Set a page's exhibits, claims and mutants into its prose, and gather all of the page."""
    leads = {slot.name: slot.lead for slot in document.slots if slot.kind == "exhibit"}
    exhibits = {
        exhibit["schema"]["name"]: page_views.exhibit_view(
            computed, exhibit, leads.get(exhibit["schema"]["name"], "")
        )
        for exhibit in computed.exhibits()
    }
    claims = {claim["name"]: page_views.claim_view(claim) for claim in computed.ran["claims"]}

    def view(body: str) -> PageView:
        return page_views.page_view(
            source,
            document,
            computed,
            body=body,
            exhibits=tuple(exhibits.values()),
            links=around.links,
            upon=around.upon.get(source.slug, ()),
            history=around.history.get(f"explainers/{source.group}/{source.slug}", ()),
            field_name=around.fields.get(source.front.field, source.front.field),
            page_json=page_views.json_text(page_data(source, computed, around)),
            url=around.url,
            edit_url=f"{around.edit_base}{source.page_file}" if around.edit_base else None,
            receipts=receipt_views(computed.assets),
        )

    page = view("")
    fill = Fill(
        render_exhibit=lambda name, lead: str(
            macro(templates, "_exhibit.html", "exhibit")(exhibits[name])
        ),
        render_claim=lambda name: str(macro(templates, "_claims.html", "claim")(claims[name])),
        render_claims=lambda: str(macro(templates, "_claims.html", "claims")(page)),
        render_mutants=lambda: str(macro(templates, "_mutants.html", "mutants")(page)),
        render_measured=lambda name, number, form: page_views.measured_html(
            claims[name], number, form
        ),
    )
    return view(document.html(fill))


def page_html(
    page: PageView,
    document: Document,
    computed: Computed,
    site: SiteView,
    around: Surroundings,
    templates: jinja2.Environment,
) -> str:
    """Set a page."""
    python = around.start_bytes(needs_of(computed)) + computed.assets.sent()
    frame = frame_of(page.path, around, document, python)
    return templates.get_template("page.html").render(
        site=site, frame=frame, page=page, paths=around.paths.get(page.slug, [])
    )


def page_data(source: PageSource, computed: Computed, around: Surroundings) -> dict[str, Any]:
    """Gather what the page's script reads (docs/architecture.md, "Page data")."""
    root = "../" * source.page_path.count("/")
    needs = needs_of(computed)
    mutants = [page_views.mutant_view(computed, mutant) for mutant in computed.ran["mutants"]]
    return {
        "version": PAGE_VERSION,
        "slug": source.slug,
        "exhibits_source": exhibits_name(source.exhibits_source),
        "runtime": root + around.runtime,
        "root": root,
        "needs": list(needs),
        "files": [list(file) for file in around.start(needs)],
        "assets": computed.assets.listed(),
        "bytes": {
            "python": around.start_bytes(needs) + computed.assets.sent(),
            "matplotlib": around.beyond_bytes(needs),
        },
        "claims": [
            {key: claim[key] for key in ("name", "sentence", "locator", "kind")}
            for claim in computed.ran["claims"]
        ],
        "mutants": [
            {"name": m.name, "sentence": m.sentence, "claim": m.claim, "changes": list(m.changes)}
            for m in mutants
        ],
    }
