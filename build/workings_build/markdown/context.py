"""What is collected while one page is parsed and rendered."""

import contextlib
import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

from workings_build.katex import FormulaError
from workings_build.markdown.document import Quote
from workings_build.markdown.site import Site
from workings_build.passes.load import PageSource
from workings_build.problems import Problem, listing, suggestion
from workings_build.views import Heading, Reference

Env = MutableMapping[str, Any]

RESERVED = ("claims", "limits", "main", "mutants", "notes", "receipts", "references", "terms")
"""Ids that the page around the text uses."""


class Context:
    """The page at hand, its surroundings, and what has been found so far.

    Lines are given as rows of the Markdown at hand, counted from 0; `at` says where row 0 lies.
    """

    def __init__(self, source: PageSource, site: Site) -> None:
        self.source = source
        self.site = site
        self.problems: list[Problem] = []
        self.cited: list[str] = []
        self.terms: list[str] = []
        self.pages: list[str] = []
        self.kernels: list[str] = []
        self.quotes: list[Quote] = []
        self.files: list[Path] = []
        self.maps: list[str] = []
        self.toc: list[Heading] = []
        self.rules: dict[str, str] = {}
        self.placed: dict[str, int] = {}
        self.tables = 0
        self.formulas = 0
        self._ids: set[str] = set()
        self._file = source.page_file
        self._first = source.body_line

    @contextlib.contextmanager
    def at(self, file: str, first_line: int) -> Iterator[None]:
        """Read from another place for a while, such as a line of the front matter."""
        before = self._file, self._first
        self._file, self._first = file, first_line
        try:
            yield
        finally:
            self._file, self._first = before

    def line(self, row: int) -> int:
        """Return the file's line of a row."""
        return self._first + row

    def problem(self, row: int, what: str, remedy: str) -> None:
        """Report something that the author has to put right."""
        self.problems.append(Problem(self._file, self.line(row), what, remedy))

    def unknown(self, row: int, kind: str, name: str, known: list[str]) -> None:
        """Report a name that is not among the known ones."""
        otherwise = f"Known: {listing(known)}." if known else "There is none yet."
        self.problem(row, f"Unknown {kind} '{name}'.", suggestion(name, known, otherwise))

    def cite(self, key: str, row: int) -> Reference | None:
        """Look up a cited work; the first citation of a work gives it the next number."""
        references = self.source.matter.references if self.source.matter else {}
        if key not in references:
            self.unknown(row, "reference", key, list(references))
            return None
        if key not in self.cited:
            self.cited.append(key)
        return self.reference(key)

    def reference(self, key: str) -> Reference:
        """Describe a work that has been cited."""
        entry = self.source.front.references[key]
        number = self.cited.index(key) + 1
        return Reference(key, number, entry.text, entry.link, entry.bibtex.strip() or None)

    def identify(self, text: str) -> str:
        """Make an id of a heading that no other element of the page has."""
        base = slugify(text) or "section"
        base = f"section-{base}" if base in RESERVED else base
        unique, count = base, 1
        while unique in self._ids:
            count += 1
            unique = f"{base}-{count}"
        self._ids.add(unique)
        return unique

    def place(self, what: str, row: int) -> None:
        """Note that something that may stand once only stands here."""
        if what in self.placed:
            first = self.line(self.placed[what])
            self.problem(row, f"{what} stands twice, first on line {first}.", "Keep one of them.")
        self.placed.setdefault(what, row)

    def formula(self, tex: str, row: int, display: bool) -> str:
        """Set LaTeX; where KaTeX refuses, report it and show the source instead."""
        self.formulas += 1
        plain = tex.strip()
        if self.site.formula is None:
            return f"<code>{escape(plain)}</code>"
        start = len(tex) - len(tex.lstrip())
        try:
            formula = self.site.formula(plain, display)
        except FormulaError as fault:
            position = start + (fault.position or 0)
            said = str(fault).rstrip(".")
            near = " ".join(tex[position : position + 24].split())
            remedy = f"Put the LaTeX right near `{near}`." if near else "Put the LaTeX right."
            what = f"KaTeX refuses the formula: {said}."
            self.problem(row + tex[:position].count("\n"), what, remedy)
            return f"<code>{escape(plain)}</code>"
        self.rules.update(formula.rules)
        return formula.html


def context_of(env: Env) -> Context:
    """Return the context that a page's parsing carries along."""
    context: Context = env["context"]
    return context


def escape(text: str) -> str:
    """Escape text for HTML, quotes included."""
    for plain, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(plain, safe)
    return text


def slugify(text: str) -> str:
    """Make an identifier of a heading: small letters and digits joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
