"""The look of every figure: series, colours, sizes.

Monochrome with one accent. A series is a class (`c0` ink, `c1` accent, `c2` ... `c5` greys) that
the stylesheet colours for light, dark and print; the `color` attribute beside it is the light
picture for an SVG saved on its own. Greys differ in dash and marker as well as in shade.
"""

import numpy as np

INK = "#1a1a18"
PAPER = "#ffffff"
ACCENT = "#b3341c"
RULE = "#c9c8c3"
INK_2 = "#5b5a55"

#: Light colour of each class, for lines and text.
COLOURS = {
    "c0": INK,
    "c1": ACCENT,
    "c2": "#5f5e5a",
    "c3": "#8a8984",
    "c4": "#6e6d69",
    "c5": "#8a8984",
    "paper": PAPER,
    "axis": INK_2,
    "grid": RULE,
    **{f"c{i}0": f"#{round(25.5 * i):02x}" + 2 * f"{round(25.5 * i):02x}" for i in range(1, 10)},
}

#: Light colour of filled areas where it differs from the line's: fills can be lighter.
AREAS = {"c2": "#85847f", "c3": "#b9b8b2", "c4": "#5f5e5a", "c5": "#d3d2cc"}

#: The stroke pattern that belongs to each series when an author names none.
DASHES = {
    "c0": "-",
    "c1": "-",
    "c2": (0, (6, 3)),
    "c3": (0, (1.5, 2.5)),
    "c4": (0, (9, 3, 2, 3)),
    "c5": (0, (3, 2)),
}

#: Matplotlib's names of line styles, as lengths of dash and gap in pixels.
LINE_STYLES = {
    "-": (),
    "solid": (),
    "--": (6, 4),
    "dashed": (6, 4),
    ":": (1.5, 3),
    "dotted": (1.5, 3),
    "-.": (8, 3, 1.5, 3),
    "dashdot": (8, 3, 1.5, 3),
}

SERIES = ("c0", "c1", "c2", "c3", "c4", "c5")

#: Pixels to the inch of `figsize`; 72 points to the inch make a point 1.11 pixels.
PIXELS = 80.0
POINT = PIXELS / 72.0

FONT = 14.0
FONT_TITLE = 15.0
FAMILY = "system-ui, Helvetica, Arial, sans-serif"

_WORDS = {"k": "c0", "black": "c0", "w": "paper", "white": "paper"}
_ALLOWED = (
    "figures are monochrome with one accent, so that light, dark and print come from one picture; "
    'use "C0" (ink), "C1" (accent), "C2" to "C5" (greys), "k", "w" or a grey such as "0.5"'
)


def colour_class(colour: object) -> str | None:
    """Class of a Matplotlib colour, or None for "none"; ValueError says what is allowed."""
    if isinstance(colour, str):
        name = _WORDS.get(colour)
        if name is not None:
            return name
        if colour.lower() == "none":
            return None
        if len(colour) > 1 and colour[0] == "C" and colour[1:].isdigit():
            return SERIES[int(colour[1:]) % len(SERIES)]
        try:
            shade = float(colour)
        except ValueError:
            shade = -1.0
        if 0.0 <= shade <= 1.0:
            step = round(shade * 10)
            return "c0" if step == 0 else "paper" if step == 10 else f"c{step}0"
    raise ValueError(f"colour {colour!r} is not one of ours: {_ALLOWED}")


def colour_name(name: str | None) -> str:
    """Colour for real Matplotlib of one of our classes."""
    return "none" if name is None else COLOURS[name]


def dash_lengths(style: object) -> tuple[float, ...] | None:
    """Dash and gap lengths of a Matplotlib line style; None for no line at all."""
    if style in ("", "none", "None", " "):
        return None
    if isinstance(style, str):
        if style in LINE_STYLES:
            return LINE_STYLES[style]
    elif isinstance(style, tuple) and len(style) == 2:
        return tuple(float(length) for length in (style[1] or ()))
    raise ValueError(
        f"line style {style!r} is unknown: use '-', '--', ':', '-.', 'none' "
        "or (offset, (on, off, ...))"
    )


def parse_format(fmt: str) -> tuple[str | None, str | None, str | None]:
    """Split a format such as `"C1o--"` into line style, marker and colour, as Matplotlib does."""
    line = marker = colour = None
    i = 0
    while i < len(fmt):
        two = fmt[i : i + 2]
        if two in ("--", "-."):
            line, i = two, i + 2
        elif fmt[i] in "-:":
            line, i = fmt[i], i + 1
        elif fmt[i] == "C" and fmt[i + 1 : i + 2].isdigit():
            colour, i = two, i + 2
        elif fmt[i] in "os^vD.x+|_*d,<>":
            marker, i = fmt[i], i + 1
        elif fmt[i] in "kw":
            colour, i = fmt[i], i + 1
        else:
            raise ValueError(f"format {fmt!r}: can't read {fmt[i]!r}; {_ALLOWED}")
    return line, marker, colour


def grey_levels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Class index 1 ... 9 (`c10` dark ... `c90` light) for each value; dark is high."""
    span = (high - low) or 1.0
    return 9 - np.clip(np.rint((values - low) / span * 8.0), 0, 8).astype(int)
