"""`@claim`: an executable sentence, with the place in the paper that it speaks of."""

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

KINDS = ("recomputed", "reproduced small", "quoted")


@dataclass(frozen=True)
class Marks:
    """What the decorator was told."""

    locator: str
    kind: str
    rtol: float


@dataclass(frozen=True)
class Claim:
    """A claim as the build and the worker see it."""

    name: str
    sentence: str
    locator: str
    kind: str
    rtol: float
    function: Callable[[], Mapping[str, float] | None]
    source: str


def claim(locator: str, *, kind: str = "recomputed", rtol: float = 1e-9) -> Callable[[F], F]:
    """Mark a function that asserts what its docstring's first sentence says.

    The function takes no arguments and may return a mapping of the numbers that it measured, which
    the page shows beside the verdict.

    Parameters
    ----------
    locator
        Where the paper says it, such as `"§3.2.1"` or `"Table 1"`.
    kind
        `"recomputed"` (exact, from the paper's formula), `"reproduced small"` (the effect at toy
        scale) or `"quoted"` (a reported figure that a page can't recompute).
    rtol
        How closely native Python and WebAssembly must agree on the measured numbers.
    """
    if kind not in KINDS:
        raise ValueError(f"A claim's kind is one of {', '.join(KINDS)}, not {kind!r}.")
    if not locator.strip():
        raise ValueError("A claim needs a locator, such as '§3.2.1'.")
    marks = Marks(locator, kind, rtol)

    def mark(function: F) -> F:
        function.__claim__ = marks  # type: ignore[attr-defined]
        return function

    return mark


def describe(function: Callable[..., Any], source: str) -> Claim:
    """Read a marked function into a `Claim`; raise `ValueError` if it isn't fit to be one."""
    marks: Marks = function.__claim__  # type: ignore[attr-defined]
    if inspect.signature(function).parameters:
        raise ValueError(f"The claim {function.__name__} must take no parameters.")
    sentence = first_sentence(function)
    if not sentence:
        raise ValueError(f"The claim {function.__name__} needs a docstring: it is the claim.")
    return Claim(
        function.__name__, sentence, marks.locator, marks.kind, marks.rtol, function, source
    )


def first_sentence(function: Callable[..., Any]) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def run(claim: Claim) -> dict[str, Any]:
    """Run a claim; a failed assertion is a result, not an exception."""
    started = time.perf_counter()
    measured: dict[str, float] = {}
    try:
        measured = {str(k): float(v) for k, v in (claim.function() or {}).items()}
        ok, message = True, ""
    except AssertionError as failure:
        ok, message = False, str(failure) or "The assertion does not hold."
    except Exception as failure:  # a fault in the claim's own code is a failed claim too
        ok, message = False, f"{type(failure).__name__}: {failure}"
    seconds = time.perf_counter() - started
    return {
        "ok": ok,
        "name": claim.name,
        "message": message,
        "measured": measured,
        "seconds": round(seconds, 4),
    }
