"""Lines, markers and filled shapes: their data and how they are drawn."""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .canvas import Canvas, dashes, num, paint, points, polyline
from .style import POINT
from .thinning import clipped, thinned


class View(NamedTuple):
    """Where an axes lies on the picture, and how values become pixels there."""

    left: float
    top: float
    width: float
    height: float
    x_axis: Any
    y_axis: Any

    def x(self, values: Any) -> np.ndarray:
        """Pixels of x values."""
        return self._along(self.x_axis, values, self.left, self.width)

    def y(self, values: Any) -> np.ndarray:
        """Pixels of y values."""
        return self._along(self.y_axis, values, self.top + self.height, -self.height)

    @staticmethod
    def _along(axis: Any, values: Any, start: float, length: float) -> np.ndarray:
        low, high = axis.get()
        forward = axis.scale.forward
        if axis.scale.name == "linear":
            return start + (np.asarray(values, float) - low) * (length / (high - low))
        a, b = forward(np.array([low, high]))
        return start + (forward(np.asarray(values, float)) - a) * (length / (b - a))


class Artist:
    """What is drawn in an axes; `kind` names it for tables and tests."""

    kind = "artist"
    z = 2.0
    label: str | None = None
    cls: str | None = "c0"
    alpha: float | None = None

    def draw(self, canvas: Canvas, view: View) -> None:
        """Write the artist's elements."""
        raise NotImplementedError

    def sample(self, canvas: Canvas, x: float, y: float) -> None:
        """Write the legend's sample, 22 wide and 10 high, its left middle at (x, y)."""
        raise NotImplementedError

    def get_label(self) -> str | None:
        """Return the label for the legend."""
        return self.label

    def see_through(self, kind: str) -> str:
        """Attribute for the opacity of fill or stroke."""
        return "" if self.alpha is None or self.alpha >= 1 else f' {kind}-opacity="{self.alpha:g}"'


class Line(Artist):
    """A line through points, its markers, or both."""

    kind = "line"

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        *,
        cls: str | None,
        width: float,
        dash: tuple[float, ...] | None,
        marker: str | None,
        size: float,
        steps: str | None,
        label: str | None,
        alpha: float | None,
        z: float,
    ):
        self.xdata, self.ydata, self.cls = x, y, cls
        self.width, self.dash, self.marker, self.size = width, dash, marker, size
        self.steps, self.label, self.alpha, self.z = steps, label, alpha, z

    def get_xdata(self) -> np.ndarray:
        """Return the x values."""
        return self.xdata

    def get_ydata(self) -> np.ndarray:
        """Return the y values."""
        return self.ydata

    def draw(self, canvas: Canvas, view: View) -> None:
        """One path for the line and one for its markers."""
        if self.cls is None:
            return
        x, y = view.x(self.xdata), view.y(self.ydata)
        if self.dash is not None:
            path = self._path(x, y, view)
            if path:
                canvas.add(f'<path {self._stroke()} d="{path}"/>')
        if self.marker:
            seen = np.isfinite(x) & np.isfinite(y)
            draw_markers(
                canvas, x[seen], y[seen], self.marker, self.size, self.cls, self.see_through("fill")
            )

    def _stroke(self) -> str:
        return (
            f'{paint(self.cls or "c0")} fill="none" stroke="currentColor" '
            f'stroke-width="{num(self.width)}" stroke-linejoin="round"'
            f"{dashes(self.dash or ())}{self.see_through('stroke')}"
        )

    def _path(self, x: np.ndarray, y: np.ndarray, view: View) -> str:
        good = np.isfinite(x) & np.isfinite(y)
        if good.all():
            pieces = [(x, y)] if len(x) else []
        else:
            cuts = np.flatnonzero(np.diff(good.astype(np.int8))) + 1
            spans = np.split(np.arange(len(x)), cuts)
            pieces = [(x[s], y[s]) for s in spans if len(s) and good[s[0]]]
        out = []
        for px, py in pieces:
            if self.steps:
                px, py = stepped(px, py, self.steps)
            elif len(px) > 4000:
                px, py = thinned(px, py)
            if max(abs(px).max(), abs(py).max()) > 9000:
                out += [polyline(a, b) for a, b in clipped(px, py, view)]
            elif len(px) > 1:
                out.append(polyline(px, py))
        return "".join(out)

    def sample(self, canvas: Canvas, x: float, y: float) -> None:
        """Write a short stretch of the line."""
        if self.dash is not None:
            canvas.add(f'<path {self._stroke()} d="M{num(x)} {num(y)}h22"/>')
        if self.marker:
            draw_markers(
                canvas,
                np.array([x + 11]),
                np.array([y]),
                self.marker,
                self.size,
                self.cls or "c0",
                "",
            )


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


