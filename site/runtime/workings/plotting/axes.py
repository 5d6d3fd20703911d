"""`Axes`: Matplotlib's drawing methods for what explainers draw."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .artists import MARKERS, Area, Artist, Bars, Line, Rule, Scatter
from .axis import Axis, DataLimits
from .images import Image
from .options import Options
from .record import recorded
from .style import SERIES, colour_class, grey_levels, parse_format
from .view import ViewMethods
from .words import Arrow, Words, font_size

if TYPE_CHECKING:
    from .figure import Figure

_LINE = "color linestyle linewidth marker markersize drawstyle label alpha zorder"
_FILL = "color facecolor edgecolor linewidth label alpha zorder"
_TEXT = (
    "color fontsize ha va fontweight fontstyle rotation alpha zorder transform clip_on "
    "xycoords textcoords"
)


class Axes(ViewMethods):
    """One panel of a figure, with Matplotlib's method names and arguments."""

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

    # Lines and points

    @recorded
    def plot(self, *args: Any, **kwargs: Any) -> list[Line]:
        """Draw lines through points: `plot([x], y, [format], ...)`."""
        options = Options("plot", kwargs, _LINE)
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
        options = Options("scatter", kwargs, _FILL)
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

    # Bars and areas

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
        from .artists import stepped

        options = Options("fill_between", kwargs, _FILL)
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

    # Across the axes

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

    # Heat maps

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

    # Words

    @recorded
    def text(self, x: Any, y: Any, s: str, **kwargs: Any) -> Words:
        """Write text at a point of the data (or of the axes: `transform=ax.transAxes`)."""
        in_axes = kwargs.get("transform") is self.transAxes
        if kwargs.get("transform") not in (None, self.transAxes, self.transData):
            raise ValueError("text: transform must be ax.transData or ax.transAxes")
        if not in_axes:
            x, y = self._point(x, y)
        words = self._words("text", float(x), float(y), s, in_axes, kwargs)
        self.artists.append(words)
        return words

    @recorded
    def annotate(
        self,
        text: str,
        xy: Any,
        xytext: Any = None,
        xycoords: str = "data",
        textcoords: str | None = None,
        arrowprops: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Words:
        """Write text beside a point, with an arrow where `arrowprops` is given."""
        known = ("data", "axes fraction", "offset points")
        textcoords = textcoords or xycoords
        if xycoords not in known[:2] or textcoords not in known:
            raise ValueError(
                f"annotate: coordinates must be one of {known}, not {xycoords!r} and {textcoords!r}"
            )
        in_axes = xycoords == "axes fraction"
        px, py = xy if in_axes else self._point(*xy)
        offset = (0.0, 0.0)
        x, y, text_in_axes = px, py, in_axes
        if xytext is not None:
            if textcoords == "offset points":
                offset = (xytext[0] * 80 / 72, xytext[1] * 80 / 72)
            else:
                text_in_axes = textcoords == "axes fraction"
                x, y = xytext if text_in_axes else self._point(*xytext)
        words = self._words("annotate", float(x), float(y), text, text_in_axes, kwargs, offset)
        if arrowprops is not None:
            style = str(arrowprops.get("arrowstyle", "->"))
            bend = str(arrowprops.get("connectionstyle", ""))
            curve = float(bend.partition("rad=")[2] or 0.0) if "arc3" in bend else 0.0
            colour = arrowprops.get("color")
            words.arrow = Arrow(
                float(px),
                float(py),
                in_axes=in_axes,
                head=style != "-",
                cls=(colour_class(colour) if colour is not None else "axis") or "axis",
                curve=curve,
            )
        self.artists.append(words)
        return words

    # Parts of the above

    def _pairs(self, method: str, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        ys = np.atleast_1d(self.y_axis.convert(y))
        xs = np.arange(float(len(ys))) if x is None else np.atleast_1d(self.x_axis.convert(x))
        if len(xs) != len(ys):
            raise ValueError(f"{method}: x has {len(xs)} values and y has {len(ys)}")
        if xs.ndim > 2 or ys.ndim > 2:
            raise ValueError(f"{method}: x and y must have one or two dimensions")
        return xs.reshape(len(xs), -1), ys.reshape(len(ys), -1)

    def _point(self, x: Any, y: Any) -> tuple[float, float]:
        return (float(self.x_axis.convert(x).item()), float(self.y_axis.convert(y).item()))

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
        return self._take(made, x, y)

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
        options = Options(method, kwargs, _FILL)
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

    def _rule(
        self, method: str, axis: Axis, at: Any, ends: tuple[float, float], kwargs: dict[str, Any]
    ) -> Rule:
        options = Options(method, kwargs, _LINE)
        value = float(axis.convert(at).item())
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
        options = Options(method, kwargs, _FILL)
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

    def _words(
        self,
        method: str,
        x: float,
        y: float,
        text: Any,
        in_axes: bool,
        kwargs: dict[str, Any],
        offset: tuple[float, float] = (0.0, 0.0),
    ) -> Words:
        options = Options(method, kwargs, _TEXT)
        ha, va = options("ha", "left"), options("va", "baseline")
        if ha not in ("left", "center", "right"):
            raise ValueError(f"ha must be 'left', 'center' or 'right', not {ha!r}")
        if va not in ("top", "center", "bottom", "baseline", "center_baseline"):
            raise ValueError(f"va must be 'top', 'center', 'bottom' or 'baseline', not {va!r}")
        return Words(
            x,
            y,
            str(text),
            cls=options.colour("color", "c0"),
            over=self if options("color") is None else None,
            size=font_size(options("fontsize"), 13.0),
            ha=ha,
            va=va,
            in_axes=in_axes,
            weight=options("fontweight"),
            style=options("fontstyle"),
            rotation=float(options("rotation", 0.0)),
            alpha=options.alpha(),
            z=options("zorder", 3.0),
            offset=offset,
        )

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


def _matrix(method: str, values: Any) -> np.ndarray:
    array = np.ma.filled(np.ma.asarray(values, float), np.nan)
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
