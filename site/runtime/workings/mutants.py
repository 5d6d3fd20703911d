"""`@breaks`: a named fault that a reader can switch on, and the claim that must catch it."""

import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from .claims import first_sentence

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Marks:
    """What the decorator was told."""

    claim: str
    replaces: Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """A fault as the build and the worker see it."""

    name: str
    sentence: str
    claim: str
    replaces: Callable[..., Any]
    function: Callable[..., Any]
    source: str


def breaks(claim: str, *, replaces: Callable[..., Any]) -> Callable[[F], F]:
    """Mark a function that stands in for `replaces` while the fault is switched on.

    Parameters
    ----------
    claim
        The name of the claim that must fail then.
    replaces
        The function of `kernels` (or of this page) whose place it takes; same parameters.
    """
    marks = Marks(claim, replaces)

    def mark(function: F) -> F:
        function.__breaks__ = marks  # type: ignore[attr-defined]
        return function

    return mark


def describe(function: Callable[..., Any], source: str) -> Mutant:
    """Read a marked function into a `Mutant`; raise `ValueError` if it isn't fit to be one."""
    marks: Marks = function.__breaks__  # type: ignore[attr-defined]
    name = function.__name__
    mine = list(inspect.signature(function).parameters)
    theirs = list(inspect.signature(marks.replaces).parameters)
    if mine != theirs:
        raise ValueError(
            f"The mutant {name} takes ({', '.join(mine)}) but stands in for "
            f"{marks.replaces.__name__}({', '.join(theirs)}): give it the same parameters."
        )
    sentence = first_sentence(function)
    if not sentence:
        raise ValueError(f"The mutant {name} needs a docstring that names the fault.")
    return Mutant(name, sentence, marks.claim, marks.replaces, function, source)


@contextmanager
def switched_on(mutants: Iterable[Mutant], *namespaces: MutableMapping[str, Any]) -> Iterator[None]:
    """Let the mutants stand in for what they replace, in `kernels` and in `namespaces`.

    The originals are found by identity, under whatever name a module imported them. A mutant keeps
    the globals from before the switch, so it may call the very function that it replaces.
    """
    rooms = [*namespaces, *(vars(module) for module in _kernel_modules())]
    stand_ins = [(mutant.replaces, _detached(mutant.function)) for mutant in mutants]
    changed: list[tuple[MutableMapping[str, Any], str, Any]] = []
    try:
        for room in rooms:
            for name, value in list(room.items()):
                for original, stand_in in stand_ins:
                    if value is original:
                        changed.append((room, name, value))
                        room[name] = stand_in
        yield
    finally:
        for room, name, value in reversed(changed):
            room[name] = value


def _kernel_modules() -> list[types.ModuleType]:
    return [
        module
        for name, module in list(sys.modules.items())
        if name == "kernels" or name.startswith("kernels.")
    ]


def _detached(function: Callable[..., Any]) -> Callable[..., Any]:
    """Copy a function with its globals as they are now."""
    assert isinstance(function, types.FunctionType)
    copy = types.FunctionType(
        function.__code__,
        dict(function.__globals__),
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy
