"""Which assets an `exhibits.py` reads, found in its syntax: `asset("job/file")`, written out."""

import ast
from collections.abc import Iterator

from workings_build.problems import Problem

PUBLIC = "asset"
INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def read(tree: ast.Module, file: str) -> tuple[dict[str, int], list[Problem]]:
    """List the assets that a module reads at its top level, with the line of the first call.

    A call that can't be read so, because it lies in a function or its name is computed, is a
    problem, and so is `asset` under another name.
    """
    own, packages = _names(tree)
    found: dict[str, int] = {}
    problems: list[Problem] = []
    if not own and not packages:
        return found, problems
    called: set[int] = set()
    for node, inner in _walk(tree, False):
        if isinstance(node, ast.Call) and _is_asset(node.func, own, packages):
            called.add(id(node.func))
            name = _literal(node)
            if name is None:
                what = "The name of an asset is not written out."
                remedy = 'Write it as a plain string: asset("job/file.json").'
                problems.append(Problem(file, node.lineno, what, remedy))
            elif inner:
                what = f"The asset '{name}' is read inside a function or class."
                remedy = f'Read it once at the top level: DATA = asset("{name}").'
                problems.append(Problem(file, node.lineno, what, remedy))
            else:
                found.setdefault(name, node.lineno)
        elif _is_asset(node, own, packages) and id(node) not in called:
            what = "The function `asset` is used without being called."
            remedy = 'Call it by its own name: asset("job/file.json").'
            problems.append(Problem(file, getattr(node, "lineno", None), what, remedy))
    return found, problems


def _names(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Return the names that `workings.asset` and the package `workings` go by."""
    own: set[str] = set()
    packages: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            if node.module in ("workings", "workings.assets"):
                own |= {a.asname or a.name for a in node.names if a.name == PUBLIC}
        elif isinstance(node, ast.Import):
            packages |= {a.asname or a.name for a in node.names if a.name == "workings"}
    return own, packages


def _walk(node: ast.AST, inner: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Give all nodes, calls before what they call, and whether each lies in a function."""
    for child in ast.iter_child_nodes(node):
        yield child, inner
        yield from _walk(child, inner or isinstance(child, INNER))


def _is_asset(node: ast.AST, own: set[str], packages: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in own and isinstance(node.ctx, ast.Load)
    return (
        isinstance(node, ast.Attribute)
        and node.attr == PUBLIC
        and isinstance(node.value, ast.Name)
        and node.value.id in packages
    )


def _literal(call: ast.Call) -> str | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "name"]
    values = [*call.args, *named]
    if len(values) != 1 or len(call.keywords) != len(named):
        return None
    (value,) = values
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
