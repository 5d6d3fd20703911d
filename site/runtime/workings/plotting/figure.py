"""`figure()` and `subplots()`: a figure of one or several axes, drawn as themeable SVG."""

from typing import Any, NamedTuple

import numpy as np

from .axes import Axes
from .axis import Axis
from .draw import draw_figure
from .images import Image
from .record import Call, recorded
from .style import PIXELS

#: Inches; 80 pixels to the inch. Not wide, so that 13-pixel text stays legible on a phone.
SIZE = (6.0, 3.75)


class Grid(NamedTuple):
    """How the axes of a figure are arranged."""

    rows: int
    columns: int
    sharex: str
    sharey: str
    width_ratios: list[float]
    height_ratios: list[float]


class ColorBar:
    """The scale beside a heat map."""

    def __init__(self, axes: Axes):
        self.figure, self.axes = axes.figure, axes

    @recorded
    def set_label(self, label: str) -> None:
        """Name the scale."""
        self.axes.colorbar_label = str(label)


class Figure:
    """Axes in a grid, and every call made on them."""

    def __init__(self, grid: Grid, figsize: tuple[float, float] | None = None):
        wide, tall = figsize or (SIZE[0], SIZE[1])
        if not (1 <= wide <= 20 and 0.5 <= tall <= 20):
            raise ValueError(f"figsize is in inches, 1 to 20, not {figsize!r}")
        self.figure = self
        self.grid = grid
        self.figsize = (float(wide), float(tall))
        self.width, self.height = round(wide * PIXELS, 2), round(tall * PIXELS, 2)
        self.heading = ""
        self.recording = True
        self.calls: list[Call] = []
        self.axes: list[Axes] = []
        shared: dict[tuple[str, Any], Axis] = {}
        for row in range(grid.rows):
            for column in range(grid.columns):
                x = self._axis(shared, "x", grid.sharex, row, column)
                y = self._axis(shared, "y", grid.sharey, row, column)
                axes = Axes(self, x, y)
                axes.place = (row, column)
                axes.bare["x"] = grid.sharex in ("all", "col") and row < grid.rows - 1
                axes.bare["y"] = grid.sharey in ("all", "row") and column > 0
                self.axes.append(axes)

    @staticmethod
    def _axis(shared: dict, name: str, how: str, row: int, column: int) -> Axis:
        key = {"all": 0, "row": ("row", row), "col": ("col", column)}.get(how, (row, column))
        return shared.setdefault((name, key), Axis(name))

    def add_twin(self, axes: Axes) -> Axes:
        """Make an axes with the same x and its own y; `Axes.twinx` calls it."""
        twin = Axes(self, axes.x_axis, Axis("y"))
        twin.twin_of, twin.place, axes.twin = axes, axes.place, twin
        self.axes.append(twin)
        return twin

    @recorded
    def suptitle(self, t: str) -> None:
        """Set a title over all axes."""
        self.heading = str(t)

    @recorded
    def colorbar(self, mappable: Image, ax: Axes | None = None, label: str = "") -> ColorBar:
        """Show the scale of a heat map beside its axes."""
        owner = ax or next((a for a in self.axes if mappable in a.artists), None)
        if owner is None or not isinstance(mappable, Image):
            raise ValueError("colorbar needs what imshow or pcolormesh of this figure returned")
        owner.colorbar_of, owner.colorbar_label = mappable, str(label)
        return ColorBar(owner)

    @recorded
    def tight_layout(self) -> None:
        """Do nothing: margins always fit the words."""

    def svg(self, prefix: str = "figure") -> str:
        """Draw as SVG, one element a line; ids start with `prefix`."""
        return draw_figure(self, prefix)

    def _repr_svg_(self) -> str:
        return self.svg()

    def table(self) -> dict[str, list]:
        """Return the figure's own data: `{"columns": [...], "rows": [...]}`."""
        from .table import table_of

        return table_of(self)

    def to_matplotlib(self) -> Any:
        """Return the same figure made by real Matplotlib, from the same calls."""
        from .replay import replayed

        return replayed(self)


def figure(figsize: tuple[float, float] | None = None) -> tuple[Figure, Axes]:
    """Make a figure with one axes; `figsize` in inches, (6, 3.75) by default."""
    made = Figure(Grid(1, 1, "none", "none", [1.0], [1.0]), figsize)
    return made, made.axes[0]


def subplots(
    nrows: int = 1,
    ncols: int = 1,
    *,
    sharex: bool | str = False,
    sharey: bool | str = False,
    squeeze: bool = True,
    width_ratios: Any = None,
    height_ratios: Any = None,
    figsize: tuple[float, float] | None = None,
) -> tuple[Figure, Any]:
    """Make a figure with a grid of axes, as Matplotlib's `subplots` does."""
    ratios = []
    for name, given, count in (("width", width_ratios, ncols), ("height", height_ratios, nrows)):
        values = [1.0] * count if given is None else [float(v) for v in given]
        if len(values) != count or min(values) <= 0:
            raise ValueError(f"{name}_ratios needs {count} positive numbers, not {given!r}")
        ratios.append(values)
    grid = Grid(nrows, ncols, _sharing("sharex", sharex), _sharing("sharey", sharey), *ratios)
    if figsize is None:
        figsize = (SIZE[0], {1: SIZE[1] if ncols == 1 else 3.0, 2: 5.0}.get(nrows, 2.3 * nrows))
    made = Figure(grid, figsize)
    axes = np.empty((nrows, ncols), dtype=object)
    axes.ravel()[:] = made.axes
    if not squeeze:
        return made, axes
    return made, axes.item() if axes.size == 1 else axes.squeeze()


def _sharing(name: str, value: bool | str) -> str:
    how = {True: "all", False: "none"}.get(value, value)  # type: ignore[arg-type]
    if how not in ("all", "none", "row", "col"):
        raise ValueError(
            f"{name} must be True, False, 'all', 'row', 'col' or 'none', not {value!r}"
        )
    return str(how)
