"""How `workings precompute` tells how far it is: a line now and then, or one that changes."""

import shutil
import sys
import threading
import time

import click

from workings_build.precompute.running import Ending

LINE_EVERY = 15.0  # seconds between lines of one job where nothing can be drawn over
_CLEAR = "\r\x1b[K"


class Lines:
    """Writes to standard error; on a terminal, the jobs that run share a last line that changes."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.drawn = sys.stderr.isatty()
        self.told: dict[str, str] = {}
        self.last: dict[str, float] = {}
        self.lock = threading.Lock()

    def started(self, job: str) -> None:
        """Tell that a job begins."""
        with self.lock:
            self.last[job] = time.monotonic()
            self.told[job] = job
            self._say(f"{job}: started")

    def advanced(self, job: str, done: float, total: float, note: str) -> None:
        """Tell how far a job is."""
        share = f"{done / total:4.0%}" if total else f"{done:g}"
        text = f"{job} {share}{f' {note}' if note else ''}"
        with self.lock:
            self.told[job] = text
            now = time.monotonic()
            if self.drawn:
                self._draw()
            elif now - self.last.get(job, now) >= LINE_EVERY:
                self.last[job] = now
                self._say(text)

    def ended(self, ending: Ending) -> None:
        """Tell what became of a job."""
        with self.lock:
            self.told.pop(ending.job, None)
            if ending.state == "done":
                size = f"{ending.bytes / 1000:,.1f} kB"
                self._say(f"{ending.job}: done in {ending.seconds:.1f} s, {size}")
            elif ending.state in ("absent", "waits"):
                self._say(f"{ending.job}: left alone, {ending.message}", always=True)
            elif ending.state == "failed":
                self._say(f"{ending.job}: failed\n{ending.message}", always=True)

    def _say(self, text: str, always: bool = False) -> None:
        if always or not self.quiet:
            click.echo((_CLEAR if self.drawn else "") + text, err=True)
            self._draw()

    def _draw(self) -> None:
        if self.drawn and not self.quiet and self.told:
            width = shutil.get_terminal_size().columns
            line = "  ".join(self.told.values())[: width - 1]
            click.echo(_CLEAR + line, err=True, nl=False)
