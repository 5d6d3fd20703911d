"""From panels to SVG: axes, ticks, labels, then the artists in their order."""

from itertools import pairwise
from typing import Any

import numpy as np

from . import legend
from .canvas import Canvas, num, rounded
from .images import draw_ink
from .layout import BAR, PAD, SIZE, TICK, Panel, Ticks, arrange, axis_name
from .mathtext import markup, width
from .png import levels
from .style import COLOURS, FAMILY, FONT, FONT_TITLE

_INK = f'color="{COLOURS["c0"]}"'
_QUIET = f'color="{COLOURS["axis"]}"'
_RULE = f'color="{COLOURS["grid"]}"'


def draw_figure(figure: Any, prefix: str) -> str:
    """Write the whole SVG."""
    wide, tall = figure.width, figure.height
    canvas = Canvas(prefix)
    canvas.add(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" '
        f'viewBox="0 0 {num(wide)} {num(tall)}" '
        f'width="{num(wide)}" height="{num(tall)}" role="img" aria-hidden="true" '
        f'font-family="{FAMILY}" font-size="{num(FONT)}" {_INK}>'
    )
    if figure.heading:
        canvas.text(
            0,
            17,
            markup(figure.heading, 16),
            f'class="title" {_INK} fill="currentColor" font-size="16" font-weight="600"',
        )
    for panel in arrange(figure, wide, tall):
        draw_panel(canvas, panel)
    canvas.add("</svg>")
    return "\n".join(canvas.lines)


def draw_panel(canvas: Canvas, panel: Panel) -> None:
    """One axes."""
    axes, view = panel.axes, panel.view
    if not axes.hidden:
        _grid(canvas, panel)
    artists = sorted(axes.artists, key=lambda artist: artist.z)
    marks = [a for a in artists if a.kind != "text"]
    clip = _needs_clip(axes)
    if clip:
        key = canvas.name("clip")
        canvas.lines += [
            f'<clipPath id="{key}">',
            f'<rect x="{num(view.left - 1)}" y="{num(view.top - 1)}" '
            f'width="{num(view.width + 2)}" height="{num(view.height + 2)}"/>',
            "</clipPath>",
            f'<g clip-path="url(#{key})">',
        ]
    below = [a for a in marks if a.z < 2]
    for artist in below:
        artist.draw(canvas, view)
    if not axes.hidden and clip:
        canvas.add("</g>")
    if not axes.hidden:
        _spines(canvas, panel)
    if not axes.hidden and clip:
        canvas.add(f'<g clip-path="url(#{key})">')
    for artist in marks[len(below) :]:
        artist.draw(canvas, view)
    if clip:
        canvas.add("</g>")
    for artist in artists:
        if artist.kind == "text":
            artist.draw(canvas, view)
    _names(canvas, panel)
    if axes.colorbar_of is not None and panel.bar is not None:
        _colour_bar(canvas, panel, panel.bar)
    if not axes.artists and axes.twin_of is None and not axes.hidden:
        _note(canvas, view, "nothing to show")
    elif marks and not any(_has_data(a) for a in marks):
        _note(canvas, view, "no finite data")


def _has_data(artist: Any) -> bool:
    if artist.kind in ("line", "points"):
        return bool((np.isfinite(artist.xdata) & np.isfinite(artist.ydata)).any())
    if artist.kind == "bars":
        return bool(np.isfinite(artist.values).any())
    if artist.kind == "image":
        return bool(np.isfinite(artist.array).any())
    return artist.kind != "area" or bool(artist.polygons)


def _note(canvas: Canvas, view: Any, text: str) -> None:
    canvas.text(
        view.left + view.width / 2,
        view.top + view.height / 2,
        text,
        f'class="note" {_QUIET} fill="currentColor" font-style="italic" text-anchor="middle"',
    )


def _needs_clip(axes: Any) -> bool:
    """Whether data reach beyond the limits."""
    for axis, data in ((axes.x_axis, axes.x_data), (axes.y_axis, axes.y_data)):
        low, high = axis.bound()
        slack = 1e-9 * (high - low)
        if data.low < low - slack or data.high > high + slack:
            return True
    return False


