"""What all drawing methods of `Axes` need: data limits, colours in turn, the list of artists."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .artists import Artist
from .axis import Axis, DataLimits
from .options import Options
from .style import SERIES, colour_class
from .view import ViewMethods

if TYPE_CHECKING:
    from .figure import Figure
    from .shapes import Bars

LINE_OPTIONS = "color linestyle linewidth marker markersize drawstyle label alpha zorder"
FILL_OPTIONS = "color facecolor edgecolor linewidth label alpha zorder"


class AxesBase(ViewMethods):
    """An axes that can't draw anything yet."""

    def __init__(self, figure: "Figure", x_axis: Axis, y_axis: Axis):
        self.figure = figure
        self.x_axis, self.y_axis = x_axis, y_axis
        self.x_data, self.y_data = DataLimits(), DataLimits()
        x_axis.owners.append(self)
        y_axis.owners.append(self)
        self.artists: list[Artist] = []
        self.bars: list[Bars] = []
        self._next_line = self._next_fill = 0
        self.init_view()

    def _point(self, x: Any, y: Any) -> tuple[float, float]:
        return (float(self.x_axis.convert(x).item()), float(self.y_axis.convert(y).item()))

    def _fill_class(self) -> str:
        self._next_fill += 1
        return SERIES[(self._next_fill - 1) % len(SERIES)]

    def _fill_colour(self, options: Options, default: str | None = None) -> str | None:
        given = options("color", options("facecolor"))
        return colour_class(given) if given is not None else default or self._fill_class()

    def _take(self, artist: Any, x: np.ndarray, y: np.ndarray, stale: bool = True) -> Any:
        """Add an artist and what it says about the limits."""
        seen = np.isfinite(x) & np.isfinite(y)
        self.x_data.add(x[seen])
        self.y_data.add(y[seen])
        if stale:
            self.x_axis.stale = self.y_axis.stale = True
        self.artists.append(artist)
        return artist

    def __getattr__(self, name: str) -> Callable:
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(
            f"the light axes have no {name!r}; an exhibit that needs it may declare "
            "needs=('matplotlib',) and draw with Matplotlib itself"
        )
