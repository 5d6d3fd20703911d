"""How vendoring tells how far it is: one bar over the bytes still missing."""

from typing import Protocol


class Progress(Protocol):
    """What `ensure` calls while it works; a progress bar implements it."""

    def start(self, total: int) -> None:
        """`total` bytes are still missing."""

    def label(self, text: str) -> None:
        """Say what is being done now."""

    def advance(self, count: int) -> None:
        """`count` more bytes are there (fewer, where negative: thrown away)."""

    def warn(self, text: str) -> None:
        """Tell of a source that could not help."""

    def finish(self) -> None:
        """All is done, or has stopped."""


class Silent:
    """Says nothing."""

    def start(self, total: int) -> None:
        """Do nothing."""

    def label(self, text: str) -> None:
        """Do nothing."""

    def advance(self, count: int) -> None:
        """Do nothing."""

    def warn(self, text: str) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""
