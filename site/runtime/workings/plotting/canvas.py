"""Writing SVG: one element a line, attributes only, coordinates to two decimals."""

import numpy as np

from .style import AREAS, COLOURS

_FAR = 9999.0
_SIGNS: dict[str, str | None] = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_ESCAPES = str.maketrans(_SIGNS | {chr(code): None for code in (*range(32), 127)})


def escape(text: str) -> str:
    """Text that is safe in elements and attributes."""
    return text.translate(_ESCAPES)


def rounded(values: np.ndarray) -> np.ndarray:
    """Coordinates to two decimals, whatever the last bits were; far-away ones come nearer."""
    return np.round(np.round(np.clip(values, -_FAR, _FAR), 5), 2) + 0.0


def num(value: float) -> str:
    """One coordinate."""
    plain = float(value)  # rounding NumPy's own scalars costs ten times as much
    return f"{round(round(plain, 5), 2) + 0.0:g}"


def points(x: np.ndarray, y: np.ndarray) -> list[float]:
    """Interleaved, rounded coordinates."""
    out = np.empty(2 * len(x))
    out[0::2], out[1::2] = x, y
    return rounded(out).tolist()


def polyline(x: np.ndarray, y: np.ndarray) -> str:
    """Path data through finite points."""
    return "M" + "L".join(["%g %g"] * len(x)) % tuple(points(x, y))


def paint(name: str, area: bool = False) -> str:
    """Class and light colour of a series, for an element that uses `currentColor`."""
    if area:
        return f'class="{name} mark" color="{AREAS.get(name) or COLOURS[name]}"'
    return f'class="{name}" color="{COLOURS[name]}"'


def dashes(lengths: tuple[float, ...]) -> str:
    """Attribute for a stroke pattern; nothing for a solid one."""
    return f' stroke-dasharray="{" ".join(num(v) for v in lengths)}"' if lengths else ""


class Canvas:
    """Lines of an SVG and the names of what they define."""

    def __init__(self, prefix: str):
        self.prefix = escape(prefix)
        self.lines: list[str] = []
        self.add = self.lines.append
        self._count = 0

    def name(self, kind: str) -> str:
        """Make a new id, starting with the prefix."""
        self._count += 1
        return f"{self.prefix}-{kind}{self._count}"

    def text(self, x: float, y: float, content: str, attributes: str) -> None:
        """One line of text; `content` is escaped already."""
        self.add(f'<text {attributes} x="{num(x)}" y="{num(y)}">{content}</text>')
