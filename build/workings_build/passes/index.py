"""The index pass: what belongs to the site and not to a page."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from workings_build.cache import compressed_size
from workings_build.markdown import Document
from workings_build.page_views import Computed
from workings_build.passes.load import PageSource
from workings_build.passes.render import page_files
from workings_build.site_schema import SITE_SCHEMA
from workings_build.views import PageView, SiteView

SITE_VERSION = 1


def page_entry(
    source: PageSource,
    document: Document,
    computed: Computed,
    page: PageView,
    html: str,
) -> dict[str, Any]:
    """Describe a page for `site.json`."""
    files = page_files(source, document, computed)
    exhibits = []
    for exhibit, view in zip(computed.exhibits(), page.exhibits, strict=True):
        schema = exhibit["schema"]
        states = None
        if view.states_url:
            path = source.page_path + view.states_url
            states = {"path": path, "count": view.states_count, "bytes": view.states_bytes}
        entry = {key: schema[key] for key in ("name", "title", "needs", "play", "controls")}
        exhibits.append(entry | {"sentence": view.sentence, "states": states})
    front = source.front
    return {
        "slug": source.slug,
        "kind": front.kind,
        "path": source.page_path,
        "title": front.title,
        "short_title": front.short_title,
        "dek": front.dek,
        "authors": front.authors,
        "year": front.year,
        "field": front.field,
        "era": list(front.era),
        "tags": list(front.tags),
        "builds_on": list(front.builds_on),
        "date": front.date,
        "words": document.words,
        "minutes": document.minutes,
        "exhibits": exhibits,
        "claims": [
            {
                "name": claim.name,
                "sentence": claim.sentence,
                "locator": claim.locator,
                "kind": claim.kind,
                "ok": claim.ok,
                "measured": claim.measured,
            }
            for claim in page.claims
        ],
        "mutants": [
            {
                "name": mutant.name,
                "sentence": mutant.sentence,
                "claim": mutant.claim,
                "changes": list(mutant.changes),
            }
            for mutant in page.mutants
        ],
        "quotes": [
            {"text": quote.text, "source": quote.source, "locator": quote.locator}
            for quote in document.quotes
        ],
        "assets": [
            {
                "path": source.page_path + path,
                "bytes": len(content),
                "compressed": compressed_size(content),
            }
            for path, content in sorted(files.items())
        ],
        "bytes": {
            "html": len(html.encode()),
            "html_compressed": compressed_size(html.encode()),
            "states_compressed": sum(view.states_bytes for view in page.exhibits),
        },
    }


def site_json(
    site: SiteView, entries: Sequence[Mapping[str, Any]], assets: str, runtime: str, python: int
) -> str:
    """Write the list of pages."""
    written = {
        "version": SITE_VERSION,
        "title": site.title,
        "url": site.url,
        "assets": assets,
        "runtime": runtime,
        "python_bytes": python,
        "pages": list(entries),
    }
    return json.dumps(written, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def site_schema_json() -> str:
    """Write the schema of the list of pages."""
    return json.dumps(SITE_SCHEMA, ensure_ascii=False, indent=1) + "\n"


def sitemap(url: str, paths: Sequence[tuple[str, str]]) -> str:
    """Write the sitemap of pages given as path and date."""
    entries = "".join(
        f"<url><loc>{escape(url + path)}</loc>"
        + (f"<lastmod>{date}</lastmod>" if date else "")
        + "</url>\n"
        for path, date in paths
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def robots(url: str | None) -> str:
    """Write robots.txt: everything may be read."""
    return "User-agent: *\nAllow: /\n" + (f"Sitemap: {url}sitemap.xml\n" if url else "")