def _grid(canvas: Canvas, panel: Panel) -> None:
    view, shown = panel.view, panel.axes.gridded
    paths = []
    if shown["x"]:
        paths += [
            f"M{num(v)} {num(view.top)}v{num(view.height)}" for v in view.x(panel.x.major).tolist()
        ]
    if shown["y"]:
        paths += [
            f"M{num(view.left)} {num(v)}h{num(view.width)}" for v in view.y(panel.y.major).tolist()
        ]
    if paths:
        canvas.add(
            f'<path class="grid" {_RULE} fill="none" stroke="currentColor" '
            f'stroke-width="0.75" d="{"".join(paths)}"/>'
        )


def _spines(canvas: Canvas, panel: Panel) -> None:
    """Left (or right) and bottom lines with outward ticks, and the tick labels."""
    axes, view = panel.axes, panel.view
    twin = axes.twin_of is not None
    bottom, right = view.top + view.height, view.left + view.width
    side = right if twin else view.left
    out = TICK if twin else -TICK
    lines = [f"M{num(side)} {num(view.top)}V{num(bottom)}"]
    small = [
        f"M{num(side)} {num(v)}h{num(out / 2)}" for v in rounded(view.y(panel.y.minor)).tolist()
    ]
    if not axes.tickless["y"]:
        lines += [
            f"M{num(side)} {num(v)}h{num(out)}" for v in rounded(view.y(panel.y.major)).tolist()
        ]
    if not twin:
        lines.append(f"M{num(view.left)} {num(bottom)}H{num(right)}")
        if not axes.tickless["x"]:
            lines += [
                f"M{num(v)} {num(bottom)}v{num(TICK)}"
                for v in rounded(view.x(panel.x.major)).tolist()
            ]
        small += [
            f"M{num(v)} {num(bottom)}v{num(TICK / 2)}"
            for v in rounded(view.x(panel.x.minor)).tolist()
        ]
    canvas.add(
        f'<path class="axis" {_QUIET} fill="none" stroke="currentColor" '
        f'd="{"".join(lines + small)}"/>'
    )
    if not twin and not axes.bare["x"]:
        _x_labels(canvas, panel, bottom + TICK + PAD + 0.7 * SIZE)
    if not axes.bare["y"]:
        _y_labels(
            canvas,
            panel.y,
            view,
            side + (TICK + 3) * (1 if twin else -1),
            "start" if twin else "end",
        )


def _group(canvas: Canvas, anchor: str) -> None:
    canvas.add(
        f'<g class="tick" {_QUIET} fill="currentColor" font-size="{num(SIZE)}" '
        f'text-anchor="{anchor}">'
    )


def _x_labels(canvas: Canvas, panel: Panel, y: float) -> None:
    places = panel.view.x(panel.x.major).tolist()
    labels = panel.x.labels
    if not labels:
        return
    if panel.slant:
        _group(canvas, "end")
        for i in fitting(places, [SIZE] * len(labels), 2.0):
            x, base = num(places[i] + 4), num(y)
            canvas.add(
                f'<text x="{x}" y="{base}" transform="rotate(-45 {x} {base})">'
                f"{markup(labels[i], SIZE)}</text>"
            )
        canvas.add("</g>")
        return
    _group(canvas, "middle")
    lines = [label.split("\n") for label in labels]
    widths = [max(width(line, SIZE) for line in each) for each in lines]
    for i in fitting(places, widths, 7.0):
        for k, line in enumerate(lines[i]):
            canvas.add(
                f'<text x="{num(places[i])}" y="{num(y + k * SIZE * 1.2)}">'
                f"{markup(line, SIZE)}</text>"
            )
    canvas.add("</g>")


