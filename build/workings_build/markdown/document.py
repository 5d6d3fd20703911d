"""What comes of a page's Markdown: HTML in parts, and everything that was found on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workings_build.problems import Problem
from workings_build.views import Heading, Reference

SlotKind = Literal["exhibit", "claim", "claims", "measured", "mutants"]


@dataclass(frozen=True)
class Slot:
    """A place in the text that the render pass fills; `lead` is HTML, for exhibits.

    Where a number is `measured`, `name` is the claim's and `lead` the number's name and format.
    """

    kind: SlotKind
    name: str = ""
    lead: str = ""


@dataclass(frozen=True)
class Fill:
    """How the render pass fills slots: each gives HTML."""

    render_exhibit: Callable[[str, str], str]
    render_claim: Callable[[str], str]
    render_claims: Callable[[], str]
    render_mutants: Callable[[], str]
    render_measured: Callable[[str, str, str], str]

    def html(self, slot: Slot) -> str:
        """Fill one slot."""
        if slot.kind == "exhibit":
            return self.render_exhibit(slot.name, slot.lead)
        if slot.kind == "claim":
            return self.render_claim(slot.name)
        if slot.kind == "measured":
            number, _, form = slot.lead.partition(";")
            return self.render_measured(slot.name, number, form)
        return self.render_claims() if slot.kind == "claims" else self.render_mutants()


@dataclass(frozen=True)
class Quote:
    """A quotation as the author wrote it, white space aside."""

    source: str
    locator: str
    text: str
    line: int


@dataclass(frozen=True)
class Document:
    """A page's prose, set.

    `references` are in order of first citation. `styles` are the rules that formulas need, one a
    line; lines of several pages can be joined in one file. `limits` are the front matter's, as
    HTML. `files` are the pictures that the page shows, `maps` the attention maps, by job.
    """

    parts: tuple[str | Slot, ...] = ()
    toc: tuple[Heading, ...] = ()
    words: int = 0
    minutes: int = 1
    references: tuple[Reference, ...] = ()
    quotes: tuple[Quote, ...] = ()
    terms: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    kernels: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    maps: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    styles: str = ""
    formulas: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))

    @property
    def exhibits(self) -> tuple[str, ...]:
        """The names of the exhibits that the text places, in order."""
        return tuple(slot.name for slot in self.slots if slot.kind == "exhibit")

    def places(self, kind: SlotKind) -> bool:
        """Say whether the text has a slot of this kind."""
        return any(slot.kind == kind for slot in self.slots)

    def html(self, fill: Fill) -> str:
        """Join the parts, with the slots filled."""
        return "".join(p if isinstance(p, str) else fill.html(p) for p in self.parts)
