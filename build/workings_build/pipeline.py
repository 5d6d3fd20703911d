"""The pipeline: `load -> check -> run -> bake -> render -> index -> verify`, then the swap.

A page with a problem drops out where the problem is found; the others go on, so that one build
reports everything. A site is put in place only when no pass has found any. With `keep_going` the
rest goes to a preview folder, with each broken page showing what is wrong with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from workings_build import feature_list
from workings_build.assembly import Assembled, Read, assemble
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
from workings_build.passes.press import press
from workings_build.passes.validate import find_java, validate
from workings_build.passes.verify import verify
from workings_build.precompute.audit import audited
from workings_build.problem_pages import problem_pages, touches
from workings_build.problems import Problem, in_order
from workings_build.reporting import Reporter, Silent
from workings_build.settings import Settings
from workings_build.staging import Staging
from workings_build.typeset import documents, glossary
from workings_build.vendor import Vendored, ensure

STAND_IN = "https://workings.example/"
"""The address that a check gives the site, so that what needs one is made and checked too."""


@dataclass(frozen=True)
class Built:
    """What came of a build: the folder of the site, unless problems left it as it was."""

    out: Path | None
    pages: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Checked:
    """What came of a check: the problems, and whether the validator could read the pages."""

    problems: tuple[Problem, ...]
    validated: bool


def check(settings: Settings, reporter: Reporter | None = None) -> Checked:
    """Build the whole site where no one sees it, verify it, validate its HTML, and drop it.

    Links, anchors, feeds, the sitemap and JSON-LD are checked as in every build; the checklist of
    features, where the project has one, must name tests that exist.

    Raises
    ------
    VendorError
        If a file of the runtime, or the validator, can't be had, or has wrong bytes.
    """
    reporter = reporter or Silent()
    cache = Cache(settings.cache)
    java = find_java()
    made = _make(replace(settings, base_url=settings.base_url or STAND_IN), cache, reporter)
    with TemporaryDirectory(prefix="workings-check-") as place:
        staging = Staging(Path(place) / "site")
        problems = [*made.problems, *_write(made, staging, cache, reporter)]
        if java:
            with reporter.stage("validate", 1) as advance:
                problems += validate(staging.folder, java, cache, settings.mirror)
                advance()
    if (settings.root / feature_list.LIST).is_file():
        problems += feature_list.audit(settings.root)
    return Checked(tuple(in_order(problems)), validated=java is not None)


def build(settings: Settings, reporter: Reporter | None = None) -> Built:
    """Build the site; put it in place if, and only if, nothing is wrong with it.

    Raises
    ------
    VendorError
        If a file of the runtime can't be had, or has wrong bytes.
    """
    reporter = reporter or Silent()
    cache = Cache(settings.cache)
    made = _make(settings, cache, reporter)
    pages, problems = len(made.read.sources), list(made.problems)
    if problems and not settings.keep_going:
        return Built(None, pages, tuple(in_order(problems)))
    out = settings.preview if problems else settings.out
    staging = Staging(out)
    try:
        found = _write(made, staging, cache, reporter)
        problems += found
        if found and not settings.keep_going:
            return Built(None, pages, tuple(in_order(problems)))
        if found and out == settings.out:
            out = settings.preview
            staging = staging.moved(out)
        if settings.precompress:
            press(staging.folder, settings.jobs, cache, reporter)
        staging.publish()
    finally:
        staging.discard()
    cache.prune()
    reporter.note(f"{cache.hits} results from the cache, {cache.misses} new ones")
    return Built(out, pages, tuple(in_order(problems)))


@dataclass(frozen=True)
class _Made:
    """All of a site before it is written, and what is wrong with its pages so far."""

    read: Read
    site: Assembled
    problems: tuple[Problem, ...]


def _make(settings: Settings, cache: Cache, reporter: Reporter) -> _Made:
    """Read, compute and set all pages; a page with a problem drops out where that is found."""
    vendored = ensure(NEEDS, mirror=settings.mirror, progress=reporter.fetching())
    read = _read(settings, vendored, cache, reporter)
    problems = list(read.problems)
    sources = _without_problems(read.sources, problems)
    fonts = (vendored.path(SERIF), vendored.path(SANS))
    computed, more = _compute(sources, settings, cache, reporter, fonts)
    problems += more
    sources = _without_problems(sources, problems)
    site = assemble(sources, read, computed, vendored, settings, cache, reporter)
    return _Made(read, site, (*problems, *site.problems))


def _write(made: _Made, staging: Staging, cache: Cache, reporter: Reporter) -> list[Problem]:
    """Write the site to its staging folder; return what `verify` finds wrong with it."""
    broken = problem_pages(made.read.sources, in_order(made.problems), made.site)
    for path, content in {**made.site.files, **broken}.items():
        staging.write(path, content)
    with reporter.stage("verify", 1) as advance:
        found = verify(staging.folder, made.site.expected, cache)
        advance()
    return found


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
    fonts: tuple[Path, Path],
) -> tuple[dict[str, Computed], list[Problem]]:
    """Run the pages' claims and mutants, bake their states and draw their cards."""
    environment = environment_digest(settings)
    keys = {source.slug: page_key(source, settings, environment) for source in sources}
    ran, problems = run_pages(sources, keys, settings, cache, reporter)
    running = [source for source in sources if source.slug in ran]
    baked, more = bake_pages(running, ran, keys, settings, cache, reporter)
    problems += more
    sound = _without_problems(running, more)
    cards = draw_cards(sound, keys, fonts, settings, cache, reporter)
    computed = {
        source.slug: Computed(ran[source.slug], baked[source.slug], cards.get(source.slug, b""))
        for source in running
    }
    return computed, problems
