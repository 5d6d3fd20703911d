"""`Page`: an `exhibits.py` executed, with what it marks collected in the order of definition."""

import ast
import linecache
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import claims, exhibits, mutants
from .claims import Claim
from .exhibits import Exhibit
from .mutants import Mutant


@dataclass(frozen=True)
class Page:
    """One explainer's exhibits, claims and mutants by name, and the namespace they live in."""

    name: str
    filename: str
    source: str
    namespace: dict[str, Any]
    exhibits: dict[str, Exhibit]
    claims: dict[str, Claim]
    mutants: dict[str, Mutant]

    @classmethod
    def from_source(cls, source: str, name: str, filename: str = "exhibits.py") -> "Page":
        """Execute the source of an `exhibits.py` and collect what it marks.

        Raises
        ------
        ControlError, ValueError
            If something marked isn't fit to be what it is marked as.
        Exception
            Whatever the source itself raises.
        """
        namespace = execute(source, filename, {"__name__": f"explainers.{name}"})
        page = cls(name, filename, source, namespace, {}, {}, {})
        texts = {text.name: text for text in functions(source)}
        for key, function in namespace.items():
            text = texts.get(key)
            if text is None or not isinstance(function, types.FunctionType):
                continue
            if hasattr(function, "__exhibit__"):
                page.exhibits[key] = exhibits.describe(function, text.source, text.line)
            elif hasattr(function, "__claim__"):
                page.claims[key] = claims.describe(function, text.source)
            elif hasattr(function, "__breaks__"):
                page.mutants[key] = mutants.describe(function, text.source)
        for mutant in page.mutants.values():
            if mutant.claim not in page.claims:
                raise ValueError(
                    f"The mutant {mutant.name} names the claim {mutant.claim!r}, which is not on "
                    f"this page; it has {', '.join(page.claims) or 'none'}."
                )
        return page


@dataclass(frozen=True)
class FunctionText:
    """A top-level function as it is written, decorators included."""

    name: str
    source: str
    line: int


def functions(source: str) -> list[FunctionText]:
    """Find the top-level functions of a module's source."""
    lines = source.splitlines(keepends=True)
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            text = "".join(lines[first - 1 : node.end_lineno])
            found.append(FunctionText(node.name, text, first))
    return found


def execute(source: str, filename: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """Run source in a namespace under a file name that tracebacks can quote lines of."""
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    exec(compile(source, filename, "exec"), namespace)
    return namespace


def edited(original: Exhibit, source: str, page: Page) -> tuple[Exhibit, dict[str, Any]]:
    """Execute a reader's edit of one exhibit in a copy of the page's namespace.

    Returns
    -------
    tuple
        The exhibit as edited and the namespace that its code sees.

    Raises
    ------
    ValueError
        If the edit no longer defines the exhibit.
    Exception
        Whatever the edit itself raises.
    """
    namespace = dict(page.namespace)
    namespace.pop(original.name)
    execute(source, edit_filename(original.name), namespace)
    function: Callable[..., Any] | None = namespace.get(original.name)
    if not isinstance(function, types.FunctionType):
        raise ValueError(f"The edited code no longer defines the function {original.name}.")
    if not hasattr(function, "__exhibit__"):
        exhibits.exhibit(function)
    return exhibits.describe(function, source, 1), namespace


def edit_filename(name: str) -> str:
    """Return the file name under which a reader's edit of an exhibit runs."""
    return f"<edit of {name}>"
