"""Fewer points for the same picture: long lines by pixel column, far-away ends cut off."""

from typing import Any

import numpy as np

Points = tuple[np.ndarray, np.ndarray]


def thinned(x: np.ndarray, y: np.ndarray) -> Points:
    """First, lowest, highest and last point of every half pixel that a line passes in x."""
    column = np.floor(np.clip(x, -9999, 9999) * 2.0)
    starts = np.flatnonzero(np.diff(column)) + 1
    starts = np.concatenate([[0], starts])
    if 4 * len(starts) >= len(x):
        return x, y
    ends = np.append(starts[1:], len(x)) - 1
    # Within each run: order by y, keep the places of the extremes.
    run = np.repeat(np.arange(len(starts)), ends - starts + 1)
    order = np.lexsort((y, run))
    keep = np.unique(np.concatenate([starts, ends, order[starts], order[ends]]))
    return x[keep], y[keep]


def clipped(x: np.ndarray, y: np.ndarray, view: Any) -> list[Points]:
    """Parts of a line inside a box somewhat larger than the view, cut exactly at its border."""
    box = (
        view.left - 100,
        view.left + view.width + 100,
        view.top - 100,
        view.top + view.height + 100,
    )
    x0, y0, dx, dy = x[:-1], y[:-1], np.diff(x), np.diff(y)
    start, stop = np.zeros(len(x0)), np.ones(len(x0))
    with np.errstate(divide="ignore", invalid="ignore"):
        for origin, delta, low, high in ((x0, dx, *box[:2]), (y0, dy, *box[2:])):
            a, b = (low - origin) / delta, (high - origin) / delta
            inside = (origin >= low) & (origin <= high)
            flat = delta == 0
            near = np.where(flat, np.where(inside, 0.0, 2.0), np.minimum(a, b))
            far = np.where(flat, np.where(inside, 1.0, -1.0), np.maximum(a, b))
            start, stop = np.maximum(start, near), np.minimum(stop, far)
    parts: list[tuple[list[float], list[float]]] = []
    last = -2
    for i in np.flatnonzero(start < stop).tolist():
        ax, ay = x0[i] + start[i] * dx[i], y0[i] + start[i] * dy[i]
        bx, by = x0[i] + stop[i] * dx[i], y0[i] + stop[i] * dy[i]
        if i == last + 1 and start[i] == 0 and stop[last] == 1:
            parts[-1][0].append(bx)
            parts[-1][1].append(by)
        else:
            parts.append(([ax, bx], [ay, by]))
        last = i
    return [(np.array(px), np.array(py)) for px, py in parts]
