"""What pages compute: the run and bake passes over all pages, cached and side by side."""

import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workings_build.cache import Cache, digest, digest_files, files_below
from workings_build.fonts import unpacked
from workings_build.imports import kernel_files, named_files
from workings_build.page_assets import contents_digest, used
from workings_build.passes.load import PageSource
from workings_build.problems import Problem
from workings_build.reporting import Reporter
from workings_build.settings import Settings
from workings_build.workers import ONE_THREAD, Outcome, Task, run_tasks

_PASSES = ("run.py", "bake.py")
DECODER = "kernels.encoding"
"""What `workings.asset` decodes files with."""

_Job = tuple[str, PageSource, tuple[str | bytes, ...]]  # key in the cache, page, arguments


def environment_digest(settings: Settings) -> str:
    """Hash what every page's numbers depend on: the runtime, the passes, the versions."""
    here = Path(__file__).parent
    return digest(
        digest_files(settings.site, files_below(settings.site / "runtime" / "workings", "**/*.py")),
        digest_files(here, [here / "passes" / name for name in _PASSES]),
        platform.python_version(),
        platform.machine(),
        *(f"{name} {version(name)}" for name in ("numpy", "matplotlib")),
        *(f"{name}={value}" for name, value in ONE_THREAD.items()),
    )


def page_key(source: PageSource, settings: Settings, environment: str) -> str:
    """Name what a page computes: its module, the kernels that this reaches, and all else."""
    kernels = kernel_files(source.exhibits_source, settings.root)
    parts = [environment, source.slug, source.exhibits_source]
    if source.declared.assets:
        kernels = sorted({*kernels, *named_files([DECODER], settings.root)})
        parts.append(contents_digest(source.declared.assets, settings.assets))
    return digest(*parts, digest_files(settings.root, kernels))


def run_pages(
    sources: Sequence[PageSource],
    keys: Mapping[str, str],
    settings: Settings,
    cache: Cache,
    reporter: Reporter,
) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Run claims and mutants; return the results of pages without problems, by slug."""
    from workings_build.passes.run import run_page

    stage = _Stage("run", settings, cache, reporter)
    jobs = {
        source.slug: (keys[source.slug], source, (source.exhibits_source, source.slug))
        for source in sources
    }
    return stage.results(jobs, run_page)


def bake_pages(
    sources: Sequence[PageSource],
    ran: Mapping[str, Mapping[str, Any]],
    keys: Mapping[str, str],
    settings: Settings,
    cache: Cache,
    reporter: Reporter,
) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Bake the exhibits of pages; return files of states and the like, by slug and exhibit."""
    from workings_build.passes.bake import bake_exhibit, over_page_budget

    stage = _Stage("bake", settings, cache, reporter)
    jobs = {}
    for source in sources:
        for exhibit in ran[source.slug]["exhibits"]:
            name = exhibit["schema"]["name"]
            key = digest(keys[source.slug], name)
            jobs[source.slug, name] = (key, source, (source.exhibits_source, source.slug, name))
    results, problems = stage.results(jobs, bake_exhibit)
    baked: dict[str, dict[str, Any]] = {source.slug: {} for source in sources}
    for (slug, name), result in results.items():
        baked[slug][name] = result
    for source in sources:
        sizes = {name: result["bytes"] for name, result in baked[source.slug].items()}
        over = over_page_budget(sizes)
        if over:
            remedy = "Use fewer stops or points in the largest."
            problems.append(Problem(source.exhibits_file, None, over, remedy))
    return baked, problems


def draw_cards(
    sources: Sequence[PageSource],
    keys: Mapping[str, str],
    fonts: tuple[Path, Path],
    settings: Settings,
    cache: Cache,
    reporter: Reporter,
) -> dict[str, bytes]:
    """Draw the cards of pages that compute without problems, as PNG by slug."""
    from workings_build.page_views import byline
    from workings_build.passes import card

    stage = _Stage("card", settings, cache, reporter)
    drawing = digest_files(Path(card.__file__).parent, [Path(card.__file__)])
    letters = [unpacked(path.read_bytes(), cache) for path in fonts] if sources else []
    jobs: dict[str, _Job] = {}
    for source in sources:
        front = source.front
        said = (front.title, byline(front.authors, front.venue, front.year))
        key = digest(keys[source.slug], drawing, *said, *letters)
        jobs[source.slug] = (key, source, (source.exhibits_source, source.slug, *said, *letters))
    results, _ = stage.results(jobs, card.draw_card)
    return {slug: result["png"] for slug, result in results.items()}


class _Stage:
    """One pass over many pieces of work: from the cache where it can, else in worker processes."""

    def __init__(self, name: str, settings: Settings, cache: Cache, reporter: Reporter) -> None:
        self.name = name
        self.settings = settings
        self.cache = cache
        self.reporter = reporter

    def results(
        self, jobs: Mapping[Any, _Job], function: Any
    ) -> tuple[dict[Any, Any], list[Problem]]:
        """Return the results of those jobs that have no problems, and the problems of the rest."""
        found = {name: self.cache.get(self.name, key) for name, (key, _, _) in jobs.items()}
        missing = [name for name in jobs if found[name] is None]
        tasks = []
        for name in missing:
            _, source, arguments = jobs[name]
            read = used(source.declared.assets, (), self.settings.assets, receipts=False)
            files = {name: str(path) for name, path in read.files.items()}
            given = (*arguments, str(self.settings.root), files)
            tasks.append(Task(source.exhibits_file, function, given, self.settings.time_limit))
        with self.reporter.stage(self.name, len(tasks)) as advance:
            outcomes = run_tasks(tasks, self.settings.jobs, lambda task: advance())
        problems: list[Problem] = []
        for name, outcome in zip(missing, outcomes, strict=True):
            key, source, _ = jobs[name]
            faults = list(_problems(source, outcome))
            problems += faults
            if not faults:
                found[name] = outcome.value
                self.cache.put(self.name, key, outcome.value)
        return {name: value for name, value in found.items() if value is not None}, problems


def _problems(source: PageSource, outcome: Outcome) -> Iterable[Problem]:
    """Turn what a worker said, or that it was stopped, into problems."""
    if outcome.stopped:
        what = f"The page's Python was stopped at {outcome.stopped}."
        remedy = "Look for a loop that never ends, or do less; --time-limit gives it longer."
        yield Problem(source.exhibits_file, None, what, remedy)
        return
    for fault in outcome.value["problems"]:
        yield Problem(source.exhibits_file, fault["line"], fault["what"], fault["remedy"])
