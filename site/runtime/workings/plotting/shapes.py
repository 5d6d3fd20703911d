"""Bars and filled areas."""

import numpy as np

from .artists import Artist, View
from .canvas import Canvas, num, paint, points, polyline


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
