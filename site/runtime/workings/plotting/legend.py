"""Legends: no box, samples of the real marks, in a row above the axes or in a named corner.

`"best"` is the row above: it never covers data and does not jump when a control moves.
"""

from typing import Any, NamedTuple

from .artists import View
from .canvas import Canvas, num
from .mathtext import markup, width
from .style import COLOURS

PLACES = (
    "best",
    "upper left",
    "upper right",
    "lower left",
    "lower right",
    "upper center",
    "lower center",
    "center left",
    "center right",
    "center",
    "right",
    "outside right",
)
ROW = 20.0
SIZE = 13.0
SAMPLE = 28.0
_GAP = 18.0


class Entry(NamedTuple):
    """One line of a legend."""

    artist: Any
    label: str
    width: float


def entries(axes: Any) -> list[Entry]:
    """List what the legend of an axes lists, in Matplotlib's order."""
    options = axes.legend_options
    if options is None:
        return []
    handles, labels = options["handles"], options["labels"]
    if handles is None:
        every = [a for a in axes.artists if a.kind not in ("bars", "text", "image")] + axes.bars
        handles = [a for a in every if a.label] if labels is None else every
        handles = [a for a in handles if labels is not None or not a.label.startswith("_")]
    else:
        handles = [h[0] if isinstance(h, list | tuple) else h for h in handles]
    names = [a.label or "" for a in handles] if labels is None else [str(v) for v in labels]
    return [Entry(a, n, SAMPLE + width(n, SIZE)) for a, n in zip(handles, names, strict=False)]


def rows(listed: list[Entry], room: float, ncols: int | None = None) -> list[list[Entry]]:
    """Entries in rows no wider than the room."""
    out: list[list[Entry]] = []
    used = 0.0
    for entry in listed:
        if not out or (used + entry.width > room) or (ncols and len(out[-1]) >= ncols):
            out.append([])
            used = 0.0
        out[-1].append(entry)
        used += entry.width + _GAP
    return out


def draw_rows(canvas: Canvas, table: list[list[Entry]], x: float, y: float) -> None:
    """Write the row or rows; (x, y) is the top left corner."""
    _open(canvas)
    for i, row in enumerate(table):
        at = x
        for entry in row:
            _entry(canvas, entry, at, y + ROW * (i + 0.5))
            at += entry.width + _GAP
    canvas.add("</g>")


def draw_corner(canvas: Canvas, listed: list[Entry], view: View, loc: str) -> None:
    """Write the entries below each other in a corner of the view."""
    if loc == "right":
        loc = "center right"
    wide = max(entry.width for entry in listed)
    tall = ROW * len(listed)
    x = view.left + view.width - wide if "right" in loc else view.left + 10
    y = view.top if "upper" in loc else view.top + view.height - tall - 4
    if loc in ("upper center", "lower center", "center"):
        x = view.left + (view.width - wide) / 2
    if loc.startswith("center"):
        y = view.top + (view.height - tall) / 2
    draw_column(canvas, listed, x, y)


def draw_column(canvas: Canvas, listed: list[Entry], x: float, y: float) -> None:
    """Write the entries below each other; (x, y) is the top left corner."""
    _open(canvas)
    for i, entry in enumerate(listed):
        _entry(canvas, entry, x, y + ROW * (i + 0.5))
    canvas.add("</g>")


def _open(canvas: Canvas) -> None:
    canvas.add(
        f'<g class="legend" color="{COLOURS["c0"]}" fill="currentColor" font-size="{num(SIZE)}">'
    )


def _entry(canvas: Canvas, entry: Entry, x: float, y: float) -> None:
    entry.artist.sample(canvas, x, y)
    canvas.add(
        f'<text x="{num(x + SAMPLE)}" y="{num(y + 0.35 * SIZE)}">{markup(entry.label, SIZE)}</text>'
    )
