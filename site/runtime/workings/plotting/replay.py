"""The same figure by real Matplotlib: the recorded calls repeated, then dressed alike."""

from typing import Any

from .axes import Axes
from .images import Image
from .layout import SIZE, arrange, axis_name
from .lines import Line, Rule
from .points import Scatter
from .shapes import Area, Bars
from .style import ACCENT, AREAS, COLOURS, FONT, FONT_TITLE, POINT, SERIES, colour_name
from .view import CoordinateSystem
from .words import Words

#: Settings under which calls are repeated; sizes in points.
SETTINGS = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.edgecolor": COLOURS["axis"],
    "axes.axisbelow": True,
    "axes.labelsize": FONT / POINT,
    "axes.titlesize": FONT_TITLE / POINT,
    "axes.titleweight": 600,
    "axes.titlelocation": "left",
    "font.size": SIZE / POINT,
    "grid.color": COLOURS["grid"],
    "grid.linewidth": 0.6,
    "image.cmap": "Greys",
    "legend.frameon": False,
    "legend.fontsize": SIZE / POINT,
    "lines.linewidth": 1.6,
    "lines.solid_joinstyle": "round",
    "xtick.labelsize": SIZE / POINT,
    "ytick.labelsize": SIZE / POINT,
    "xtick.color": COLOURS["axis"],
    "ytick.color": COLOURS["axis"],
    "pdf.fonttype": 42,
}


class Replay:
    """Repeats calls and remembers which real object stands for which of ours."""

    def __init__(self, figure: Any):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.light = figure
        grid = figure.grid
        self.figure = Figure(figsize=figure.figsize, dpi=100)
        FigureCanvasAgg(self.figure)
        axes = self.figure.subplots(
            grid.rows,
            grid.columns,
            sharex=grid.sharex,
            sharey=grid.sharey,
            squeeze=False,
            width_ratios=grid.width_ratios,
            height_ratios=grid.height_ratios,
        )
        self.real: dict[int, Any] = {id(figure): self.figure}
        panels = [a for a in figure.axes if a.twin_of is None]
        for light, real in zip(panels, axes.ravel(), strict=True):
            self.real[id(light)] = real
        for call in figure.calls:
            target = self.real[id(call.target)]
            args = tuple(self.meant(v, target) for v in call.args)
            kwargs = {k: self.meant(v, target) for k, v in call.kwargs.items()}
            self._adapt(call, kwargs)
            self.match(call.result, getattr(target, call.method)(*args, **kwargs))

    def meant(self, value: Any, target: Any) -> Any:
        """Find the real thing for one of ours, inside lists too."""
        if isinstance(value, CoordinateSystem):
            return getattr(target, f"trans{value.name.title()}")
        if isinstance(value, list | tuple):
            return type(value)(self.meant(v, target) for v in value)
        return self.real.get(id(value), value)

    def match(self, light: Any, real: Any) -> None:
        """Remember what a call gave back."""
        if isinstance(light, list | tuple):
            for a, b in zip(light, real, strict=False):
                self.match(a, b)
        elif light is not None and not isinstance(light, float | int | str):
            self.real[id(light)] = real

    @staticmethod
    def _adapt(call: Any, kwargs: dict[str, Any]) -> None:
        """Say in Matplotlib's words what is only ours."""
        if isinstance(call.result, Image):
            low, high = call.result.get_clim()
            kwargs.update(cmap=call.result.cmap_name, vmin=low, vmax=high)
        if call.method == "scatter" and call.result.values is not None:
            kwargs.setdefault("cmap", "Greys")
        if call.method == "legend":
            place = kwargs.get("loc", "best")
            if place == "outside right":
                kwargs.update(loc="upper left", bbox_to_anchor=(1.02, 1.0))
            elif place == "best":
                kwargs.update(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.1)


def repeated(figure: Any) -> Replay:
    """Repeat the calls on real Matplotlib, with its own locators and margins."""
    import matplotlib
    from cycler import cycler

    cycle = cycler(color=[COLOURS[name] for name in SERIES])
    with matplotlib.rc_context({**SETTINGS, "axes.prop_cycle": cycle}):
        return Replay(figure)


def replayed(figure: Any) -> Any:
    """Return a real Figure laid out and coloured as ours is."""
    import matplotlib

    replay = repeated(figure)
    with matplotlib.rc_context(SETTINGS):
        for axes in figure.axes:
            for artist in axes.artists:
                _colour(artist, replay.real.get(id(artist)))
        _place(figure, replay)
    return replay.figure


