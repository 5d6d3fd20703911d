"""`plot`, `step`, `scatter` and their logarithmic forms."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .axes_base import FILL_OPTIONS, LINE_OPTIONS, AxesBase
from .lines import Line, stepped
from .options import Options
from .points import MARKERS, Scatter
from .record import recorded
from .style import SERIES, colour_class, grey_levels, parse_format


class LineMethods(AxesBase):
    """Lines and points."""

    @recorded
    def plot(self, *args: Any, **kwargs: Any) -> list[Line]:
        """Draw lines through points: `plot([x], y, [format], ...)`."""
        options = Options("plot", kwargs, LINE_OPTIONS)
        lines = []
        for x, y, fmt in _groups(args):
            xs, ys = self._pairs("plot", x, y)
            for i in range(ys.shape[1]):
                column = xs[:, min(i, xs.shape[1] - 1)]
                lines.append(self._line(column, ys[:, i], options, fmt))
        return lines

    @recorded
    def step(self, x: Any, y: Any, *args: str, where: str = "pre", **kwargs: Any) -> list[Line]:
        """Draw a staircase."""
        if where not in ("pre", "mid", "post"):
            raise ValueError(f"where must be 'pre', 'mid' or 'post', not {where!r}")
        return self.plot(x, y, *args, drawstyle=f"steps-{where}", **kwargs)

    @recorded
    def semilogx(self, *args: Any, base: float = 10, **kwargs: Any) -> list[Line]:
        """Plot with a logarithmic x axis."""
        self.set_xscale("log", base=base)
        return self.plot(*args, **kwargs)

    @recorded
    def semilogy(self, *args: Any, base: float = 10, **kwargs: Any) -> list[Line]:
        """Plot with a logarithmic y axis."""
        self.set_yscale("log", base=base)
        return self.plot(*args, **kwargs)

    @recorded
    def loglog(self, *args: Any, base: float = 10, **kwargs: Any) -> list[Line]:
        """Plot with logarithmic axes."""
        self.set_xscale("log", base=base)
        self.set_yscale("log", base=base)
        return self.plot(*args, **kwargs)

    @recorded
    def scatter(
        self,
        x: Any,
        y: Any,
        s: Any = None,
        c: Any = None,
        marker: str = "o",
        cmap: Any = None,
        vmin: float | None = None,
        vmax: float | None = None,
        **kwargs: Any,
    ) -> Scatter:
        """Draw points of given sizes (square points) and colours."""
        options = Options("scatter", kwargs, FILL_OPTIONS)
        if marker not in MARKERS:
            raise ValueError(
                f"marker {marker!r} is unknown: use one of {' '.join(sorted(MARKERS))}"
            )
        xs, ys = np.ravel(self.x_axis.convert(x)), np.ravel(self.y_axis.convert(y))
        if xs.shape != ys.shape:
            raise ValueError(f"scatter: x has {xs.size} values and y has {ys.size}")
        values = None
        classes: Any = options.colour("color", None) or options.colour("facecolor", None)
        if classes is None and c is not None:
            if isinstance(c, str):
                classes = colour_class(c)
            elif len(c) and isinstance(c[0], str):
                classes = [colour_class(each) for each in c]
            else:
                values = np.ravel(np.asarray(c, float))
                low = np.nanmin(values) if vmin is None else vmin
                high = np.nanmax(values) if vmax is None else vmax
                steps = grey_levels(np.nan_to_num(values, nan=low), low, high)
                classes = [f"c{k}0" for k in steps.tolist()]
        elif classes is None:
            classes = self._fill_class()
        if not isinstance(classes, str) and len(classes) != xs.size:
            raise ValueError(f"scatter: {len(classes)} colours for {xs.size} points")
        sizes = np.ravel(np.asarray(36.0 if s is None else s, float))
        points = Scatter(
            xs,
            ys,
            sizes=sizes,
            classes=classes,
            marker=marker,
            label=options.label(),
            alpha=options.alpha(),
            z=options("zorder", 1.0),
            values=values,
        )
        return self._take(points, xs, ys)

    def _pairs(self, method: str, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        ys = np.atleast_1d(self.y_axis.convert(y))
        xs = np.arange(float(len(ys))) if x is None else np.atleast_1d(self.x_axis.convert(x))
        if len(xs) != len(ys):
            raise ValueError(f"{method}: x has {len(xs)} values and y has {len(ys)}")
        if xs.ndim > 2 or ys.ndim > 2:
            raise ValueError(f"{method}: x and y must have one or two dimensions")
        if not len(ys):
            return np.empty((0, 1)), np.empty((0, 1))
        return xs.reshape(len(xs), -1), ys.reshape(len(ys), -1)

    def _line(self, x: np.ndarray, y: np.ndarray, options: Options, fmt: str) -> Line:
        line, marker, colour = parse_format(fmt)
        marker = options("marker", marker)
        marker = None if marker in (None, "none", "None", "", " ") else marker
        if marker is not None and marker not in MARKERS:
            raise ValueError(
                f"marker {marker!r} is unknown: use one of {' '.join(sorted(MARKERS))}"
            )
        if fmt and line is None and marker is not None:
            line = "none"
        cls = options.colour("color", colour_class(colour) if colour else None)
        if cls is None and options("color") is None:
            cls = SERIES[self._next_line % len(SERIES)]
            self._next_line += 1
        steps = options("drawstyle", "default")
        made = Line(
            x,
            y,
            cls=cls,
            width=options.width(1.6),
            dash=options.dash(cls, line),
            marker=marker,
            size=float(options("markersize", 6.0)) * 80 / 72,
            steps=steps[6:] or "pre" if steps.startswith("steps") else None,
            label=options.label(),
            alpha=options.alpha(),
            z=options("zorder", 2.0),
        )
        if made.steps and len(x):
            x, y = stepped(x, y, made.steps)
        return self._take(made, x, y)


def _groups(args: tuple) -> Iterable[tuple[Any, Any, str]]:
    """Split plot's arguments into (x, y, format)."""
    rest = list(args)
    if not rest:
        raise TypeError("plot() needs at least y")
    while rest:
        data = [rest.pop(0)]
        if rest and not isinstance(rest[0], str):
            data.append(rest.pop(0))
        fmt = rest.pop(0) if rest and isinstance(rest[0], str) else ""
        yield (None, data[0], fmt) if len(data) == 1 else (data[0], data[1], fmt)
