"""Lines through points, and straight lines across the axes."""

import math

import numpy as np

from .artists import Artist, View
from .canvas import Canvas, dashes, num, paint, polyline
from .points import draw_markers
from .thinning import clipped, thinned


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
