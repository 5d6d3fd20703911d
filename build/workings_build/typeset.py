"""Prose to `Document`s for all pages: cached, and side by side where there is much to do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from workings_build.cache import Cache, digest, digest_files, digest_folder, digest_value
from workings_build.imports import named_files
from workings_build.katex import Formula, Katex
from workings_build.markdown import Document, Site, definitions, parse
from workings_build.page_assets import used
from workings_build.passes.load import PageSource
from workings_build.reporting import Reporter
from workings_build.settings import Settings
from workings_build.workers import Task, WorkerFault, run_tasks

SECONDS_A_BATCH = 600.0
INLINE = 2  # so many pages are set in this process: starting others would take longer

_MAP_NAME = re.compile(r"\{map\}[ \t]+([\w./-]+)")
_KERNEL_NAME = re.compile(r"\bkernels(?:\.\w+)+")


class _Formulas:
    """Sets formulas; Node starts with the first one."""

    def __init__(self, katex_js: Path) -> None:
        self.katex_js = katex_js
        self.katex: Katex | None = None

    def render(self, tex: str, display: bool) -> Formula:
        """Set one formula."""
        if self.katex is None:
            self.katex = Katex(self.katex_js.parent)
        return self.katex.render(tex, display)

    def close(self) -> None:
        """End Node."""
        if self.katex is not None:
            self.katex.close()


def set_pages(sources: Sequence[PageSource], site: Site, katex_js: Path) -> list[Document]:
    """Set pages one after the other, with one Node process for all of them."""
    formulas = _Formulas(katex_js)
    surroundings = replace(site, formula=formulas.render)
    try:
        return [parse(source, surroundings) for source in sources]
    finally:
        formulas.close()


def documents(
    sources: Sequence[PageSource],
    site: Site,
    katex_js: Path,
    settings: Settings,
    cache: Cache,
    reporter: Reporter,
) -> tuple[dict[str, Document], dict[str, str]]:
    """Set all pages' prose; return documents and the keys that they have in the cache, by slug."""
    common = _common_digest(site, katex_js)
    keys = {source.slug: _key(source, settings, common) for source in sources}
    found: dict[str, Document | None] = {
        source.slug: cache.get("prose", keys[source.slug]) for source in sources
    }
    missing = [source for source in sources if found[source.slug] is None]
    with reporter.stage("prose", len(missing)) as advance:
        for source, document in _set(missing, site, katex_js, settings):
            advance()
            found[source.slug] = movable = _relative(document, source.folder)
            if not document.problems:
                cache.put("prose", keys[source.slug], movable)
    folders = {source.slug: source.folder for source in sources}
    set_prose = {
        slug: replace(document, files=tuple(folders[slug] / path for path in document.files))
        for slug, document in found.items()
        if document is not None
    }
    return set_prose, keys


def glossary(site: Site, katex_js: Path, cache: Cache) -> Document:
    """Set the glossary's definitions."""
    key = digest(_common_digest(site, katex_js), "glossary")
    made: Document | None = cache.get("prose", key)
    if made is None:
        formulas = _Formulas(katex_js)
        try:
            made = definitions(replace(site, formula=formulas.render))
        finally:
            formulas.close()
        if not made.problems:
            cache.put("prose", key, made)
    return made


def _relative(document: Document, folder: Path) -> Document:
    """Name a page's pictures from its folder, so that the project can move with its cache."""
    base = folder.resolve()
    return replace(document, files=tuple(path.relative_to(base) for path in document.files))


def _set(
    sources: Sequence[PageSource], site: Site, katex_js: Path, settings: Settings
) -> list[tuple[PageSource, Document]]:
    if len(sources) <= INLINE:
        return list(zip(sources, set_pages(sources, site, katex_js), strict=True))
    batches = [sources[start :: settings.jobs] for start in range(settings.jobs)]
    tasks = [
        Task("prose", set_pages, (batch, site, katex_js), SECONDS_A_BATCH)
        for batch in batches
        if batch
    ]
    done: list[tuple[PageSource, Document]] = []
    for task, outcome in zip(tasks, run_tasks(tasks, settings.jobs), strict=True):
        if outcome.stopped:
            raise WorkerFault(f"Setting prose: {outcome.stopped}")
        done += zip(task.arguments[0], outcome.value, strict=True)
    return done


def _common_digest(site: Site, katex_js: Path) -> str:
    """Hash what all pages' prose depends on: links, glossary, catalogue, the builder, KaTeX."""
    links: Mapping[str, object] = {slug: asdict(link) for slug, link in site.links.items()}
    glossary = {slug: asdict(term) for slug, term in site.glossary.items()}
    builder = digest_folder(Path(__file__).parent)
    return digest(
        digest_value(links),
        digest_value(glossary),
        repr(site.catalog),
        builder,
        katex_js.read_bytes(),
    )


def _key(source: PageSource, settings: Settings, common: str) -> str:
    text = (source.folder / "page.md").read_bytes()
    names = set(_KERNEL_NAME.findall(text.decode("utf-8", "replace")))
    kernels = named_files(names, settings.root)
    return digest(
        common,
        source.page_path,
        text,
        source.exhibits_source,
        digest_files(settings.root, kernels),
        digest_files(source.folder, source.files),
        *_maps(_MAP_NAME.findall(text.decode("utf-8", "replace")), settings),
    )


def _maps(names: Sequence[str], settings: Settings) -> list[str | bytes]:
    """List what the maps that a page sets are made of."""
    found = used((), names, settings.assets, receipts=False).published
    return [part for name in sorted(found) for part in (name, found[name])]
