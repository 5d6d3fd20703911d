"""Still pictures: files of the page's folder, with alternative text and known size."""

import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from workings_build.markdown.context import Context, escape
from workings_build.problems import listing, suggestion

if TYPE_CHECKING:
    from workings_build.markdown.directives import Call

SUFFIXES = (".svg", ".png", ".webp", ".jpg")
VIEW_BOX = re.compile(rb'viewBox="\s*\S+\s+\S+\s+([\d.]+)\s+([\d.]+)\s*"')


def figure_open(context: Context, call: "Call") -> str:
    """Open a figure with its picture; the body that follows is the caption."""
    folder = context.source.folder
    path = (folder / call.argument).resolve()
    known = [p.relative_to(folder).as_posix() for p in context.source.files if p.suffix in SUFFIXES]
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        remedy = f"The page's folder holds {listing(known)}."
        what = f"There is no picture '{call.argument}'."
        context.problem(call.row, what, suggestion(call.argument, known, remedy))
    elif path.suffix not in SUFFIXES:
        what = f"'{call.argument}' is no picture that a page can show."
        context.problem(call.row, what, f"Use one of {', '.join(SUFFIXES)}.")
    else:
        context.files += [
            own
            for own in context.source.files
            if own.resolve() == path and own not in context.files
        ]
    size = dimensions(path)
    sized = f' width="{size[0]}" height="{size[1]}"' if size else ""
    alt, source = escape(call.options["alt"]), escape(call.argument)
    return f'<figure class="still">\n<img src="{source}" alt="{alt}"{sized} loading="lazy">\n' + (
        "<figcaption>" if call.body.strip() else ""
    )


def figure_close(context: Context, call: "Call") -> str:
    """Close a figure."""
    return ("</figcaption>\n" if call.body.strip() else "") + "</figure>\n"


def dimensions(path: Path) -> tuple[int, int] | None:
    """Read a PNG's or SVG's size in pixels, so that the page keeps its place free."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    if path.suffix == ".svg" and (match := VIEW_BOX.search(data)):
        return round(float(match[1])), round(float(match[2]))
    return None
