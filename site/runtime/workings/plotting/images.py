"""Heat maps: one small PNG used as a luminance mask over a rectangle of ink or accent."""

import math
from typing import Any

import numpy as np

from .artists import Artist, View
from .canvas import Canvas, num, paint
from .png import data_url, levels, reduced

#: Colour maps by Matplotlib's names: (kind, reversed).
MAPS = {
    "Greys": ("ink", False),
    "binary": ("ink", False),
    "gist_yarg": ("ink", False),
    "Greys_r": ("ink", True),
    "gray": ("ink", True),
    "grey": ("ink", True),
    "gray_r": ("ink", False),
    "Reds": ("accent", False),
    "Oranges": ("accent", False),
    "Blues": ("accent", False),
    "RdBu": ("diverging", True),
    "RdBu_r": ("diverging", False),
    "coolwarm": ("diverging", False),
    "bwr": ("diverging", False),
    "seismic": ("diverging", False),
    "RdGy": ("diverging", True),
    "RdGy_r": ("diverging", False),
}


def parse_map(cmap: object) -> tuple[str, bool]:
    """Kind of a colour map and whether it runs backwards."""
    name = "Greys" if cmap is None else getattr(cmap, "name", cmap)
    if name not in MAPS:
        raise ValueError(
            f'colour map {name!r} is not one of ours: heat maps are drawn in ink ("Greys", '
            '"gray"), accent ("Reds") or both ("RdBu_r", "coolwarm") so that light, dark and '
            "print come from one picture"
        )
    return MAPS[name]


class Image(Artist):
    """Cells of a regular or rectilinear grid, shaded by value."""

    kind = "image"
    z = 0.0

    def __init__(
        self,
        values: np.ndarray,
        x_edges: np.ndarray,
        y_edges: np.ndarray,
        *,
        cmap: object,
        low: float | None,
        high: float | None,
        alpha: float | None,
        smooth: bool = False,
    ):
        self.array, self.x_edges, self.y_edges, self.alpha = values, x_edges, y_edges, alpha
        self.map, self.smooth = parse_map(cmap), smooth
        self.cmap_name = "Greys" if cmap is None else str(getattr(cmap, "name", cmap))
        finite = values[np.isfinite(values)]
        bottom = float(finite.min()) if finite.size else 0.0
        top = float(finite.max()) if finite.size else 1.0
        if self.map[0] == "diverging" and low is None and high is None:
            top = max(abs(bottom), abs(top)) or 1.0
            bottom = -top
        self.low = bottom if low is None else float(low)
        self.high = top if high is None else float(high)
        if self.low > self.high:
            raise ValueError(f"vmin {self.low!r} must not exceed vmax {self.high!r}")

    def get_array(self) -> np.ndarray:
        """Return the values, one a cell."""
        return self.array

    def get_clim(self) -> tuple[float, float]:
        """Values at the two ends of the colour map."""
        return self.low, self.high

    def density(self, x: float, y: float) -> float:
        """How much ink there is at a point, 0 to 1; 0 outside."""
        picks = []
        for edges, value in ((self.y_edges, y), (self.x_edges, x)):
            rising = edges if edges[-1] >= edges[0] else edges[::-1]
            i = int(np.searchsorted(rising, value)) - 1
            if not 0 <= i < len(edges) - 1:
                return 0.0
            picks.append(i if rising is edges else len(edges) - 2 - i)
        cell = self.array[picks[0], picks[1]].reshape(1)
        return max(float(np.nan_to_num(cover[0])) for _, cover in self.inks(cell))

    def inks(self, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
        """Class and coverage (0 ... 1) of each ink for these values."""
        span = self.high - self.low
        t = (values - self.low) / span if span else np.zeros_like(values)
        t = np.clip(t, 0.0, 1.0)
        kind, backwards = self.map
        if backwards:
            t = 1.0 - t
        if kind != "diverging":
            return [("c1" if kind == "accent" else "c0", t)]
        return [("c1", np.clip(2 * t - 1, 0, 1)), ("c0", np.clip(1 - 2 * t, 0, 1))]

    def draw(self, canvas: Canvas, view: View) -> None:
        """Write a mask and a rectangle for each ink."""
        x, y = view.x(self.x_edges), view.y(self.y_edges)
        values = self.array
        if x[-1] < x[0]:
            x, values = x[::-1], values[:, ::-1]
        if y[-1] < y[0]:
            y, values = y[::-1], values[::-1]
        if not values.size or not math.isfinite(float(x[0] + x[-1] + y[0] + y[-1])):
            return
        if not (_even(x) and _even(y)):
            values = _resampled(values, x, y, view)
            x = np.clip(x, view.left, view.left + view.width)
            y = np.clip(y, view.top, view.top + view.height)
        elif max(values.shape) > 256:
            values = reduced(values)
        place = (
            f'x="{num(x[0])}" y="{num(y[0])}" width="{num(x[-1] - x[0])}" '
            f'height="{num(y[-1] - y[0])}"'
        )
        for name, cover in self.inks(values):
            draw_ink(canvas, place, name, levels(cover), self.see_through("fill"), self.smooth)


def draw_ink(
    canvas: Canvas, place: str, name: str, grey: np.ndarray, more: str, smooth: bool = False
) -> None:
    """Write a rectangle of one ink, as dense as the mask's greys say."""
    if not grey.any():
        return
    key = canvas.name("mask")
    # SVG's own word for sharp cells; the stylesheet says `pixelated` to the browsers' newer ears.
    look = "" if smooth else ' image-rendering="optimizeSpeed"'
    canvas.lines += [
        f'<mask id="{key}" maskUnits="userSpaceOnUse" {place}>',
        f'<image {place} preserveAspectRatio="none"{look} href="{data_url(grey)}"/>',
        "</mask>",
        f'<rect {paint(name)} fill="currentColor"{more} mask="url(#{key})" {place}/>',
    ]


def _even(edges: np.ndarray) -> bool:
    steps = np.diff(edges)
    return bool(np.ptp(steps) < 0.01 * abs(steps[0]) + 1e-9) if len(steps) else False


def _resampled(values: np.ndarray, x: np.ndarray, y: np.ndarray, view: View) -> np.ndarray:
    """Cells of uneven width as an even grid of samples."""
    picks: list[Any] = []
    bounds = ((view.left, view.left + view.width), (view.top, view.top + view.height))
    for edges, (low, high) in zip((x, y), bounds, strict=True):
        a, b = max(edges[0], low), min(edges[-1], high)
        middle = a + (np.arange(256) + 0.5) * (b - a) / 256
        picks.append(np.clip(np.searchsorted(edges, middle) - 1, 0, len(edges) - 2))
    return values[np.ix_(picks[1], picks[0])]