class Bars(Artist):
    """Rectangles of one series."""

    kind = "bars"
    z = 1.0

    def __init__(
        self,
        left: np.ndarray,
        bottom: np.ndarray,
        width: np.ndarray,
        height: np.ndarray,
        *,
        classes: list[str | None],
        edge: str | None,
        edge_width: float,
        label: str | None,
        alpha: float | None,
        upright: bool,
        places: np.ndarray,
    ):
        self.left, self.bottom, self.widths, self.heights = left, bottom, width, height
        self.classes, self.edge, self.edge_width = classes, edge, edge_width
        self.label, self.alpha, self.upright, self.places = label, alpha, upright, places
        self.cls = classes[0] if classes else "c0"

    @property
    def values(self) -> np.ndarray:
        """The length of each bar."""
        return self.heights if self.upright else self.widths

    def draw(self, canvas: Canvas, view: View) -> None:
        """One rectangle a bar, or one path a class where there are many."""
        x0, x1 = view.x(self.left), view.x(self.left + self.widths)
        y0, y1 = view.y(self.bottom), view.y(self.bottom + self.heights)
        seen = np.isfinite(x0 + x1 + y0 + y1)
        box = np.clip(np.array([x0, x1, y0, y1])[:, seen], -2000, 4000)
        x, w = np.minimum(box[0], box[1]), abs(box[1] - box[0])
        y, h = np.minimum(box[2], box[3]), abs(box[3] - box[2])
        if self.edge == "paper":  # neighbours parted by a little paper
            gap = min(self.edge_width or 1.0, 0.3 * float(w.max(initial=0.0)))
            x, w = (x + gap / 2, w - gap) if self.upright else (x, w)
            y, h = (y, h) if self.upright else (y + gap / 2, h - gap)
        names = [n for n, s in zip(self.classes, seen.tolist(), strict=True) if s]
        xy, wh = points(x, y), points(w, h)
        many = len(names) > 64
        rect = "M%g %gh%gv%gh-%gz" if many else 'x="%g" y="%g" width="%g" height="%g"'
        for name in dict.fromkeys(names):
            chosen = [i for i, n in enumerate(names) if n == name]
            paths = []
            for i in chosen:
                a, b, c, d = xy[2 * i], xy[2 * i + 1], wh[2 * i], wh[2 * i + 1]
                if c and d:
                    paths.append(rect % ((a, b, c, d, c) if many else (a, b, c, d)))
            for look in self._looks(name):
                if many and paths:
                    canvas.add(f'<path {look} d="{"".join(paths)}"/>')
                else:
                    canvas.lines += [f"<rect {look} {path}/>" for path in paths]

    def _looks(self, name: str | None) -> list[str]:
        """Attributes of the fill and of the outline, where the bars have them."""
        looks = []
        if name is not None:
            looks.append(f'{paint(name, area=True)} fill="currentColor"{self.see_through("fill")}')
        if self.edge not in (None, "paper"):
            looks.append(
                f'{paint(str(self.edge))} fill="none" stroke="currentColor" '
                f'stroke-width="{num(self.edge_width or 1)}"'
            )
        return looks

    def sample(self, canvas: Canvas, x: float, y: float) -> None:
        """Write a small block."""
        canvas.lines += [
            f'<rect {look} x="{num(x + 8)}" y="{num(y - 5)}" width="14" height="10"/>'
            for look in self._looks(self.cls)
        ]


