"""`axhline`, `axvline`, `axhspan` and `axvspan`: lines and bands across the axes."""

from typing import Any

import numpy as np

from .axes_base import FILL_OPTIONS, LINE_OPTIONS, AxesBase
from .axis import Axis
from .lines import Rule
from .options import Options
from .record import recorded
from .shapes import Area


class AcrossMethods(AxesBase):
    """Lines and bands from one side to the other."""

    @recorded
    def axhline(self, y: float = 0, xmin: float = 0, xmax: float = 1, **kwargs: Any) -> Rule:
        """Draw a level line across the axes."""
        return self._rule("axhline", self.y_axis, y, (xmin, xmax), kwargs)

    @recorded
    def axvline(self, x: float = 0, ymin: float = 0, ymax: float = 1, **kwargs: Any) -> Rule:
        """Draw an upright line across the axes."""
        return self._rule("axvline", self.x_axis, x, (ymin, ymax), kwargs)

    @recorded
    def axhspan(
        self, ymin: float, ymax: float, xmin: float = 0, xmax: float = 1, **kwargs: Any
    ) -> Area:
        """Fill a level band across the axes."""
        return self._span("axhspan", self.y_axis, (ymin, ymax), (xmin, xmax), kwargs)

    @recorded
    def axvspan(
        self, xmin: float, xmax: float, ymin: float = 0, ymax: float = 1, **kwargs: Any
    ) -> Area:
        """Fill an upright band across the axes."""
        return self._span("axvspan", self.x_axis, (xmin, xmax), (ymin, ymax), kwargs)

    def _rule(
        self, method: str, axis: Axis, at: Any, ends: tuple[float, float], kwargs: dict[str, Any]
    ) -> Rule:
        options = Options(method, kwargs, LINE_OPTIONS)
        value = float(axis.convert(at).item())
        self.x_axis.get(), self.y_axis.get()
        low, high = axis.bound()
        cls = options.colour("color", "axis")
        rule = Rule(
            value,
            ends,
            axis is self.y_axis,
            cls=cls,
            width=options.width(1.0),
            dash=options.dash(cls),
            label=options.label(),
            alpha=options.alpha(),
            z=options("zorder", 2.0),
        )
        data = self.y_data if axis is self.y_axis else self.x_data
        if np.isfinite(value):
            data.add(np.array([value]))
        if value < low or value > high:
            axis.stale = True
        self.artists.append(rule)
        return rule

    def _span(
        self,
        method: str,
        axis: Axis,
        ends: tuple[Any, Any],
        across: tuple[float, float],
        kwargs: dict[str, Any],
    ) -> Area:
        options = Options(method, kwargs, FILL_OPTIONS)
        a, b = (float(axis.convert(v).item()) for v in ends)
        along = np.array([a, b, b, a])
        other = np.array([across[0], across[0], across[1], across[1]], float)
        level = axis is self.y_axis
        polygon = (other, along) if level else (along, other)
        cls = self._fill_colour(options, "c90")
        area = Area(
            [polygon],
            cls=cls,
            label=options.label(),
            alpha=options.alpha(),
            z=options("zorder", 0.5),
            data=(np.array([a, b]),),
            across=(level, not level),
        )
        (self.y_data if level else self.x_data).add(along[np.isfinite(along)])
        axis.stale = True
        self.artists.append(area)
        return area
