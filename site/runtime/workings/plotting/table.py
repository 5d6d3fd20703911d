"""A figure's own data as a table, for readers who would rather read than look."""

import math
from typing import Any

import numpy as np

from .mathtext import plain_text

#: Longer tables are thinned evenly; the picture's own thinning is finer.
MOST_ROWS = 200
MOST_CELLS = 32


def table_of(figure: Any) -> dict[str, list]:
    """`{"columns": [...], "rows": [...]}` of everything that a figure draws from data."""
    blocks = [block for axes in figure.axes for block in _blocks(axes, len(figure.axes) > 1)]
    if not blocks:
        return {"columns": [], "rows": []}
    blocks = [(plain_text(p), [plain_text(c) for c in cs], rows) for p, cs, rows in blocks]
    if len(blocks) == 1:
        _, columns, rows = blocks[0]
        return {"columns": columns, "rows": _thin(rows)}
    if all(columns == blocks[0][1] for _, columns, _ in blocks):
        columns = ["panel", *blocks[0][1]]
        rows = [[name, *row] for name, _, each in blocks for row in each]
        return {"columns": columns, "rows": _thin(rows)}
    wide = max(len(columns) for _, columns, _ in blocks)
    columns = ["panel", "series", "x", "y"] if wide <= 3 else ["panel", "series"]
    columns += [f"value {i}" for i in range(len(columns) - 1, wide)] if wide > 3 else []
    rows = []
    for name, heads, each in blocks:
        for row in each:
            if wide <= 3:
                rows += [
                    [name, head, row[0], v] for head, v in zip(heads[1:], row[1:], strict=True)
                ]
            else:
                rows.append([name, *row, *[None] * (len(columns) - 1 - len(row))])
    return {"columns": columns, "rows": _thin(rows)}


def _blocks(axes: Any, several: bool) -> list[tuple[str, list[str], list[list]]]:
    """Tables of one axes: (panel's name, columns, rows)."""
    owner = axes.twin_of or axes
    number = axes.figure.axes.index(owner) + 1
    panel = owner.title or f"{number}"
    x_name, y_name = owner.xlabel or "x", axes.ylabel or "y"
    curves = []
    out = []
    for artist in axes.artists:
        named = artist.label if artist.label and not artist.label.startswith("_") else ""
        if artist.kind in ("line", "points"):
            curves.append((artist.xdata, artist.ydata, named or y_name))
        elif artist.kind == "bars":
            curves.append((artist.places, artist.values, named))
        elif artist.kind == "area" and len(artist.data) == 3:
            x, low, high = artist.data
            if np.unique(low[np.isfinite(low)]).size > 1:
                curves.append((x, low, f"{named or y_name}, low"))
            curves.append((x, high, named or y_name))
        elif artist.kind == "image":
            out.append((panel, *_image(axes, artist)))
    if not curves:
        return out
    level = any(a.kind == "bars" and not a.upright for a in axes.artists)
    key = axes.y_axis if level else axes.x_axis
    if level:
        x_name, y_name = axes.ylabel or "y", axes.xlabel or "x"
    curves = [(x, y, name or y_name) for x, y, name in curves]
    first = curves[0][0]
    names = _distinct([name for _, _, name in curves])
    if all(len(x) == len(first) and np.array_equal(x, first, equal_nan=True) for x, _, _ in curves):
        rows = [
            [_word(key, row[0]), *map(_cell, row[1:])]
            for row in np.column_stack([first, *(y for _, y, _ in curves)]).tolist()
        ]
        return [(panel, [x_name, *names], rows), *out]
    rows = [
        [name, _word(key, a), _cell(b)]
        for name, (x, y, _) in zip(names, curves, strict=True)
        for a, b in _thin(np.column_stack([x, y]).tolist(), MOST_ROWS // len(curves))
    ]
    return [(panel, ["series", x_name, y_name], rows), *out]


def _image(axes: Any, image: Any) -> tuple[list[str], list[list]]:
    """Make a matrix, a row a row, thinned evenly where it is large."""
    values = image.array
    rows, columns = (
        np.unique(np.linspace(0, n - 1, min(n, MOST_CELLS)).astype(int)) for n in values.shape
    )
    middle_x = (image.x_edges[1:] + image.x_edges[:-1]) / 2
    middle_y = (image.y_edges[1:] + image.y_edges[:-1]) / 2
    heads = [str(_word(axes.x_axis, float(middle_x[c]))) for c in columns.tolist()]
    corner = " / ".join(name for name in (axes.ylabel, axes.xlabel) if name) or "row"
    body = [
        [_word(axes.y_axis, float(middle_y[r])), *map(_cell, values[r, columns].tolist())]
        for r in rows.tolist()
    ]
    return [corner, *_distinct(heads)], body


def _word(axis: Any, value: float) -> Any:
    """Give the tick's word where there is one, else the number."""
    if not math.isfinite(value):
        return None
    words = None
    if axis.categories is not None:
        words = {float(place): name for name, place in axis.categories.items()}
    elif axis.fixed_labels is not None:
        words = dict(zip(axis.fixed_ticks, axis.fixed_labels, strict=True))
    word = words.get(value) if words else None
    return word if word else _cell(value)


def _cell(value: float) -> float | int | None:
    """Give a number; whole ones as integers, missing ones as None."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _distinct(names: list[str]) -> list[str]:
    """Names with numbers where they repeat."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return out


def _thin(rows: list, most: int = MOST_ROWS) -> list:
    """At most so many rows, evenly chosen, ends included."""
    if len(rows) <= most:
        return rows
    return [rows[i] for i in np.linspace(0, len(rows) - 1, max(most, 2)).astype(int).tolist()]
