"""Fonts cut down to what the site sets: its characters, and the weights that its styles use.

The vendored fonts are variable over all weights and hold a few hundred characters each; a page
needs about half of that. What is not in a font, a reader's edit may still set in a fallback.
"""

import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib.metadata import version

from workings_build.cache import Cache, digest

ALWAYS = {chr(code) for code in range(0x20, 0x7F)} | set("\u00a0§°±²³·×äéöü\u2009–—‘’“”…→−≈≤≥")
"""Characters that text fonts keep, whatever the pages say."""

WEIGHTS: dict[str, tuple[int, int] | int] = {
    "source-serif-4-latin-wght-normal.woff2": 400,
    "source-serif-4-latin-wght-italic.woff2": 400,
    "source-sans-3-latin-wght-normal.woff2": (400, 600),
    "source-code-pro-latin-wght-normal.woff2": 400,
}
"""Which weights of a variable font are kept; a single one where a face has only one use."""

FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "lnum", "tnum"]


@dataclass(frozen=True)
class Wanted:
    """The characters that a site sets: as text, and in formulas."""

    text: frozenset[str]
    formulas: frozenset[str]


def wanted_by(pages: Iterable[tuple[str, str]], texts: Iterable[str], cache: Cache) -> Wanted:
    """Gather the characters of pages, given as key and HTML, and of other texts."""
    text: set[str] = set(ALWAYS)
    formulas: set[str] = set()
    for key, html in pages:
        found = cache.get("characters", key)
        if found is None:
            reader = _Reader()
            reader.feed(html)
            reader.close()
            found = (frozenset(reader.text), frozenset(reader.formulas))
            cache.put("characters", key, found)
        text |= found[0]
        formulas |= found[1]
    text.update(*texts)
    return Wanted(_without_controls(text), _without_controls(formulas))


def _without_controls(found: Iterable[str]) -> frozenset[str]:
    return frozenset(character for character in found if unicodedata.category(character) != "Cc")


class _Reader(HTMLParser):
    """Tells what KaTeX's fonts set from everything else."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: set[str] = set()
        self.formulas: set[str] = set()
        self.depth = 0  # of open spans, from the one that holds a formula

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "span" and (self.depth or "katex-html" in (dict(attrs).get("class") or "")):
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "span" and self.depth:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        (self.formulas if self.depth else self.text).update(data)


def cut(fonts: dict[str, bytes], wanted: frozenset[str], cache: Cache) -> dict[str, bytes]:
    """Cut fonts (WOFF2, by file name) down; each is cut once for those characters that it has."""
    tools = (version("fonttools"), version("brotli"), repr(FEATURES))
    done = {}
    for name, content in fonts.items():
        kept = "".join(sorted(wanted & _held(content, cache)))
        key = digest(content, kept, repr(WEIGHTS.get(name)), *tools)
        made = cache.get("fonts", key)
        if made is None:
            made = cut_one(content, kept, WEIGHTS.get(name))
            cache.put("fonts", key, made)
        done[name] = made
    return done


def unpacked(content: bytes, cache: Cache) -> bytes:
    """Unpack a WOFF2 font to TrueType, which Pillow reads; once."""
    key = digest("unpacked", content, version("fonttools"))
    plain: bytes | None = cache.get("fonts", key)
    if plain is None:
        from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

        written = io.BytesIO()
        with TTFont(io.BytesIO(content), recalcTimestamp=False) as font:
            font.flavor = None
            font.save(written)
        plain = written.getvalue()
        cache.put("fonts", key, plain)
    return plain


def _held(content: bytes, cache: Cache) -> frozenset[str]:
    """Return the characters that a font has."""
    key = digest("characters", content)
    held = cache.get("fonts", key)
    if held is None:
        from fontTools.ttLib import TTFont

        with TTFont(io.BytesIO(content)) as font:
            held = frozenset(chr(code) for code in font.getBestCmap())
        cache.put("fonts", key, held)
    return frozenset(held)


def cut_one(content: bytes, wanted: Iterable[str], weights: tuple[int, int] | int | None) -> bytes:
    """Keep of a font the wanted characters, and of its weights the given ones."""
    from fontTools import subset  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer  # type: ignore[import-untyped]

    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = FEATURES
    options.hinting = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(character) for character in wanted])
    cutter.subset(font)
    if "fvar" in font and weights is not None:
        font.flavor = None
        font = TTFont(io.BytesIO(_saved(font)), recalcTimestamp=False)
        font = instancer.instantiateVariableFont(font, {"wght": weights})
    font.flavor = "woff2"
    return _saved(font)


def _saved(font: object) -> bytes:
    written = io.BytesIO()
    font.save(written)  # type: ignore[attr-defined]
    return written.getvalue()
