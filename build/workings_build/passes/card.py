"""The card pass: the picture that a link to a page shows elsewhere, from the page's own exhibit."""

import io
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workings_build.passes.run import open_page
from workings_build.workers import doing

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

NAME = "card.png"
SIZE = (1200, 630)
MARGIN = 64
PICTURE = (560, 440)  # the most room that the exhibit takes, at the right
SERIF = "fonts/source-serif-4/source-serif-4-latin-wght-normal.woff2"
SANS = "fonts/source-sans-3/source-sans-3-latin-wght-normal.woff2"
PAPER, INK, QUIET, ACCENT = "#fbf9f4", "#1b1a17", "#5b5850", "#b3361e"


def draw_card(
    source: str,
    slug: str,
    title: str,
    byline: str,
    serif: bytes,
    sans: bytes,
    root: str,
    assets: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Draw a page's card, with its first exhibit's default picture.

    Runs in a worker process; arguments as for `run.run_page`, and the page's title and byline, and
    two fonts as TrueType.

    Returns
    -------
    dict
        `png` (the file's bytes) and `problems` (none: what could go wrong was tried by baking).
    """
    from PIL import Image, ImageDraw

    doing("drawing the card")
    card = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(card)
    picture = _exhibit(source, slug, root, assets)
    at = (SIZE[0] - MARGIN - picture.width, (SIZE[1] - picture.height) // 2)
    card.paste(picture, at)
    name = _font(serif, 34)
    pen.text((MARGIN, MARGIN), "Workings", INK, name)
    pen.text((MARGIN + pen.textlength("Workings", name), MARGIN), ".", ACCENT, name)
    room = at[0] - 2 * MARGIN
    face = _font(serif, 54)
    lines = _wrapped(title, room, pen, face)
    top = (SIZE[1] - 64 * len(lines)) / 2
    for number, line in enumerate(lines):
        pen.text((MARGIN, top + 64 * number), line, INK, face)
    small = _font(sans, 26)
    for number, line in enumerate(_wrapped(byline, room, pen, small)[:2]):
        pen.text((MARGIN, top + 64 * len(lines) + 20 + 34 * number), line, QUIET, small)
    written = io.BytesIO()
    card.quantize(64).save(written, format="PNG", optimize=True)
    return {"png": written.getvalue(), "problems": []}


def _exhibit(source: str, slug: str, root: str, assets: Mapping[str, str] | None) -> Any:
    """Draw the page's first exhibit through Matplotlib, as large as the card has room."""
    from PIL import Image, ImageChops
    from workings.pictures import picture_of

    page, problems = open_page(source, slug, root, assets)
    assert page is not None, problems  # the run pass has opened it before
    first = next(iter(page.exhibits.values()))
    drawn = picture_of(first.function(), first.summary).matplotlib()
    width, height = drawn.get_size_inches()
    dpi = min(PICTURE[0] / width, PICTURE[1] / height)
    written = io.BytesIO()
    drawn.savefig(written, format="png", dpi=dpi, facecolor="white")
    picture = Image.open(written).convert("RGB")
    return ImageChops.multiply(picture, Image.new("RGB", picture.size, PAPER))


def _font(content: bytes, size: int) -> "FreeTypeFont":
    """Open a variable font at its regular weight."""
    from PIL import ImageFont

    face = ImageFont.truetype(io.BytesIO(content), size)
    face.set_variation_by_axes([400])
    return face


def _wrapped(text: str, room: float, pen: Any, font: "FreeTypeFont") -> list[str]:
    """Break a text into lines that fit the room."""
    for columns in range(len(text), 4, -1):
        lines = textwrap.wrap(text, columns, break_long_words=False)
        if all(pen.textlength(line, font) <= room for line in lines):
            return lines
    return textwrap.wrap(text, 5)