class Area(Artist):
    """The filled area between two curves, or any polygons."""

    kind = "area"
    z = 1.0

    def __init__(
        self,
        polygons: list[tuple[np.ndarray, np.ndarray]],
        *,
        cls: str | None,
        label: str | None,
        alpha: float | None,
        z: float,
        data: tuple[np.ndarray, ...],
        across: tuple[bool, bool] = (False, False),
    ):
        self.polygons, self.cls, self.label, self.alpha = polygons, cls, label, alpha
        self.z, self.data, self.across = z, data, across

    def draw(self, canvas: Canvas, view: View) -> None:
        """One path for all polygons; fractions of the axes where it goes across."""
        paths = []
        for x, y in self.polygons:
            px = view.left + x * view.width if self.across[0] else view.x(x)
            py = view.top + (1 - y) * view.height if self.across[1] else view.y(y)
            px = np.clip(px, view.left - 50, view.left + view.width + 50)
            py = np.clip(py, view.top - 50, view.top + view.height + 50)
            paths.append(polyline(px, py) + "z")
        if paths and self.cls is not None:
            canvas.add(
                f'<path {paint(self.cls, area=True)} fill="currentColor"'
                f'{self.see_through("fill")} d="{"".join(paths)}"/>'
            )

    def sample(self, canvas: Canvas, x: float, y: float) -> None:
        """Write a small block."""
        canvas.add(
            f'<rect {paint(self.cls or "c0", area=True)} fill="currentColor"'
            f'{self.see_through("fill")} x="{num(x + 8)}" y="{num(y - 5)}" '
            'width="14" height="10"/>'
        )


class Rule(Artist):
    """A straight line across the axes at one value (`axhline`, `axvline`)."""

    kind = "rule"

    def __init__(
        self,
        at: float,
        ends: tuple[float, float],
        level: bool,
        *,
        cls: str | None,
        width: float,
        dash: tuple[float, ...] | None,
        label: str | None,
        alpha: float | None,
        z: float,
    ):
        self.at, self.ends, self.level, self.cls = at, ends, level, cls
        self.width, self.dash, self.label, self.alpha, self.z = width, dash, label, alpha, z

    def draw(self, canvas: Canvas, view: View) -> None:
        """One straight path."""
        a, b = self.ends
        place = float((view.y if self.level else view.x)(self.at))
        if not math.isfinite(place) or self.cls is None or self.dash is None:
            return
        if self.level:
            if view.top - 0.5 <= place <= view.top + view.height + 0.5:
                d = f"M{num(view.left + a * view.width)} {num(place)}h{num((b - a) * view.width)}"
                canvas.add(f'<path {self._stroke()} d="{d}"/>')
        elif view.left - 0.5 <= place <= view.left + view.width + 0.5:
            start = view.top + (1 - b) * view.height
            d = f"M{num(place)} {num(start)}v{num((b - a) * view.height)}"
            canvas.add(f'<path {self._stroke()} d="{d}"/>')

    def _stroke(self) -> str:
        return (
            f'{paint(self.cls or "c0")} fill="none" stroke="currentColor" '
            f'stroke-width="{num(self.width)}"{dashes(self.dash or ())}'
            f"{self.see_through('stroke')}"
        )

    def sample(self, canvas: Canvas, x: float, y: float) -> None:
        """Write a short stretch."""
        canvas.add(f'<path {self._stroke()} d="M{num(x)} {num(y)}h22"/>')


def stepped(x: np.ndarray, y: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Corners of a staircase through points."""
    if where == "mid":
        middle = (x[1:] + x[:-1]) / 2
        xs = np.concatenate([x[:1], np.repeat(middle, 2), x[-1:]])
        return xs, np.repeat(y, 2)
    xs, ys = np.repeat(x, 2), np.repeat(y, 2)
    return (xs[:-1], ys[1:]) if where == "pre" else (xs[1:], ys[:-1])


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
