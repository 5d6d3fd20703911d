"""Slots travel through the HTML as marks of control characters, which Markdown can't contain."""

import re

from workings_build.markdown.document import Slot, SlotKind

OPEN, MIDDLE, CLOSE = "\x01", "\x02", "\x03"
MARK = re.compile(f"{OPEN}(\\w+) (\\S*){MIDDLE}(.*?){CLOSE}\n?", re.DOTALL)
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def opening(kind: SlotKind, name: str = "") -> str:
    """Begin a slot; what follows up to `closing` is its lead."""
    return f"{OPEN}{kind} {name}{MIDDLE}"


def closing() -> str:
    """End a slot."""
    return f"{CLOSE}\n"


def part(html: str) -> tuple[str | Slot, ...]:
    """Part HTML with marks into strings and slots."""
    parts: list[str | Slot] = []
    end = 0
    for match in MARK.finditer(html):
        parts += [html[end : match.start()], Slot(match[1], match[2], match[3].strip())]  # type: ignore[arg-type]
        end = match.end()
    return tuple(piece for piece in (*parts, html[end:]) if piece != "")
