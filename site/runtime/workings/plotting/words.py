"""Text in the picture and arrows to what it speaks of."""

import math
from typing import Any

import numpy as np

from .artists import Artist, View
from .canvas import Canvas, num, paint
from .mathtext import markup, width
from .style import COLOURS, POINT

ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_LIFT = {"baseline": 0.0, "bottom": -0.22, "center": 0.35, "center_baseline": 0.35, "top": 0.78}


class Words(Artist):
    """Lines of text at a point of the data, or at fractions of the axes."""

    kind = "text"
    z = 3.0

    def __init__(
        self,
        x: float,
        y: float,
        text: str,
        *,
        cls: str | None,
        size: float,
        ha: str,
        va: str,
        in_axes: bool,
        weight: str | None,
        style: str | None,
        rotation: float,
        alpha: float | None,
        z: float,
        offset: tuple[float, float] = (0.0, 0.0),
        arrow: "Arrow | None" = None,
        over: Any = None,
    ):
        self.x, self.y, self.text, self.cls, self.size = x, y, text, cls, size
        self.ha, self.va, self.in_axes, self.weight, self.style = ha, va, in_axes, weight, style
        self.rotation, self.alpha, self.z, self.offset, self.arrow = (
            rotation,
            alpha,
            z,
            offset,
            arrow,
        )
        self.over = over

    def contrasting(self) -> str | None:
        """Paper where the text stands on a dark cell of a heat map and no colour was asked for."""
        if self.over is not None and not self.in_axes:
            for artist in self.over.artists:
                if artist.kind == "image" and artist.density(self.x, self.y) > 0.5:
                    return "paper"
        return self.cls

    def get_text(self) -> str:
        """Return the words."""
        return self.text

    def place(self, view: View) -> tuple[float, float]:
        """Pixels of the anchor."""
        if self.in_axes:
            x, y = view.left + self.x * view.width, view.top + (1 - self.y) * view.height
        else:
            x, y = float(view.x(self.x)), float(view.y(self.y))
        return x + self.offset[0], y - self.offset[1]

    def draw(self, canvas: Canvas, view: View) -> None:
        """One element a line of text, and the arrow."""
        x, y = self.place(view)
        if not (math.isfinite(x) and math.isfinite(y)) or max(abs(x), abs(y)) > 4000:
            return
        if self.arrow is not None:
            self.arrow.draw(canvas, view, self, x, y)
        cls = self.contrasting()
        if cls is None:
            return
        lines = self.text.split("\n")
        step = self.size * 1.25
        first = y + _LIFT[self.va] * self.size
        first -= step * (len(lines) - 1) * {"top": 0.0, "center": 0.5}.get(self.va, 1.0)
        more = self.see_through("fill")
        if self.weight not in (None, "normal"):
            more += f' font-weight="{600 if self.weight in ("bold", "semibold") else self.weight}"'
        if self.style == "italic":
            more += ' font-style="italic"'
        if self.rotation:
            more += f' transform="rotate({num(-self.rotation)} {num(x)} {num(y)})"'
        look = (
            f'class="note {cls}" color="{COLOURS[cls]}"'
            f' fill="currentColor" font-size="{num(self.size)}" '
            f'text-anchor="{ANCHORS[self.ha]}"{more}'
        )
        for i, line in enumerate(lines):
            if line:
                canvas.text(x, first + i * step, markup(line, self.size), look)

    def box(self, x: float, y: float) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the text whose anchor is at (x, y)."""
        lines = self.text.split("\n")
        wide = max(width(line, self.size) for line in lines) / 1.06
        tall = self.size * (1.25 * (len(lines) - 1) + 1.0)
        left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[self.ha] * wide
        top = y - {"top": 0.0, "center": 0.5, "center_baseline": 0.5}.get(self.va, 1.0) * tall
        return left, top, left + wide, top + tall


class Arrow:
    """A thin arrow from a text to a point."""

    def __init__(self, x: float, y: float, *, in_axes: bool, head: bool, cls: str, curve: float):
        self.x, self.y, self.in_axes, self.head, self.cls = x, y, in_axes, head, cls
        self.curve = curve

    def draw(self, canvas: Canvas, view: View, words: Words, x: float, y: float) -> None:
        """Write a path from the edge of the text's box to the point, and a small head."""
        if self.in_axes:
            tx, ty = view.left + self.x * view.width, view.top + (1 - self.y) * view.height
        else:
            tx, ty = float(view.x(self.x)), float(view.y(self.y))
        if not (math.isfinite(tx) and math.isfinite(ty)) or max(abs(tx), abs(ty)) > 4000:
            return
        sx, sy = _border(words.box(x, y), tx, ty) if words.text else (x, y)
        dx, dy = tx - sx, ty - sy
        length = math.hypot(dx, dy)
        if length < 8:
            return
        cx = (sx + tx) / 2 + self.curve * dy
        cy = (sy + ty) / 2 - self.curve * dx
        ux, uy = tx - cx, ty - cy
        norm = math.hypot(ux, uy) or 1.0
        ux, uy = ux / norm, uy / norm
        gap = 3.0 if self.head else 0.0
        ex, ey = tx - gap * ux, ty - gap * uy
        d = f"M{num(sx)} {num(sy)}"
        d += f"Q{num(cx)} {num(cy)} " if self.curve else "L"
        d += f"{num(ex)} {num(ey)}"
        if self.head:
            bx, by = ex - 7 * ux, ey - 7 * uy
            d += (
                f"M{num(bx - 3.2 * uy)} {num(by + 3.2 * ux)}L{num(ex)} {num(ey)}"
                f"L{num(bx + 3.2 * uy)} {num(by - 3.2 * ux)}"
            )
        canvas.add(
            f'<path {paint(self.cls)} fill="none" stroke="currentColor" stroke-width="1.1" '
            f'stroke-linecap="round" stroke-linejoin="round" d="{d}"/>'
        )


def _border(box: tuple[float, float, float, float], tx: float, ty: float) -> tuple[float, float]:
    """Where the straight line from the middle of a box to a point leaves the box."""
    left, top, right, bottom = box[0] - 3, box[1] - 2, box[2] + 3, box[3] + 2
    mx, my = (left + right) / 2, (top + bottom) / 2
    dx, dy = tx - mx, ty - my
    reach = min(
        (right - left) / 2 / abs(dx) if dx else np.inf,
        (bottom - top) / 2 / abs(dy) if dy else np.inf,
        1.0,
    )
    return mx + dx * float(reach), my + dy * float(reach)


def font_size(size: Any, default: float) -> float:
    """Pixels of a Matplotlib font size: points, or a word such as `small`."""
    words = {
        "xx-small": 0.58,
        "x-small": 0.7,
        "small": 0.833,
        "medium": 1.0,
        "large": 1.2,
        "x-large": 1.44,
        "xx-large": 1.73,
    }
    if size is None:
        return default
    if isinstance(size, str):
        if size not in words:
            raise ValueError(f"font size {size!r} is unknown: use points or one of {list(words)}")
        return 14.0 * max(words[size], 0.75)
    return float(size) * POINT
