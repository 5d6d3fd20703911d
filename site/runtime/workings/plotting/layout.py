"""Where each axes goes: margins from the words that must fit, spines aligned over the grid."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from . import legend
from .artists import View
from .labels import common_exponent, tick_labels
from .mathtext import width
from .style import FONT, FONT_TITLE, POINT

TICK = 4.0  # length of a tick
PAD = 5.0  # from the tick to its label
SIZE = 13.0  # of tick labels
BAR_GAP, BAR = 16.0, 11.0  # beside a heat map: gap, width of the colour bar


@dataclass
class Ticks:
    """Ticks of one axis of one axes."""

    major: list[float] = field(default_factory=list)
    minor: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    multiplier: str = ""


@dataclass
class Panel:
    """An axes, its place and its ticks."""

    axes: Any
    view: View
    x: Ticks
    y: Ticks
    listed: list[legend.Entry]
    rows: list[list[legend.Entry]]
    bar: Ticks | None = None
    bar_left: float = 0.0
    edge: float = 0.0  # left end of the cell, where its words begin
    slant: float = 0.0  # how far x labels reach down that would collide side by side


def find_ticks(axis: Any, length: float, across: float) -> Ticks:
    """Ticks for an axis `length` pixels long, where a label takes `across` font sizes."""
    space = int(length / POINT // (SIZE / POINT * across))
    major, minor = axis.ticks(max(1, min(9, space)))
    words = axis.words(major)
    if words is not None:
        return Ticks(major, minor, words)
    labels, multiplier = tick_labels(major, axis.scale, max(map(abs, axis.bound())))
    return Ticks(major, minor, labels, multiplier)


def bar_ticks(image: Any, length: float) -> Ticks:
    """Ticks of a colour bar."""
    from .scales import Linear

    low, high = image.low, image.high
    if low == high:
        return Ticks([low], [], tick_labels([low], Linear())[0])
    bins = max(1, min(6, int(length / 34)))
    major, _ = Linear().ticks(low, high, bins)
    labels, multiplier = tick_labels(major, Linear(), max(abs(low), abs(high)))
    return Ticks(major, [], labels, multiplier)


def axis_name(label: str, multiplier: str) -> str:
    """Join the axis's name with the multiplier common to its tick labels."""
    return f"{label} ({multiplier})" if label and multiplier else label or multiplier


def _widest(labels: list[str]) -> float:
    return max((width(label, SIZE) for label in labels), default=0.0)


def arrange(figure: Any, across: float, down: float) -> list[Panel]:
    """Panels of a figure of this size."""
    grid = figure.grid
    head = 30.0 if figure.heading else 0.0
    gap_x, gap_y = 26.0, 16.0
    columns = range(grid.columns)
    room = across - gap_x * (grid.columns - 1)
    share_x = [w / sum(grid.width_ratios) for w in grid.width_ratios]
    share_y = [h / sum(grid.height_ratios) for h in grid.height_ratios]
    cells = [room * share for share in share_x]

    tops, bottoms = [0.0] * grid.rows, [0.0] * grid.rows
    listed = {id(a): legend.entries(a) for a in figure.axes}
    rows: dict[int, list[list[legend.Entry]]] = {}
    slant: dict[int, float] = {}
    for axes in figure.axes:
        row, column = axes.place
        options = axes.legend_options
        rows[id(axes)] = []
        if options and options["loc"] == "best" and listed[id(axes)]:
            rows[id(axes)] = legend.rows(listed[id(axes)], cells[column] - 30, options["ncols"])
        spacing = cells[column] * 0.88, (down - head) * share_y[row] * 0.72
        slant[id(axes)] = _slant(axes, *spacing)
        top, bottom = _above_below(axes, len(rows[id(axes)]), slant[id(axes)])
        tops[row], bottoms[row] = max(tops[row], top), max(bottoms[row], bottom)
    heights = down - head - gap_y * (grid.rows - 1) - sum(tops) - sum(bottoms)
    tall = [max(20.0, heights * share) for share in share_y]

    found_y, found_x, bars = {}, {}, {}
    lefts, rights = [0.0] * grid.columns, [0.0] * grid.columns
    for axes in figure.axes:
        row, column = axes.place
        ticks = found_y[id(axes)] = find_ticks(axes.y_axis, tall[row], 2)
        found_x[id(axes)] = find_ticks(axes.x_axis, cells[column] * 0.85, 3)
        left, right = _beside(axes, ticks, found_x[id(axes)], listed[id(axes)])
        if axes.colorbar_of is not None:
            bars[id(axes)] = bar_ticks(axes.colorbar_of, tall[row])
            right = BAR_GAP + BAR + TICK + 3 + _widest(bars[id(axes)].labels)
        lefts[column], rights[column] = max(lefts[column], left), max(rights[column], right)

    free = max(40.0 * grid.columns, room - sum(lefts) - sum(rights))
    wide = [free * share for share in share_x]
    starts = [sum(lefts[: c + 1]) + sum(rights[:c]) + sum(wide[:c]) + gap_x * c for c in columns]
    panels = []
    for axes in figure.axes:
        row, column = axes.place
        top = head + sum(tops[: row + 1]) + sum(bottoms[:row]) + sum(tall[:row]) + gap_y * row
        view = View(starts[column], top, wide[column], tall[row], axes.x_axis, axes.y_axis)
        view = _with_aspect(axes, view)
        x, y = find_ticks(axes.x_axis, view.width, 3), found_y[id(axes)]
        if view.height != tall[row]:
            y = find_ticks(axes.y_axis, view.height, 2)
        panel = Panel(axes, view, x, y, listed[id(axes)], rows[id(axes)], bars.get(id(axes)))
        panel.edge = starts[column] - lefts[column]
        if axes.aspect is not None:
            panel.edge = view.left
        panel.slant = slant[id(axes)]
        panel.bar_left = view.left + view.width + BAR_GAP
        panels.append(panel)
    return panels


