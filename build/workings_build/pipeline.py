"""The pipeline: `load -> check -> run -> bake -> render -> index -> verify`, then the swap.

A page with a problem drops out where the problem is found; the others go on, so that one build
reports everything. A site is put in place only when no pass has found any. With `keep_going` the
rest goes to a preview folder, with each broken page showing what is wrong with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workings_build.assembly import Read, assemble
from workings_build.assets import NEEDS
from workings_build.cache import Cache
from workings_build.compute import (
    bake_pages,
    draw_cards,
    environment_digest,
    page_key,
    run_pages,
)
from workings_build.markdown import Site
from workings_build.page_views import Computed
from workings_build.passes.card import SANS, SERIF
from workings_build.passes.check import check as check_sources
from workings_build.passes.load import PageSource, load
from workings_build.passes.verify import verify
from workings_build.precompute.audit import audited
from workings_build.problem_pages import problem_pages, touches
from workings_build.problems import Problem, in_order
from workings_build.reporting import Reporter, Silent
from workings_build.settings import Settings
from workings_build.staging import Staging
from workings_build.typeset import documents, glossary
from workings_build.vendor import Vendored, ensure


@dataclass(frozen=True)
class Built:
    """What came of a build: the folder of the site, unless problems left it as it was."""

    out: Path | None
    pages: int
    problems: tuple[Problem, ...]


def check(settings: Settings, reporter: Reporter | None = None) -> list[Problem]:
    """Check all sources, run the claims and try the mutants; write nothing.

    Raises
    ------
    VendorError
        If what sets formulas can't be had, or has wrong bytes.
    """
    reporter = reporter or Silent()
    cache = Cache(settings.cache)
    vendored = ensure(["katex"], mirror=settings.mirror, progress=reporter.fetching())
    read = _read(settings, vendored, cache, reporter)
    sources = _without_problems(read.sources, read.problems)
    _, problems = _compute(sources, settings, cache, reporter)
    return in_order([*read.problems, *problems])


def build(settings: Settings, reporter: Reporter | None = None) -> Built:
    """Build the site; put it in place if, and only if, nothing is wrong with it.

    Raises
    ------
    VendorError
        If a file of the runtime can't be had, or has wrong bytes.
    """
    reporter = reporter or Silent()
    cache = Cache(settings.cache)
    vendored = ensure(NEEDS, mirror=settings.mirror, progress=reporter.fetching())
    read = _read(settings, vendored, cache, reporter)
    problems = list(read.problems)
    sources = _without_problems(read.sources, problems)
    fonts = (vendored.path(SERIF), vendored.path(SANS))
    computed, more = _compute(sources, settings, cache, reporter, fonts)
    problems += more
    sources = _without_problems(sources, problems)
    site = assemble(sources, read, computed, vendored, settings, cache, reporter)
    problems += site.problems
    if problems and not settings.keep_going:
        return Built(None, len(read.sources), tuple(in_order(problems)))
    out = settings.preview if problems else settings.out
    staging = Staging(out)
    try:
        broken = problem_pages(read.sources, in_order(problems), site)
        for path, content in {**site.files, **broken}.items():
            staging.write(path, content)
        with reporter.stage("verify", 1) as advance:
            found = verify(staging.folder, site.expected, cache)
            advance()
        problems += found
        if found and not settings.keep_going:
            return Built(None, len(read.sources), tuple(in_order(problems)))
        if found and out == settings.out:
            out = settings.preview
            staging = staging.moved(out)
        staging.publish()
    finally:
        staging.discard()
    cache.prune()
    reporter.note(f"{cache.hits} results from the cache, {cache.misses} new ones")
    return Built(out, len(read.sources), tuple(in_order(problems)))


def _read(settings: Settings, vendored: Vendored, cache: Cache, reporter: Reporter) -> Read:
    """Load all pages, set their prose and check them."""
    sources = load(settings.source)
    site = Site.load(settings.source, sources, kernels=settings.kernels)
    sound = [source for source in sources if source.matter is not None]
    katex_js = vendored.path("katex/katex.min.js")
    prose, keys = documents(sound, site, katex_js, settings, cache, reporter)
    problems = check_sources(sources, site, prose)
    terms = glossary(site, katex_js, cache)
    problems += [problem for problem in terms.problems if problem not in problems]
    if settings.source == settings.root:
        problems += audited(settings.root, cache)
    if not sources:
        what = "There is no page to build."
        remedy = "Make one: workings new SLUG --kind paper."
        problems.append(Problem(str(settings.source / "explainers"), None, what, remedy))
    return Read(tuple(sources), site, prose, keys, tuple(problems), terms)


def _without_problems(
    sources: Iterable[PageSource], problems: Sequence[Problem]
) -> list[PageSource]:
    """Return the pages in whose folder nothing is wrong."""
    files = {problem.file for problem in problems}
    return [source for source in sources if not touches(source, files)]


def _compute(
    sources: Sequence[PageSource],
    settings: Settings,
    cache: Cache,
    reporter: Reporter,
    fonts: tuple[Path, Path] | None = None,
) -> tuple[dict[str, Computed], list[Problem]]:
    """Run the pages' claims and mutants; with the cards' fonts, also bake and draw."""
    environment = environment_digest(settings)
    keys = {source.slug: page_key(source, settings, environment) for source in sources}
    ran, problems = run_pages(sources, keys, settings, cache, reporter)
    running = [source for source in sources if source.slug in ran]
    if fonts is None:
        return {source.slug: Computed(ran[source.slug], {}) for source in running}, problems
    baked, more = bake_pages(running, ran, keys, settings, cache, reporter)
    problems += more
    sound = _without_problems(running, more)
    cards = draw_cards(sound, keys, fonts, settings, cache, reporter)
    computed = {
        source.slug: Computed(ran[source.slug], baked[source.slug], cards.get(source.slug, b""))
        for source in running
    }
    return computed, problems
