"""What an `exhibits.py` declares, read from its syntax tree without running it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from workings_build import asset_calls
from workings_build.problems import Problem


@dataclass(frozen=True)
class Declaration:
    """A function that `@exhibit`, `@claim` or `@breaks` marks.

    `locator` is a claim's place in the paper, `claim` the claim that catches a mutant,
    `measured` the names of the numbers that a claim returns.
    """

    name: str
    line: int
    sentence: str
    locator: str = ""
    claim: str = ""
    measured: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declared:
    """All declarations of a module, by name, in order; `assets` are what it reads, with lines."""

    exhibits: Mapping[str, Declaration] = field(default_factory=dict)
    claims: Mapping[str, Declaration] = field(default_factory=dict)
    mutants: Mapping[str, Declaration] = field(default_factory=dict)
    assets: Mapping[str, int] = field(default_factory=dict)


def read(source: str, file: str) -> tuple[Declared, list[Problem]]:
    """List what `source` declares; a syntax error is a problem, and nothing is declared."""
    try:
        tree = ast.parse(source, file)
    except SyntaxError as fault:
        what = f"This is not Python: {fault.msg}."
        return Declared(), [Problem(file, fault.lineno, what, "Put the syntax right.")]
    exhibits: dict[str, Declaration] = {}
    claims: dict[str, Declaration] = {}
    mutants: dict[str, Declaration] = {}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        sentence = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
        for decorator in node.decorator_list:
            mark = _name(decorator)
            if mark == "exhibit":
                exhibits[node.name] = Declaration(node.name, node.lineno, sentence)
            elif mark == "claim":
                locator = _argument(decorator, "locator")
                claims[node.name] = Declaration(
                    node.name, node.lineno, sentence, locator, measured=_measured(node)
                )
            elif mark == "breaks":
                claim = _argument(decorator, "claim")
                mutants[node.name] = Declaration(node.name, node.lineno, sentence, claim=claim)
    assets, problems = asset_calls.read(tree, file)
    return Declared(exhibits, claims, mutants, assets), problems


def _measured(function: ast.FunctionDef) -> tuple[str, ...]:
    """List the names in the mappings that a claim returns, where they are written out."""
    return tuple(
        key.value
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )


def _name(decorator: ast.expr) -> str:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def _argument(decorator: ast.expr, name: str) -> str:
    """Return the first positional argument, or the one called `name`, if it is a plain string."""
    if not isinstance(decorator, ast.Call):
        return ""
    named = [keyword.value for keyword in decorator.keywords if keyword.arg == name]
    for value in [*decorator.args[:1], *named]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return ""