def _y_labels(canvas: Canvas, ticks: Ticks, view: Any, x: float, anchor: str) -> None:
    if not ticks.labels:
        return
    places = view.y(ticks.major).tolist()
    _group(canvas, anchor)
    for i in fitting(places, [SIZE] * len(places), 2.0):
        canvas.add(
            f'<text x="{num(x)}" y="{num(places[i] + 0.35 * SIZE)}">'
            f"{markup(ticks.labels[i], SIZE)}</text>"
        )
    canvas.add("</g>")


def fitting(places: list[float], sizes: list[float], gap: float) -> range | list[int]:
    """Which labels to write so that none overlap: every one, or every nth."""
    count = len(places)
    for stride in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        chosen = range(0, count, stride)
        pairs = pairwise(chosen)
        if all(abs(places[b] - places[a]) >= (sizes[a] + sizes[b]) / 2 + gap for a, b in pairs):
            return chosen
    return [0] if count else []


def _names(canvas: Canvas, panel: Panel) -> None:
    """Title, legend and the names of the axes."""
    axes, view = panel.axes, panel.view
    twin = axes.twin_of is not None
    left = panel.edge
    y = view.top - 8.0
    name = axis_name(axes.ylabel, panel.y.multiplier if not axes.bare["y"] else "")
    label = f'class="label" {_INK} fill="currentColor" font-size="{num(FONT)}"'
    if not axes.hidden and (name or axes.colorbar_label):
        if name:
            at, anchor = (view.left + view.width, ' text-anchor="end"') if twin else (left, "")
            canvas.text(at, y - 4, markup(name, FONT), label + anchor)
        if axes.colorbar_label:
            edge = panel.bar_left + BAR
            canvas.text(
                edge, y - 4, markup(axes.colorbar_label, FONT), label + ' text-anchor="end"'
            )
        y -= FONT * 1.4
    if panel.rows:
        y -= legend.ROW * len(panel.rows) + 2
        legend.draw_rows(canvas, panel.rows, left, y)
    elif panel.listed and axes.legend_options["loc"] == "outside right":
        legend.draw_column(canvas, panel.listed, view.left + view.width + 16, view.top)
    elif panel.listed:
        legend.draw_corner(canvas, panel.listed, view, axes.legend_options["loc"])
    if axes.title:
        canvas.text(
            left,
            y - 5,
            markup(axes.title, FONT_TITLE),
            f'class="title" {_INK} fill="currentColor" '
            f'font-size="{num(FONT_TITLE)}" font-weight="600"',
        )
    name = axis_name(axes.xlabel, panel.x.multiplier)
    if name and not twin and not axes.bare["x"] and not axes.hidden:
        below = panel.slant + view.top + view.height + TICK + PAD + SIZE + FONT * 1.05
        if any("\n" in word for word in panel.x.labels):
            below += SIZE * 1.2
        canvas.text(view.left + view.width, below, markup(name, FONT), label + ' text-anchor="end"')


def _colour_bar(canvas: Canvas, panel: Panel, ticks: Ticks) -> None:
    """Write a strip of the colour map's inks beside the heat map, with ticks at its right."""
    image, view = panel.axes.colorbar_of, panel.view
    values = np.linspace(image.high, image.low, 64)[:, None]
    place = (
        f'x="{num(panel.bar_left)}" y="{num(view.top)}" width="{num(BAR)}" '
        f'height="{num(view.height)}"'
    )
    for name, cover in image.inks(values):
        draw_ink(canvas, place, name, levels(cover), "")
    right = panel.bar_left + BAR
    span = (image.high - image.low) or 1.0
    places = [view.top + view.height * (image.high - tick) / span for tick in ticks.major]
    marks = "".join(f"M{num(right)} {num(v)}h{num(TICK)}" for v in places)
    canvas.add(
        f'<path class="axis" {_QUIET} fill="none" stroke="currentColor" d="M{num(right)} '
        f'{num(view.top)}v{num(view.height)}{marks}"/>'
    )
    _group(canvas, "start")
    for v, label in zip(places, ticks.labels, strict=True):
        canvas.add(
            f'<text x="{num(right + TICK + 3)}" y="{num(v + 0.35 * SIZE)}">'
            f"{markup(label, SIZE)}</text>"
        )
    canvas.add("</g>")
