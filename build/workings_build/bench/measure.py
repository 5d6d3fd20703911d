"""Drive the site, and what stands beside it, in Chromium, and note what a reader waits for."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workings_build.bench.browsers import launch_with_profile
from workings_build.bench.server import Server
from workings_build.bench.subjects import MOVES, Subject, subjects
from workings_build.bench.targets import Target

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright, Request

PROBE = Path(__file__).with_name("probe.js")
PATIENCE = 180_000  # milliseconds for anything to happen
PICTURES = ("line", "bars", "heat")
ONLY_HERE = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",)
REDRAWS = 40


class NoAnswer(RuntimeError):
    """A page never came to what is waited for."""


@dataclass
class Samples:
    """Everything that was measured of one page, one number a run or a move.

    `elsewhere` holds the addresses that it asked for outside the server; none is ever answered.
    """

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    elsewhere: set[str] = field(default_factory=set)

    def add(self, name: str, *numbers: float) -> None:
        """Note numbers under a name."""
        self.values[name].extend(numbers)


class Measurer:
    """Measures pages of a running server."""

    def __init__(self, playwright: "Playwright", server: Server) -> None:
        self.playwright = playwright
        self.server = server

    @contextmanager
    def _profile(
        self, subject: Subject, samples: Samples, values: tuple[float, ...] = ()
    ) -> Iterator["BrowserContext"]:
        """Give a browser that has never seen any of the pages, and reaches nothing else."""
        from playwright.sync_api import Error

        def note(request: "Request") -> None:
            if urlsplit(request.url).scheme in {"http", "https", "ws", "wss"} and not (
                request.url.startswith(f"{self.server.origin}/")
            ):
                samples.elsewhere.add(request.url)

        with tempfile.TemporaryDirectory(prefix="workings-bench-") as folder:
            context = launch_with_profile(self.playwright, Path(folder), ONLY_HERE)
            missing = len(self.server.missing)
            try:
                context.on("request", note)
                plan = f"window.benchPlan = {subject.plan(values)};\n"
                context.add_init_script(plan + PROBE.read_text(encoding="utf-8"))
                context.set_default_timeout(PATIENCE)
                yield context
            except Error as error:
                first = (str(error).strip().splitlines() or ["no reason given"])[0]
                lost = dict.fromkeys(self.server.missing[missing:])
                raise NoAnswer(
                    f"{subject.name} ({subject.path}) was not measured: {first}"
                    + "".join(f"\nNot on the server: {path}" for path in lost)
                    + "".join(f"\nNot allowed: {url}" for url in sorted(samples.elsewhere))
                ) from error
            finally:
                context.close()

    def view(self, subject: Subject, samples: Samples) -> None:
        """Open a page without touching it; then, on the site, try its baked states alone."""
        with self._profile(subject, samples) as context:
            page = context.new_page()
            start = len(self.server.sent)
            page.goto(self.server.origin + subject.path, wait_until="load")
            page.wait_for_load_state("networkidle")
            _until(page, "text")
            marks = _until(page, "painted")
            samples.add("readable", max(marks[name] for name in ("painted", "parsed", "text")))
            samples.add("bytes_view", self.server.bytes(start, runtime=False))
            if subject.stops:
                page.evaluate("localStorage.setItem('workings-python', 'never')")
                moves = _repeated(subject.stops, MOVES)
                samples.add("answer_baked", *_answers(page, moves, "baked"))

    def use(self, subject: Subject, samples: Samples) -> None:
        """Move a control at once, twice over in one profile, and then work with Python."""
        with self._profile(subject, samples, subject.stops[:2] or subject.between[:2]) as context:
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
                    samples.add("answer_live", *_answers(page, moves, "live"))
                page.wait_for_load_state("networkidle")
                page.close()

    def redraws(self, subject: Subject, modules: list[str]) -> dict[str, dict[str, Any]]:
        """Redraw the three pictures on a baseline page, by each module in turn, in one worker."""
        with self._profile(subject, Samples()) as context:
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


def _answers(page: "Page", values: list[float], rung: str) -> list[float]:
    times: list[float] = page.evaluate("([v, rung]) => bench.answers(v, rung)", [values, rung])
    return times


def _until(page: "Page", mark: str) -> dict[str, float]:
    """Wait for a mark and give all that there are."""
    marks: dict[str, float] = page.evaluate("([m, p]) => bench.until(m, p)", [mark, PATIENCE])
    return marks


def _repeated(values: tuple[float, ...], count: int) -> list[float]:
    return [values[index % len(values)] for index in range(count)]


def visits(
    measurer: Measurer,
    pages: tuple[Subject, ...],
    runs: int,
    progress: Callable[[str], None],
) -> dict[str, Samples]:
    """Measure pages `runs` times, in turn, and give all samples of each."""
    samples = {subject.name: Samples() for subject in pages}
    for _ in range(runs):
        for subject in pages:
            progress(f"{subject.name}: first view")
            measurer.view(subject, samples[subject.name])
            progress(f"{subject.name}: Python")
            measurer.use(subject, samples[subject.name])
    return samples


def measure(
    playwright: "Playwright",
    server: Server,
    target: Target,
    runs: int,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Measure the site and the baselines, and redraws."""
    measurer = Measurer(playwright, server)
    pages = subjects(target)
    samples = visits(measurer, pages, runs, progress)
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


def steps(runs: int, pages: int = 3, *, redraws: bool = True) -> int:
    """How often progress is told of."""
    return 2 * pages * runs + 2 * redraws
