"""`workings bench build`: how long builds take, and how much memory, as a site grows."""

import datetime
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import click

from workings_build.pipeline import build
from workings_build.problems import format_problems
from workings_build.scaffold import write_page
from workings_build.settings import Settings, find_root, make_settings

KINDS = ("paper", "article", "comparison", "course")
FIELDS, ERAS = 13, 8  # as many as the real catalogue has
EVERY = 0.2  # seconds between two samples of memory
DAY = datetime.date(2026, 1, 1)


@dataclass(frozen=True)
class Built:
    """What one cold build took, and another after one page's words were edited."""

    pages: int
    seconds: float
    processor: float  # seconds of all cores together
    peak: float  # MB resident in the builder and its workers; shared pages count in each
    again: float  # seconds after the edit

    def row(self) -> str:
        """Give the build as a row of the table."""
        return (
            f"{self.pages:>6} {self.seconds:>9.1f} {1000 * self.seconds / self.pages:>12.0f}"
            f" {1000 * self.processor / self.pages:>14.0f} {self.peak:>9.0f} {self.again:>12.1f}"
        )


HEAD = (
    f"{'pages':>6} {'seconds':>9} {'ms a page':>12} {'CPU ms a page':>14} {'peak MB':>9}"
    f" {'after edit s':>12}"
)


def synthetic_site(folder: Path, pages: int) -> None:
    """Write a catalogue and its pages, each with an exhibit, claims and a mutant of its own.

    Pages are of all kinds, in fields and eras by turns; each builds on two earlier ones. Every
    page's Python differs, so that no page is another's result from the cache.
    """
    tables = [f'[[field]]\nslug = "field-{n}"\nname = "Field {n}"\n' for n in range(FIELDS)]
    tables += [f'[[era]]\nname = "Era {n}"\n' for n in range(ERAS)]
    for number in range(pages):
        slug, kind = f"page-{number:04d}", KINDS[number % len(KINDS)]
        upon = sorted({f"page-{earlier:04d}" for earlier in (number // 2, number // 3)} - {slug})
        field, era = f"field-{number % FIELDS}", f"Era {number * ERAS // pages}"
        around = {"field": field, "era": era, "builds_on": ", ".join(upon)}
        made = write_page(folder, slug, kind, DAY, around)
        path = made / "exhibits.py"
        path.write_text(f"{path.read_text('utf-8')}\n# {number}\n", encoding="utf-8")
        tables.append(
            f'[[page]]\nslug = "{slug}"\nkind = "{kind}"\ntitle = "Page {number}"\n'
            f'year = {2000 + number * 20 // pages}\nfield = "{field}"\nera = ["{era}"]\n'
            f"builds_on = {upon}\n"
        )
    (folder / "explainers" / "catalog.toml").write_text("\n".join(tables), encoding="utf-8")


def cold_build(settings: Settings, pages: int) -> Built:
    """Build a synthetic site with an empty cache, then after an edit, and measure both.

    Raises
    ------
    click.ClickException
        If the site does not build.
    """
    folder = Path(tempfile.mkdtemp(prefix="workings-bench-"))
    try:
        synthetic_site(folder, pages)
        own = replace(settings, source=folder, out=folder / "dist", cache=folder / "cache")
        with _watching() as used:
            seconds = _timed(own)
        page = min(folder.glob("explainers/*/*/page.md"))
        page.write_text(page.read_text("utf-8") + "\nOne more sentence.\n", encoding="utf-8")
        return Built(pages, seconds, used.processor, used.peak, _timed(own))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _timed(settings: Settings) -> float:
    """Build, and give the seconds that it took."""
    began = time.perf_counter()
    built = build(settings)
    if built.problems:
        raise click.ClickException(format_problems(built.problems[:5]))
    return time.perf_counter() - began


@dataclass
class _Used:
    processor: float = 0.0
    peak: float = 0.0


@contextmanager
def _watching() -> Iterator[_Used]:
    """Sample this process and all below it: a worker is gone by the time that the build ends."""
    import psutil

    used, own, over = _Used(), psutil.Process(), threading.Event()

    def tree() -> list[psutil.Process]:
        return [own, *own.children(recursive=True)]

    def sample() -> None:
        while not over.wait(EVERY):
            resident = 0
            for process in tree():
                with suppress(psutil.Error):  # it ended meanwhile
                    resident += process.memory_info().rss
            used.peak = max(used.peak, resident / 1e6)

    def processor() -> float:
        # What a process spent and what its ended children did: workers are the fork server's.
        return sum(sum(process.cpu_times()[:4]) for process in tree())

    before = processor()
    watcher = threading.Thread(target=sample, daemon=True)
    watcher.start()
    try:
        yield used
    finally:
        used.processor = processor() - before
        over.set()
        watcher.join()


@click.command("build")
@click.option(
    "--pages",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Pages of the largest site.",
)
def bench_build(pages: int) -> None:
    """Measure builds of synthetic sites of a quarter, half and all of --pages, cold and edited."""
    settings = make_settings(find_root(Path.cwd()))
    click.echo(f"Cold builds on {settings.jobs} cores")
    click.echo(HEAD)
    for size in sorted({max(1, pages // 4), max(1, pages // 2), pages}):
        click.echo(cold_build(settings, size).row())
