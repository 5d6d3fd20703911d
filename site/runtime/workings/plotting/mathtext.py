r"""A little of TeX in labels: `$d_k$`, `$10^{-3}$`, `$\sqrt{d_k}$`, Greek letters, a few signs."""

import re

from .canvas import escape
from .metrics import text_width

_GREEK = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_NAMES = {
    **dict(zip(_GREEK_NAMES.split(), _GREEK, strict=True)),
    "cdot": "·",
    "times": "×",
    "pm": "±",
    "leq": "≤",
    "geq": "≥",
    "le": "≤",
    "ge": "≥",
    "neq": "≠",
    "approx": "≈",
    "infty": "∞",
    "sum": "∑",
    "prod": "∏",
    "sqrt": "√",
    "partial": "∂",
    "nabla": "∇",
    "to": "→",
    "rightarrow": "→",
    "in": "∈",
    "sim": "∼",
    "ldots": "…",
    "dots": "…",
    "quad": " ",
    "log": "log",
    "ln": "ln",
    "exp": "exp",
    "max": "max",
    "min": "min",
    "softmax": "softmax",
    "|": "‖",
    "odot": "⊙",
    "ell": "ℓ",
    ",": "\u2009",
    ";": " ",
    " ": " ",
    "%": "%",
    "_": "_",
}
_TOKEN = re.compile(r"\\([A-Za-z]+|.)|([_^{}])|([^\\_^{}])")
_UPRIGHT = {"log", "ln", "exp", "max", "min", "softmax"}
_SHIFT = {"_": 0.28, "^": -0.42}
_SMALL = 0.72

#: Text, italic, and 0, "_" or "^".
Run = tuple[str, bool, str]


def runs(text: str) -> list[Run]:
    """Pieces of a label, each plain or italic, level, lowered or raised."""
    if not text.count("$") or text.count("$") % 2:
        return [(text, False, "")]
    out: list[Run] = []
    for i, part in enumerate(text.split("$")):
        if i % 2:
            out += _formula(part)
        elif part:
            out.append((part, False, ""))
    return out


def _formula(source: str) -> list[Run]:
    out: list[Run] = []
    shift, stack = "", []  # shift of the next piece; what each open brace returns to
    for command, mark, char in _TOKEN.findall(source):
        if mark in ("_", "^") and mark:
            shift = mark
            continue
        if mark == "{":
            stack.append(shift)
            continue
        if mark == "}":
            if stack:
                stack.pop()
            shift = stack[-1] if stack else ""
            continue
        if command in ("mathrm", "mathit", "mathbf", "text", "operatorname", "left", "right"):
            continue
        piece = _NAMES.get(command, command) if command else char
        if piece == "-":
            piece = "−"
        italic = len(piece) == 1 and piece.isalpha() and piece.isascii() and command == ""
        if out and out[-1][1:] == (italic, shift):
            out[-1] = (out[-1][0] + piece, italic, shift)
        else:
            out.append((piece, italic, shift))
        if not stack:
            shift = ""
    return out


def markup(text: str, size: float) -> str:
    """SVG for a label: escaped text, with `tspan`s where it holds formulas."""
    pieces = runs(text)
    if len(pieces) == 1 and pieces[0][1:] == (False, ""):
        return escape(text)
    out, level = [], 0.0
    for piece, italic, shift in pieces:
        target = _SHIFT[shift] * size if shift else 0.0
        attributes = f' dy="{round(target - level, 2):g}"' if target != level else ""
        if shift:
            attributes += f' font-size="{round(size * _SMALL, 2):g}"'
        if italic:
            attributes += ' font-style="italic"'
        level = target
        out.append(f"<tspan{attributes}>{escape(piece)}</tspan>" if attributes else escape(piece))
    return "".join(out)


def width(text: str, size: float) -> float:
    """Estimated width of a label in pixels."""
    return sum(text_width(t, size * (_SMALL if shift else 1.0)) for t, _, shift in runs(text))


def plain_text(text: str) -> str:
    """Write a label without formulas' markup: `d_k`, `n^2`."""
    out = ""
    level = ""
    for piece, _, shift in runs(text):
        out += (shift if shift != level else "") + piece
        level = shift
    return out
