"""How a build says what it is doing: a bar a stage on a terminal, or nothing at all."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workings_build.vendor.progress import Progress

Advance = Callable[[], None]


class Reporter(Protocol):
    """What the pipeline tells of its progress."""

    def stage(self, label: str, length: int) -> AbstractContextManager[Advance]:
        """Open a stage of `length` steps; the value advances it by one."""

    def fetching(self) -> "Progress | None":
        """Return what tells of files being fetched, or None where no one listens."""

    def note(self, text: str) -> None:
        """Say something that only the curious want to know."""


class Silent:
    """Says nothing."""

    @contextmanager
    def stage(self, label: str, length: int) -> Iterator[Advance]:
        """Open a stage that no one sees."""
        yield lambda: None

    def fetching(self) -> "Progress | None":
        """Tell no one."""
        return None

    def note(self, text: str) -> None:
        """Say nothing."""


class Terminal:
    """Draws bars on standard error where that is a terminal; `verbose` adds notes."""

    def __init__(self, verbose: bool = False) -> None:
        self.verbose = verbose

    @contextmanager
    def stage(self, label: str, length: int) -> Iterator[Advance]:
        """Draw a bar; a stage without steps has none."""
        import click

        if not length or not sys.stderr.isatty():
            yield lambda: None
            return
        with click.progressbar(
            length=length, label=f"{label:<10}", file=sys.stderr, show_pos=True
        ) as bar:
            yield lambda: bar.update(1)

    def fetching(self) -> "Progress | None":
        """Draw one bar over all the bytes that are missing."""
        from workings_build.vendor.command import Bar

        return Bar()

    def note(self, text: str) -> None:
        """Write a line to standard error, if verbose."""
        if self.verbose:
            print(text, file=sys.stderr)
