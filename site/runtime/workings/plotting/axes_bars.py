"""`bar`, `barh`, `hist` and `fill_between`."""

from typing import Any

import numpy as np

from .axes_base import FILL_OPTIONS, AxesBase
from .lines import stepped
from .options import Options
from .record import recorded
from .shapes import Area, Bars
from .style import colour_class


class BarMethods(AxesBase):
    """Bars and areas."""

    @recorded
    def bar(
        self,
        x: Any,
        height: Any,
        width: Any = 0.8,
        bottom: Any = None,
        *,
        align: str = "center",
        **kwargs: Any,
    ) -> Bars:
        """Draw upright bars."""
        return self._bars("bar", x, height, width, bottom, align, True, kwargs)

    @recorded
    def barh(
        self,
        y: Any,
        width: Any,
        height: Any = 0.8,
        left: Any = None,
        *,
        align: str = "center",
        **kwargs: Any,
    ) -> Bars:
        """Draw level bars."""
        return self._bars("barh", y, width, height, left, align, False, kwargs)

    @recorded
    def hist(
        self,
        x: Any,
        bins: Any = 10,
        range: Any = None,
        density: bool = False,
        weights: Any = None,
        **kwargs: Any,
    ) -> tuple[np.ndarray, np.ndarray, Bars]:
        """Count values in bins and draw the counts."""
        values = np.ravel(np.asarray(x, float))
        counts, edges = np.histogram(values, bins, range, density, weights)
        heights = counts.astype(float)
        width = np.diff(edges)
        bars = self._bars("hist", edges[:-1], heights, width, None, "edge", True, kwargs)
        if bars.edge is None:
            bars.edge, bars.edge_width = "paper", 1.0
        return heights, edges, bars

    @recorded
    def fill_between(
        self,
        x: Any,
        y1: Any,
        y2: Any = 0,
        where: Any = None,
        step: str | None = None,
        **kwargs: Any,
    ) -> Area:
        """Fill between two curves."""
        options = Options("fill_between", kwargs, FILL_OPTIONS)
        xs = np.ravel(self.x_axis.convert(x))
        low, high = (np.broadcast_to(np.ravel(self.y_axis.convert(y)), xs.shape) for y in (y1, y2))
        keep = np.isfinite(xs) & np.isfinite(low) & np.isfinite(high)
        if where is not None:
            keep &= np.asarray(where, bool)
        polygons = []
        for run in np.split(np.arange(len(xs)), np.flatnonzero(np.diff(keep.astype(np.int8))) + 1):
            if len(run) < 2 or not keep[run[0]]:
                continue
            a, b = (xs[run], low[run]), (xs[run], high[run])
            if step is not None:
                a, b = stepped(*a, step), stepped(*b, step)
            polygons.append(
                (np.concatenate([a[0], b[0][::-1]]), np.concatenate([a[1], b[1][::-1]]))
            )
        area = Area(
            polygons,
            cls=self._fill_colour(options),
            label=options.label(),
            alpha=options.alpha(),
            z=options("zorder", 1.0),
            data=(xs, low, high),
        )
        twice = np.concatenate([xs[keep], xs[keep]])
        return self._take(area, twice, np.concatenate([low[keep], high[keep]]))

    def _bars(
        self,
        method: str,
        places: Any,
        lengths: Any,
        thick: Any,
        start: Any,
        align: str,
        upright: bool,
        kwargs: dict[str, Any],
    ) -> Bars:
        options = Options(method, kwargs, FILL_OPTIONS)
        if align not in ("center", "edge"):
            raise ValueError(f"align must be 'center' or 'edge', not {align!r}")
        along, across = (self.x_axis, self.y_axis) if upright else (self.y_axis, self.x_axis)
        arrays = [
            np.atleast_1d(along.convert(places)),
            np.atleast_1d(across.convert(lengths)),
            np.atleast_1d(np.asarray(thick, float)),
            np.atleast_1d(across.convert(0 if start is None else start)),
        ]
        at, long, wide, base = (np.ravel(a) for a in np.broadcast_arrays(*arrays))
        along.whole = bool(align == "center" and (np.floor(at) == at).all())
        edge = at - wide / 2 if align == "center" else at
        given = options("color", options("facecolor"))
        if isinstance(given, list | tuple | np.ndarray):
            classes = [colour_class(each) for each in given]
            classes = (classes * len(at))[: len(at)]
        else:
            own = colour_class(given) if given is not None else self._fill_class()
            classes = [own] * len(at)
        left, bottom, width, height = (
            (edge, base, wide, long) if upright else (base, edge, long, wide)
        )
        bars = Bars(
            left,
            bottom,
            width,
            height,
            classes=classes,
            edge=options.colour("edgecolor", None),
            edge_width=options.width(0.0),
            label=options.label(),
            alpha=options.alpha(),
            upright=upright,
            places=at,
        )
        shown = (width != 0) | (height != 0)
        x0, y0 = left[shown], bottom[shown]
        x1, y1 = x0 + width[shown], y0 + height[shown]
        (self.y_data if upright else self.x_data).sticky += base.tolist()
        self._take(bars, np.concatenate([x0, x1, x1, x0]), np.concatenate([y0, y0, y1, y1]))
        self.bars.append(bars)
        return bars