def _slant(axes: Any, wide: float, tall: float) -> float:
    """How far down slanted x labels reach; 0 where words fit side by side."""
    axis = axes.x_axis
    names = axis.fixed_labels or list(axis.categories or ())
    if not names or axes.bare["x"] or axes.hidden or axis.scale.name == "log":
        return 0.0
    low, high = axis.bound()
    if axes.aspect is not None:
        bottom, top = axes.y_axis.bound()
        wide = min(wide, tall * (high - low) / ((top - bottom) * axes.aspect))
    places = sorted(axis.fixed_ticks or axis.categories.values())
    gaps = [b - a for a, b in pairwise(places) if b > a]
    longest = max(width(line, SIZE) for name in names for line in name.split("\n"))
    if not gaps or min(gaps) * wide / (high - low) >= longest + 5:
        return 0.0
    return 0.7 * longest


def _above_below(axes: Any, legend_rows: int, slant: float) -> tuple[float, float]:
    """Space above and below the axes' rectangle."""
    owner = axes.twin_of or axes
    bottom = 4.0
    if not axes.hidden:
        bottom = TICK + PAD + SIZE if not axes.bare["x"] else TICK + 4
        many = axes.x_axis.fixed_labels or axes.x_axis.categories or ()
        if not axes.bare["x"] and any("\n" in str(word) for word in many):
            bottom += SIZE * 1.2
        bottom += slant
        if (axes.xlabel or _multiplied(axes.x_axis)) and not axes.bare["x"]:
            bottom += FONT * 1.4
    top = 8.0
    if owner.title or axes.title:
        top += FONT_TITLE * 1.45
    if legend_rows:
        top += legend.ROW * legend_rows + 2
    named = axes.ylabel or axes.colorbar_label or _multiplied(axes.y_axis)
    if named and not axes.hidden:
        top += FONT * 1.4
    return top, bottom


def _multiplied(axis: Any) -> bool:
    """Whether tick labels will share a multiplier."""
    if axis.words([]) is not None or axis.scale.name == "log" or axis.empty():
        return False
    return common_exponent(max(map(abs, axis.bound()))) != 0


def _beside(axes: Any, y: Ticks, x: Ticks, listed: list[legend.Entry]) -> tuple[float, float]:
    """Space left and right of the axes' rectangle."""
    if axes.hidden:
        return 2.0, 2.0
    beside = TICK + PAD + _widest(y.labels) if not axes.bare["y"] else TICK + 2
    first = width(x.labels[0], SIZE) / 2 if x.labels and not axes.bare["x"] else 0.0
    last = width(x.labels[-1], SIZE) / 2 if x.labels and not axes.bare["x"] else 0.0
    if axes.twin_of is not None:
        return 2.0, beside
    left, right = beside, 8.0
    low, high = axes.x_axis.get()
    if x.major and high != low:  # only what hangs over the ends needs room
        ends = [(tick - low) / (high - low) for tick in (x.major[0], x.major[-1])]
        if axes.x_axis.scale.name == "log":
            ends = [0.0, 1.0]
        left = max(left, first - min(ends) * 300)
        right = max(right, last - (1 - max(ends)) * 300 + 1)
    if axes.legend_options and axes.legend_options["loc"] == "outside right" and listed:
        right = max(right, 16 + max(entry.width for entry in listed))
    return left, right


def _with_aspect(axes: Any, view: View) -> View:
    """Shrink the rectangle so that units of x and y have the wanted proportion."""
    aspect = axes.aspect if axes.aspect is not None else getattr(axes.twin_of, "aspect", None)
    if aspect is None or "log" in (axes.x_axis.scale.name, axes.y_axis.scale.name):
        return view
    low, high = axes.x_axis.bound()
    bottom, top = axes.y_axis.bound()
    ratio = (top - bottom) / (high - low) * aspect  # height over width
    wide, tall = view.width, view.height
    if ratio * wide > tall:
        wide = tall / ratio
    else:
        tall = ratio * wide
    left = view.left + (view.width - wide) / 2
    return view._replace(left=left, width=wide, height=tall)
