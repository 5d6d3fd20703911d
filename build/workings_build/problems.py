"""A `Problem` is what a pass reports instead of raising: where, what is wrong and what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """Something that an author has to put right.

    Parameters
    ----------
    file
        The file, relative to the root of the site's sources where it lies below it.
    line
        Counted from 1; `None` where the whole file or folder is meant.
    what
        What is wrong, as a sentence.
    remedy
        What to do about it, as a sentence.
    """

    file: str
    line: int | None
    what: str
    remedy: str

    def __str__(self) -> str:
        """Give the problem on two lines, the first as compilers do: `file:line: what`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.what}\n    {self.remedy}"


def format_problems(problems: Iterable[Problem]) -> str:
    """Set problems in order of file and line, each once, with a count at the end."""
    ordered = in_order(problems)
    if not ordered:
        return ""
    count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
    return "\n".join([*(str(problem) for problem in ordered), f"{count}."])


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by file and line and drop repeats."""
    return sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.what, p.remedy))


def relative(path: Path, root: Path) -> str:
    """Name a file as a message does: from `root` where it lies below it, with forward slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` was probably meant to be, or `None`."""
    options = sorted(known)
    folded = {option.casefold(): option for option in reversed(options)}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def suggestion(word: str, known: Iterable[str], otherwise: str) -> str:
    """Say "Did you mean …?" where a known word is near, else `otherwise`."""
    close = nearest(word, known)
    return f"Did you mean '{close}'?" if close else otherwise


def listing(words: Iterable[str], most: int = 12) -> str:
    """Join words for a message: "a, b, c", cut after `most` of them."""
    words = list(words)
    shown = ", ".join(words[:most])
    return f"{shown} …" if len(words) > most else shown or "none"
