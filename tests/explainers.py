"""Every explainer of the site, executed once, and Hypothesis strategies made from its schemas."""

from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from workings.controls import Choice, Control, Slider, Text, Toggle
from workings.exhibits import Exhibit
from workings.page import Page

ROOT = Path(__file__).parents[1]


@cache
def pages() -> dict[str, Page]:
    """Return every page of `explainers/` by slug."""
    paths = sorted((ROOT / "explainers").glob("*/*/exhibits.py"))
    return {
        path.parent.name: Page.from_source(
            path.read_text(encoding="utf-8"), path.parent.name, str(path)
        )
        for path in paths
    }


def exhibit_names() -> list[tuple[str, str]]:
    """Return every exhibit as (page, name)."""
    return [(slug, name) for slug, page in pages().items() for name in page.exhibits]


def claim_names() -> list[tuple[str, str]]:
    """Return every claim as (page, name)."""
    return [(slug, name) for slug, page in pages().items() for name in page.claims]


def mutant_names() -> list[tuple[str, str]]:
    """Return every mutant as (page, name)."""
    return [(slug, name) for slug, page in pages().items() for name in page.mutants]


def values(control: Control) -> st.SearchStrategy:
    """Every value that a control accepts, the lattice's own among the likelier ones."""
    kind = control.kind
    if isinstance(kind, Toggle):
        return st.booleans()
    if isinstance(kind, Choice):
        return st.sampled_from(kind.options)
    if isinstance(kind, Text):
        free = st.from_regex(kind.pattern, fullmatch=True).filter(
            lambda text: len(text) <= kind.max_length
        )
        return st.sampled_from(control.stops) | free
    assert isinstance(kind, Slider)
    if control.type is int:
        return st.sampled_from(control.stops) | st.integers(int(kind.low), int(kind.high))
    return st.sampled_from(control.stops) | st.floats(kind.low, kind.high)


def states(exhibit: Exhibit) -> st.SearchStrategy:
    """Every state of an exhibit, drawn from its own controls."""
    return st.fixed_dictionaries({c.name: values(c) for c in exhibit.controls})
