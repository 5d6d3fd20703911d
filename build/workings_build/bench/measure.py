"""Drive the site and the baselines in Chromium, and note what a reader waits for."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workings_build.bench.browsers import launch_with_profile
from workings_build.bench.server import Server
from workings_build.bench.targets import Target

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

PROBE = Path(__file__).with_name("probe.js")
PATIENCE = 180_000  # milliseconds for anything to happen
PICTURES = ("line", "bars", "heat")
REDRAWS = 40
MOVES = 40


@dataclass(frozen=True)
class Subject:
    """A page to measure: where it is and what is moved on it."""

    name: str
    path: str
    exhibit: str
    control: str
    stops: tuple[float, ...] = ()
    between: tuple[float, ...] = ()


@dataclass
class Samples:
    """Everything that was measured of one page, one number a run or a move."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, *numbers: float) -> None:
        """Note numbers under a name."""
        self.values[name].extend(numbers)


def subjects(target: Target) -> tuple[Subject, ...]:
    """Name the site's page and the two baselines; these answer every value alike, from Python."""
    values = tuple(0.5 + step / 10 for step in range(MOVES))
    return (
        Subject(
            "site",
            f"/site/{target.path}",
            target.exhibit,
            target.control,
            target.stops,
            target.between,
        ),
        Subject("numpy", "/baseline/numpy.html", "line", "k", between=values),
        Subject("matplotlib", "/baseline/matplotlib.html", "line", "k", between=values),
    )


class Measurer:
    """Measures pages of a running server."""

    def __init__(self, playwright: "Playwright", server: Server) -> None:
        self.playwright = playwright
        self.server = server

    @contextmanager
    def _profile(self) -> Iterator["BrowserContext"]:
        """Give a browser that has never seen any of the pages."""
        with tempfile.TemporaryDirectory(prefix="workings-bench-") as folder:
            context = launch_with_profile(self.playwright, Path(folder))
            try:
                context.add_init_script(path=PROBE)
                context.set_default_timeout(PATIENCE)
                yield context
            finally:
                context.close()

    def view(self, subject: Subject, samples: Samples) -> None:
        """Open a page without touching it; then, on the site, try its baked states alone."""
        with self._profile() as context:
            page = context.new_page()
            start = len(self.server.sent)
            page.goto(self.server.origin + subject.path, wait_until="load")
            page.wait_for_load_state("networkidle")
            marks = _until(page, "painted")
            samples.add("readable", max(marks["painted"], marks["parsed"]))
            samples.add("bytes_view", self.server.bytes(start, runtime=False))
            if subject.stops:
                page.evaluate("localStorage.setItem('workings-python', 'never')")
                moves = _repeated(subject.stops, MOVES)
                samples.add("answer_baked", *self._answers(page, subject, moves, "baked"))

    def use(self, subject: Subject, samples: Samples) -> None:
        """Move a control at once, twice over in one profile, and then work with Python."""
        plan = {
            "exhibit": subject.exhibit,
            "control": subject.control,
            "values": list(subject.stops[:2] or subject.between[:2]),
        }
        with self._profile() as context:
            context.add_init_script(f"window.benchPlan = {json.dumps(plan)}")
            for visit in ("cold", "warm"):
                page = context.new_page()
                start = len(self.server.sent)
                page.goto(self.server.origin + subject.path, wait_until="domcontentloaded")
                _until(page, "answered")
                marks = _until(page, "ready")
                samples.add(f"first_answer_{visit}", marks["answered"])
                samples.add(f"ready_{visit}", marks["ready"])
                samples.add(f"bytes_ready_{visit}", self.server.bytes(start))
                if visit == "warm":
                    moves = _repeated(subject.between, MOVES)
                    samples.add("answer_live", *self._answers(page, subject, moves, "live"))
                page.wait_for_load_state("networkidle")
                page.close()

    def redraws(self, subject: Subject, modules: list[str]) -> dict[str, dict[str, Any]]:
        """Redraw the three pictures on a baseline page, by each module in turn, in one worker."""
        with self._profile() as context:
            page = context.new_page()
            page.goto(self.server.origin + subject.path, wait_until="domcontentloaded")
            _until(page, "ready")
            if "light" in modules:
                script = """async (root) => {
                    const url = (path) => new URL(path, root).href;
                    const zip = url("workings.zip"), source = url("by_light_axes.py");
                    const { error } = await baseline.ask({ zip, source });
                    if (error) throw new Error(error);
                }"""
                page.evaluate(script, f"{self.server.origin}/baseline/")
            call = "([m, name, count]) => bench.redraws(m, name, count)"
            return {name: page.evaluate(call, [modules, name, REDRAWS]) for name in PICTURES}

    def _answers(
        self, page: "Page", subject: Subject, values: list[float], rung: str
    ) -> list[float]:
        call = "([e, c, v, rung]) => bench.answers(e, c, v, rung)"
        times: list[float] = page.evaluate(call, [subject.exhibit, subject.control, values, rung])
        return times


def _until(page: "Page", mark: str) -> dict[str, float]:
    """Wait for a mark and give all that there are."""
    marks: dict[str, float] = page.evaluate("([m, p]) => bench.until(m, p)", [mark, PATIENCE])
    return marks


def _repeated(values: tuple[float, ...], count: int) -> list[float]:
    return [values[index % len(values)] for index in range(count)]


def measure(
    playwright: "Playwright",
    server: Server,
    target: Target,
    runs: int,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Measure everything `runs` times, the pages in turn, and give all samples."""
    measurer = Measurer(playwright, server)
    pages = subjects(target)
    samples = {subject.name: Samples() for subject in pages}
    for _ in range(runs):
        for subject in pages:
            progress(f"{subject.name}: first view")
            measurer.view(subject, samples[subject.name])
            progress(f"{subject.name}: Python")
            measurer.use(subject, samples[subject.name])
    progress("redraws")
    by_hand = measurer.redraws(pages[1], ["baseline", "light"])
    progress("redraws in Matplotlib")
    by_matplotlib = measurer.redraws(pages[2], ["baseline"])
    return {
        "pages": {name: dict(one.values) for name, one in samples.items()},
        "redraws": {
            name: {
                "hand": by_hand[name]["baseline"],
                "light": by_hand[name]["light"],
                "matplotlib": by_matplotlib[name]["baseline"],
            }
            for name in PICTURES
        },
    }


def steps(runs: int) -> int:
    """How often `measure` tells of its progress."""
    return 6 * runs + 2
