"""Markers: all of one look as a single path."""

import math
from itertools import pairwise
from typing import Any

import numpy as np

from .artists import Artist, View
from .canvas import Canvas, num, paint, points
from .style import POINT


class Scatter(Artist):
    """Points, of one size and colour or of many."""

    kind = "points"

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        *,
        sizes: np.ndarray,
        classes: Any,
        marker: str,
        label: str | None,
        alpha: float | None,
        z: float,
        values: np.ndarray | None = None,
    ):
        self.xdata, self.ydata, self.sizes, self.classes = x, y, sizes, classes
        self.marker, self.label, self.alpha, self.z = marker, label, alpha, z
        self.values = values
        self.cls = classes if isinstance(classes, str | None) else "c0"

    def get_offsets(self) -> np.ndarray:
        """Points as an array of shape (n, 2)."""
        return np.column_stack([self.xdata, self.ydata])

    def draw(self, canvas: Canvas, view: View) -> None:
        """One path for every pair of size and class."""
        x, y = view.x(self.xdata), view.y(self.ydata)
        seen = np.isfinite(x) & np.isfinite(y) & (abs(x) < 9000) & (abs(y) < 9000)
        size = np.broadcast_to(np.round(np.sqrt(np.abs(self.sizes)) * POINT, 2), x.shape)
        for each in np.unique(size[seen]):
            chosen = seen & (size == each)
            if isinstance(self.classes, str | None):
                if self.classes is not None:
                    draw_markers(
                        canvas,
                        x[chosen],
                        y[chosen],
                        self.marker,
                        float(each),
                        self.classes,
                        self.see_through("fill"),
                    )
                continue
            names = np.asarray(self.classes)
            for name in sorted(set(self.classes)):
                some = chosen & (names == name)
                draw_markers(
                    canvas,
                    x[some],
                    y[some],
                    self.marker,
                    float(each),
                    name,
                    self.see_through("fill"),
                )

    def sample(self, canvas: Canvas, x: float, y: float) -> None:
        """One marker."""
        draw_markers(
            canvas,
            np.array([x + 11]),
            np.array([y]),
            self.marker,
            min(8.0, float(np.sqrt(self.sizes.flat[0])) * POINT),
            self.cls or "c0",
            self.see_through("fill"),
        )


def draw_markers(
    canvas: Canvas, x: np.ndarray, y: np.ndarray, marker: str, size: float, name: str, more: str
) -> None:
    """All markers of one look as one path."""
    if not len(x):
        return
    flat = points(x, y)
    if marker in ("o", "."):
        # A stroke of no length with round ends is a disc.
        across = size / 2 if marker == "." else size
        d = "M%g %gh0" * len(x) % tuple(flat)
        more = more.replace("fill-", "stroke-")
        canvas.add(
            f'<path {paint(name)} fill="none" stroke="currentColor" '
            f'stroke-width="{num(across)}" stroke-linecap="round"{more} d="{d}"/>'
        )
        return
    r = size / 2
    if marker in "x+|_":
        arm = {
            "x": (-r, -r, 2 * r, 2 * r),
            "+": (-r, 0, 2 * r, 0),
            "|": (0, -r, 0, 2 * r),
            "_": (-r, 0, 2 * r, 0),
        }[marker]
        shape = f"m{num(arm[0])} {num(arm[1])}l{num(arm[2])} {num(arm[3])}"
        if marker == "x":
            shape += f"m{num(-2 * r)} 0l{num(2 * r)} {num(-2 * r)}"
        elif marker == "+":
            shape += f"m{num(-r)} {num(-r)}v{num(2 * r)}"
        d = f"M%g %g{shape}" * len(x) % tuple(flat)
        canvas.add(
            f'<path {paint(name)} fill="none" stroke="currentColor" '
            f'stroke-width="1.5"{more.replace("fill-", "stroke-")} d="{d}"/>'
        )
        return
    corners = _CORNERS.get(marker)
    if corners is None:
        raise ValueError(f"marker {marker!r} is unknown: use one of o . s ^ v < > D d * x + | _")
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(corners)]
    shape = f"m{num(corners[0][0] * r)} {num(corners[0][1] * r)}l" + " ".join(
        f"{num(dx * r)} {num(dy * r)}" for dx, dy in steps
    )
    d = f"M%g %g{shape}z" * len(x) % tuple(flat)
    canvas.add(f'<path {paint(name)} fill="currentColor"{more} d="{d}"/>')


_CORNERS: dict[str, list[tuple[float, float]]] = {
    "s": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    "^": [(0, -1.1), (1, 0.8), (-1, 0.8)],
    "v": [(0, 1.1), (1, -0.8), (-1, -0.8)],
    "<": [(-1.1, 0), (0.8, -1), (0.8, 1)],
    ">": [(1.1, 0), (-0.8, -1), (-0.8, 1)],
    "D": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
    "d": [(0, -1.2), (0.75, 0), (0, 1.2), (-0.75, 0)],
    "*": [
        (
            math.sin(k * math.pi / 5) * (1.3 if k % 2 == 0 else 0.55),
            -math.cos(k * math.pi / 5) * (1.3 if k % 2 == 0 else 0.55),
        )
        for k in range(10)
    ],
}
MARKERS = frozenset(_CORNERS) | frozenset("o.x+|_")