def _colour(light: Any, real: Any) -> None:
    """Give a real artist our colour and dash."""
    if real is None:
        return
    if isinstance(light, Line | Rule):
        real.set_color(colour_name(light.cls))
        dash = light.dash
        real.set_linestyle(
            "none" if dash is None else (0, tuple(v / light.width for v in dash)) if dash else "-"
        )
        real.set_linewidth(light.width / POINT)
    elif isinstance(light, Bars):
        for patch, name in zip(real, light.classes, strict=True):
            patch.set_facecolor(_fill(name))
            if light.edge:
                patch.set_edgecolor(colour_name(light.edge))
    elif isinstance(light, Area):
        real.set_facecolor(_fill(light.cls))
        real.set_edgecolor("none")
    elif isinstance(light, Scatter) and isinstance(light.classes, str):
        real.set_color(colour_name(light.classes))
    elif isinstance(light, Words):
        real.set_color(colour_name(light.contrasting()))
        real.set_fontsize(light.size / POINT)
        if light.arrow is not None and real.arrow_patch is not None:
            real.arrow_patch.set_color(colour_name(light.arrow.cls))
            real.arrow_patch.set_linewidth(0.9)
    elif isinstance(light, Image) and light.map[0] != "ink":
        real.set_cmap(_two_inks(light))


def _fill(name: str | None) -> str:
    return AREAS.get(name or "", colour_name(name))


def _two_inks(image: Image) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    ends = (
        [COLOURS["c0"], "#ffffff", ACCENT] if image.map[0] == "diverging" else ["#ffffff", ACCENT]
    )
    return LinearSegmentedColormap.from_list("inks", ends[::-1] if image.map[1] else ends)


def _place(figure: Any, replay: Replay) -> None:
    """Put axes, ticks and names where ours are."""
    wide, tall = figure.width, figure.height
    if figure.heading:
        replay.figure.suptitle(
            figure.heading, x=0.0, y=0.995, ha="left", va="top", fontsize=16 / POINT, fontweight=600
        )
    for panel in arrange(figure, wide, tall):
        axes: Axes = panel.axes
        real, view = replay.real[id(axes)], panel.view
        real.set_aspect("auto")
        real.set_position(
            (
                view.left / wide,
                1 - (view.top + view.height) / tall,
                view.width / wide,
                view.height / tall,
            )
        )
        if axes.twin_of is not None:
            real.spines["right"].set_visible(True)
            real.spines["left"].set_visible(False)
        for name, axis, ticks in (("x", real.xaxis, panel.x), ("y", real.yaxis, panel.y)):
            if name == "x" and axes.twin_of is not None:
                continue
            axis.set_ticks(ticks.major, ticks.labels)
            if name == "x" and panel.slant:
                axis.set_tick_params(rotation=45)
            axis.set_ticks(ticks.minor, minor=True)
            axis.set_ticklabels([], minor=True)
        real.set_xlim(*axes.get_xlim())
        real.set_ylim(*axes.get_ylim())
        if axes.xlabel or panel.x.multiplier:
            real.set_xlabel(axis_name(axes.xlabel, panel.x.multiplier), loc="right")
        label = axis_name(axes.ylabel, panel.y.multiplier)
        row = 0.0
        if label:
            real.set_ylabel("")
            at, side = (1.0, "right") if axes.twin_of is not None else (0.0, "left")
            real.annotate(
                label,
                (at, 1.0),
                (0, 10),
                xycoords="axes fraction",
                ha=side,
                textcoords="offset points",
                fontsize=FONT / POINT,
            )
        if label or axes.colorbar_label:
            row += FONT * 1.4
        legend = real.get_legend()
        if legend is not None and panel.rows:
            legend.set_bbox_to_anchor((0.0, 1.0 + (8.0 + row) / view.height))
            legend.set_ncols(max(len(each) for each in panel.rows))
            row += 20.0 * len(panel.rows) + 2
        if axes.title:
            real.set_title(axes.title, loc="left", pad=(12.0 + row) / POINT)
        bar = replay.real.get(id(axes.colorbar_of)) if axes.colorbar_of is not None else None
        if bar is not None and bar.colorbar is not None:
            bar.colorbar.ax.set_position(
                (
                    panel.bar_left / wide,
                    1 - (view.top + view.height) / tall,
                    11.0 / wide,
                    view.height / tall,
                )
            )
            bar.colorbar.set_label("")
            bar.colorbar.outline.set_visible(False)
            bar.colorbar.ax.annotate(
                axes.colorbar_label,
                (1.0, 1.0),
                (0, 10),
                ha="right",
                xycoords="axes fraction",
                textcoords="offset points",
                fontsize=FONT / POINT,
            )
