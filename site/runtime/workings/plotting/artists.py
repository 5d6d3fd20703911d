"""What all artists have in common, and how values become pixels."""

from typing import Any, NamedTuple

import numpy as np

from .canvas import Canvas


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
