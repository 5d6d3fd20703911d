"""The part of `Axes` that says what is shown: limits, scales, ticks, labels, legend."""

from typing import TYPE_CHECKING, Any, cast

from .record import recorded

if TYPE_CHECKING:
    from .axes import Axes
    from .axis import Axis
    from .figure import Figure


class ViewMethods:
    """Matplotlib's setters and getters of an axes."""

    figure: "Figure"
    x_axis: "Axis"
    y_axis: "Axis"
    artists: list[Any]

    def init_view(self) -> None:
        """Start with nothing set."""
        self.title = self.xlabel = self.ylabel = ""
        self.transAxes, self.transData = CoordinateSystem("axes"), CoordinateSystem("data")
        self.aspect: float | None = None
        self.gridded = {"x": False, "y": False}
        self.hidden = False
        self.legend_options: dict[str, Any] | None = None
        self.colorbar_of: Any = None
        self.colorbar_label = ""
        self.twin: Axes | None = None
        self.twin_of: Axes | None = None
        self.place = (0, 0)
        self.bare = {"x": False, "y": False}  # tick labels left to a neighbour
        self.tickless = {"x": False, "y": False}

    # Limits

    @recorded
    def set_xlim(self, left: Any = None, right: Any = None) -> tuple[float, float]:
        """Set the x limits."""
        left, right = left if isinstance(left, tuple | list) and right is None else (left, right)
        self.x_axis.set(left, right)
        return self.x_axis.get()

    @recorded
    def set_ylim(self, bottom: Any = None, top: Any = None) -> tuple[float, float]:
        """Set the y limits."""
        bottom, top = bottom if isinstance(bottom, tuple | list) and top is None else (bottom, top)
        self.y_axis.set(bottom, top)
        return self.y_axis.get()

    def get_xlim(self) -> tuple[float, float]:
        """Get the x limits."""
        return self.x_axis.get()

    def get_ylim(self) -> tuple[float, float]:
        """Get the y limits."""
        return self.y_axis.get()

    @recorded
    def margins(self, *both: float, x: float | None = None, y: float | None = None) -> None:
        """Set the free space around the data, as a fraction of its extent."""
        if both:
            x, y = both[0], both[-1]
        for axis, value in ((self.x_axis, x), (self.y_axis, y)):
            if value is not None:
                axis.margin, axis.stale = float(value), True

    @recorded
    def invert_xaxis(self) -> None:
        """Let x grow leftwards."""
        self.x_axis.invert()

    @recorded
    def invert_yaxis(self) -> None:
        """Let y grow downwards."""
        self.y_axis.invert()

    @recorded
    def set_aspect(self, aspect: Any) -> None:
        """Set pixels a unit of y over pixels a unit of x: `"auto"`, `"equal"` or a number."""
        self.aspect = None if aspect == "auto" else 1.0 if aspect == "equal" else float(aspect)

    # Scales and ticks

    @recorded
    def set_xscale(self, value: str, base: float = 10) -> None:
        """Set the x scale: `"linear"` or `"log"`."""
        self.x_axis.set_scale(value, base)

    @recorded
    def set_yscale(self, value: str, base: float = 10) -> None:
        """Set the y scale: `"linear"` or `"log"`."""
        self.y_axis.set_scale(value, base)

    @recorded
    def set_xticks(self, ticks: Any, labels: Any = None) -> None:
        """Fix the x ticks and perhaps their labels."""
        self.x_axis.set_ticks(ticks, labels)

    @recorded
    def set_yticks(self, ticks: Any, labels: Any = None) -> None:
        """Fix the y ticks and perhaps their labels."""
        self.y_axis.set_ticks(ticks, labels)

    @recorded
    def set_xticklabels(self, labels: Any) -> None:
        """Label the fixed x ticks."""
        self.x_axis.set_labels(labels)

    @recorded
    def set_yticklabels(self, labels: Any) -> None:
        """Label the fixed y ticks."""
        self.y_axis.set_labels(labels)

    @recorded
    def tick_params(
        self,
        axis: str = "both",
        length: float | None = None,
        labelbottom: bool | None = None,
        labelleft: bool | None = None,
    ) -> None:
        """Leave out tick marks (`length=0`) or tick labels."""
        for name, shown in (("x", labelbottom), ("y", labelleft)):
            if shown is not None and axis in (name, "both"):
                self.bare[name] = not shown
            if length is not None and axis in (name, "both"):
                self.tickless[name] = length == 0

    @recorded
    def grid(self, visible: bool | None = None, axis: str = "both") -> None:
        """Show hairlines at the ticks."""
        if axis not in ("x", "y", "both"):
            raise ValueError(f"grid: axis must be 'x', 'y' or 'both', not {axis!r}")
        for name in ("x", "y") if axis == "both" else (axis,):
            self.gridded[name] = not self.gridded[name] if visible is None else bool(visible)

    # Words

    @recorded
    def set_title(self, label: str, loc: str | None = None) -> None:
        """Set the title; it always stands at the left."""
        self.title = str(label)

    @recorded
    def set_xlabel(self, xlabel: str) -> None:
        """Name the x axis."""
        self.xlabel = str(xlabel)

    @recorded
    def set_ylabel(self, ylabel: str) -> None:
        """Name the y axis; the name stands level above it, where it is easy to read."""
        self.ylabel = str(ylabel)

    def get_title(self) -> str:
        """Get the title."""
        return self.title

    def get_xlabel(self) -> str:
        """Get the x axis's name."""
        return self.xlabel

    def get_ylabel(self) -> str:
        """Get the y axis's name."""
        return self.ylabel

    def set(self, **kwargs: Any) -> None:
        """Call `set_NAME(value)` for each argument."""
        for name, value in kwargs.items():
            setter = getattr(type(self), f"set_{name}", None)
            if setter is None:
                raise AttributeError(f"set() can't set {name!r} on the light axes")
            if name in ("xlim", "ylim"):
                setter(self, *value)
            else:
                setter(self, value)

    @recorded
    def axis(self, arg: Any = None) -> None:
        """Hide the axes (`"off"`), or set `"on"`, `"equal"` or all four limits."""
        if arg in ("off", "on", False, True):
            self.hidden = arg in ("off", False)
        elif arg == "equal":
            self.set_aspect("equal")
        elif isinstance(arg, tuple | list) and len(arg) == 4:
            self.set_xlim(arg[0], arg[1])
            self.set_ylim(arg[2], arg[3])
        else:
            raise ValueError(f"axis: {arg!r} is not 'off', 'on', 'equal' or four limits")

    @recorded
    def set_axis_off(self) -> None:
        """Hide axes, ticks and labels."""
        self.hidden = True

    @recorded
    def legend(
        self,
        handles: Any = None,
        labels: Any = None,
        *,
        loc: str = "best",
        ncols: int | None = None,
        title: str | None = None,
        frameon: bool = False,
    ) -> None:
        """Name the series: in a row above the axes, or in the corner that `loc` names."""
        from .legend import PLACES

        if loc not in PLACES:
            raise ValueError(
                f"legend: loc must be one of {', '.join(map(repr, PLACES))}, not {loc!r}"
            )
        if handles is not None and labels is None and all(isinstance(h, str) for h in handles):
            handles, labels = None, handles
        self.legend_options = {
            "handles": handles,
            "labels": labels,
            "loc": loc,
            "ncols": ncols,
            "title": title,
        }

    @recorded
    def twinx(self) -> "Axes":
        """Make a second axes with the same x and its own y at the right."""
        return self.figure.add_twin(cast("Axes", self))


class CoordinateSystem:
    """Names a coordinate system."""

    def __init__(self, name: str):
        self.name = name
