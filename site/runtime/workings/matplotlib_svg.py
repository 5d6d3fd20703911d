"""Make a real Matplotlib figure fit for the page: themeable, one element a line, no styles."""

import io
import re
from typing import Any

_INK = {"#000000", "black"}
_PAPER = {"#ffffff", "white"}


def matplotlib_svg(figure: Any, prefix: str) -> str:
    """Return the figure as SVG in the form that docs/architecture.md describes.

    The page's policy forbids `style` attributes, so each becomes presentation attributes; black
    becomes the page's ink and white its paper.
    """
    import matplotlib

    written = io.StringIO()
    fixed = {"svg.fonttype": "none", "svg.hashsalt": prefix}
    with matplotlib.rc_context(fixed):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r'style="([^"]*)"', _attributes, text)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r'(xlink:)?href="#([^"]+)"', rf'href="#{prefix}-\2"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", text)
    return "\n".join(_lines(text))


def _attributes(match: re.Match[str]) -> str:
    """Turn `fill: none; stroke: #000000` into attributes."""
    pairs = []
    for declaration in match.group(1).split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if not value:
            continue
        if name == "font":
            size = re.search(r"([\d.]+)px", value)
            pairs.append(f'font-size="{size.group(1)}"' if size else "")
            continue
        if value.lower() in _INK:
            value = "currentColor"
        if value.lower() in _PAPER:
            pairs.append('class="paper"')
        pairs.append(f'{name}="{value}"'.replace("'", ""))
    return " ".join(pair for pair in pairs if pair)


def _lines(text: str) -> list[str]:
    """Give every element a line of its own; text stays with its tags."""
    flat = re.sub(r"\s*\n\s*", " ", text)
    flat = re.sub(r">\s*<", ">\n<", flat)
    flat = re.sub(r"<svg[^>]*?viewBox=\"([^\"]+)\"[^>]*>", _root, flat, count=1)
    return [line.strip() for line in flat.split("\n") if line.strip()]


def _root(match: re.Match[str]) -> str:
    _, _, width, height = match.group(1).split()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="{match.group(1)}" '
        f'width="{width}" height="{height}" role="img" aria-hidden="true">'
    )
