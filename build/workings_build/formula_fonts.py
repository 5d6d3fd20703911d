"""Which of KaTeX's fonts a page fetches: a browser takes each when an element calls for it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_FAMILY = re.compile(r"KaTeX_\w+")
_FILE = re.compile(r"url\(\s*[\"']?([^\"')]+\.woff2)")
_CLASS = re.compile(r"\.([\w-]+)")


class _Face(NamedTuple):
    family: str
    bold: bool
    italic: bool


def formula_fonts(css: str, classes: Iterable[str]) -> list[str]:
    """List the font files that KaTeX's stylesheet takes for a page.

    Parameters
    ----------
    css:
        KaTeX's stylesheet.
    classes:
        The `class` attributes of the page's elements.

    Returns
    -------
    list of str
        Addresses of files, as the stylesheet writes them. A rule counts where each part of its
        selector has an element somewhere, so that a file too many may be named and none too few.
    """
    there = [set(given.split()) for given in classes]
    files: dict[_Face, str] = {}
    wanted: list[_Face] = []
    for selectors, body in _RULE.findall(css):
        family = _FAMILY.search(body)
        if family is None:
            continue
        face = _Face(family[0], "font-weight:700" in body, "font-style:italic" in body)
        if "@font-face" in selectors:
            if file := _FILE.search(body):
                files[face] = file[1]
        elif any(_met(selector, there) for selector in selectors.split(",")):
            wanted.append(face)
    return [files[face] for face in dict.fromkeys(wanted) if face in files]


def _met(selector: str, there: list[set[str]]) -> bool:
    parts = [set(_CLASS.findall(part)) for part in selector.split()]
    return all(any(part <= element for element in there) for part in parts)
