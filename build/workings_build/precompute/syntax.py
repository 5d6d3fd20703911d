"""A module's syntax, told in the same words by every Python: what hashes of sources are made of."""

import ast
import re
from collections.abc import Iterator

_DOTTED = re.compile(r"kernels(\.\w+)+")
_LEFT_OUT = {"ctx", "type_comment", "type_ignores", "type_params", "kind"}
_HAS_DOCSTRING = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def canonical(tree: ast.AST) -> str:
    """Write a tree down without docstrings, positions and what differs between Pythons."""
    return "".join(_write(tree))


def _write(value: object) -> Iterator[str]:
    if isinstance(value, ast.AST):
        yield f"({type(value).__name__}"
        for name in value._fields:
            child = getattr(value, name, None)
            if name in _LEFT_OUT or child is None or child == []:
                continue
            if name == "body" and isinstance(value, _HAS_DOCSTRING):
                child = _without_docstring(value)
            yield f" {name}="
            yield from _write(child)
        yield ")"
    elif isinstance(value, list):
        yield "["
        for item in value:
            yield from _write(item)
            yield ","
        yield "]"
    else:
        yield repr(value)


def _without_docstring(
    node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body


def named_in_strings(tree: ast.AST) -> set[str]:
    """Return the dotted names in `kernels` that stand in strings: what is imported by name."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _DOTTED.fullmatch(node.value)
    }


def without_siblings(tree: ast.Module, function: str) -> ast.Module:
    """Keep of a module of jobs what one of them uses: its function, and what that names.

    The job's own decorator goes too: what it says is compared by value.
    """
    defining: dict[str, list[ast.stmt]] = {}
    always: list[ast.stmt] = []
    for statement in tree.body:
        if _is_recheck(statement) or _is_docstring(statement):
            continue
        names = _defined(statement)
        for name in names:
            defining.setdefault(name, []).append(statement)
        if not names:
            always.append(statement)
    kept: set[int] = set()
    waiting: list[ast.stmt] = [*always, *defining.get(function, [])[-1:]]
    seen = {function}
    while waiting:
        statement = waiting.pop()
        if id(statement) in kept:
            continue
        kept.add(id(statement))
        for name in _used(statement, bare=_defined(statement) == {function}) - seen:
            seen.add(name)
            waiting += defining.get(name, [])
    body = [_pruned(one, seen, function) for one in tree.body if id(one) in kept]
    return ast.Module(body=body, type_ignores=[])


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_recheck(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef) and any(
        isinstance(one, ast.Attribute) and one.attr == "recheck" for one in statement.decorator_list
    )


def _defined(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(one.asname or one.name).split(".")[0] for one in statement.names}
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return {
            node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
        }
    return set()


def _used(statement: ast.stmt, bare: bool) -> set[str]:
    roots: list[ast.AST] = [statement]
    if bare and isinstance(statement, ast.FunctionDef):
        roots = [statement.args, *statement.body]
    nodes = (node for root in roots for node in ast.walk(root))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _pruned(statement: ast.stmt, used: set[str], function: str) -> ast.stmt:
    """Drop the job's decorator, and of an import the names that nothing uses."""
    if isinstance(statement, ast.FunctionDef) and statement.name == function:
        return ast.FunctionDef(
            name=statement.name, args=statement.args, body=statement.body,
            decorator_list=[], returns=None, type_comment=None,
        )  # fmt: skip
    if isinstance(statement, ast.Import | ast.ImportFrom):
        names = [one for one in statement.names if (one.asname or one.name).split(".")[0] in used]
        if isinstance(statement, ast.ImportFrom):
            return ast.ImportFrom(module=statement.module, names=names, level=statement.level)
        return ast.Import(names=names)
    return statement
