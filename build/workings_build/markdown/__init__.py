"""Markdown: from a page's prose to HTML, with everything that it refers to looked up.

`parse(source, site)` gives a `Document`; `Site.load(root, sources, katex.render)` gives the
surroundings that it needs; `definitions(site)` gives those of the glossary. Nothing here executes a
page's Python.
"""

from workings_build.markdown.document import Document, Fill, Quote, Slot
from workings_build.markdown.parse import definitions, parse
from workings_build.markdown.site import Site

__all__ = ["Document", "Fill", "Quote", "Site", "Slot", "definitions", "parse"]
