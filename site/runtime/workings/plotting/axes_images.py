"""`imshow` and `pcolormesh`."""

from typing import Any

import numpy as np

from .axes_base import AxesBase
from .images import Image
from .masked import unmasked
from .record import recorded


class ImageMethods(AxesBase):
    """Heat maps."""

    @recorded
    def imshow(
        self,
        X: Any,
        cmap: Any = None,
        *,
        aspect: Any = None,
        origin: str = "upper",
        extent: Any = None,
        vmin: float | None = None,
        vmax: float | None = None,
        interpolation: str | None = None,
        alpha: float | None = None,
    ) -> Image:
        """Draw a matrix, one square cell a value."""
        values = _matrix("imshow", X)
        if origin not in ("upper", "lower"):
            raise ValueError(f"origin must be 'upper' or 'lower', not {origin!r}")
        rows, columns = values.shape
        if extent is None:
            self.x_axis.whole = self.y_axis.whole = True
            ends = (-0.5, rows - 0.5)
            extent = (-0.5, columns - 0.5, *(ends[::-1] if origin == "upper" else ends))
        left, right, bottom, top = (float(v) for v in extent)
        y_edges = np.linspace(top, bottom, rows + 1)
        if origin == "lower":
            y_edges = y_edges[::-1]
        image = Image(
            values,
            np.linspace(left, right, columns + 1),
            y_edges,
            cmap=cmap,
            low=vmin,
            high=vmax,
            alpha=alpha,
            smooth=interpolation in ("bilinear", "bicubic"),
        )
        self.set_aspect("equal" if aspect is None else aspect)
        self._take(image, np.array([left, right]), np.array([bottom, top]), stale=False)
        self.x_data.sticky += [left, right]
        self.y_data.sticky += [bottom, top]
        for axis, low, high in ((self.x_axis, left, right), (self.y_axis, bottom, top)):
            if axis.auto:
                axis.set(low, high, auto=None)
        return image

    matshow = imshow

    @recorded
    def pcolormesh(
        self,
        *args: Any,
        cmap: Any = None,
        vmin: float | None = None,
        vmax: float | None = None,
        shading: str | None = None,
        alpha: float | None = None,
    ) -> Image:
        """Draw a matrix on a grid: `pcolormesh([X, Y], C)`; X and Y are edges or centres."""
        if len(args) not in (1, 3):
            raise TypeError(f"pcolormesh takes C, or X, Y and C, not {len(args)} arrays")
        values = _matrix("pcolormesh", args[-1])
        rows, columns = values.shape
        x, y = args[:2] if len(args) == 3 else (np.arange(columns + 1.0), np.arange(rows + 1.0))
        xs = _edges("X", self.x_axis.convert(x), columns, 1)
        ys = _edges("Y", self.y_axis.convert(y), rows, 0)
        image = Image(values, xs, ys, cmap=cmap, low=vmin, high=vmax, alpha=alpha)
        self.x_data.sticky += [float(xs.min()), float(xs.max())]
        self.y_data.sticky += [float(ys.min()), float(ys.max())]
        n = max(len(xs), len(ys))
        return self._take(image, np.resize(xs, n), np.resize(ys, n))


def _matrix(method: str, values: Any) -> np.ndarray:
    array = np.asarray(unmasked(values), float)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(
            f"{method} draws a matrix of numbers with at least one cell; "
            f"this has shape {array.shape}"
        )
    return array


def _edges(name: str, values: np.ndarray, cells: int, along: int) -> np.ndarray:
    """Edges of cells from edges or centres, in one dimension."""
    if values.ndim == 2:
        line = values[0] if along == 1 else values[:, 0]
        same = np.broadcast_to(line if along == 1 else line[:, None], values.shape)
        if not np.array_equal(values, same):
            raise ValueError(f"pcolormesh: {name} must be a rectilinear grid")
        values = line
    if values.ndim != 1 or len(values) not in (cells, cells + 1):
        raise ValueError(
            f"pcolormesh: {name} needs {cells} centres or {cells + 1} edges, "
            f"not shape {values.shape}"
        )
    if len(values) == cells:
        if cells == 1:
            return np.array([values[0] - 0.5, values[0] + 0.5])
        half = np.diff(values) / 2
        values = np.concatenate(
            [[values[0] - half[0]], values[:-1] + half, [values[-1] + half[-1]]]
        )
    return values
