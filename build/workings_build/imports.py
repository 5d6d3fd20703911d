"""Which files of `kernels` a module's source reaches, found in its syntax without running it."""

import ast
from collections.abc import Iterable
from pathlib import Path


def kernel_files(source: str, root: Path) -> list[Path]:
    """List the files of `root/kernels` that `source` imports, directly or through others.

    Parameters
    ----------
    source
        A module's text; one that doesn't parse imports nothing.
    root
        The folder that holds the package `kernels`.
    """
    return named_files(imported_names(source, package=""), root)


def named_files(names: Iterable[str], root: Path) -> list[Path]:
    """List the files that dotted names in `kernels` lie in, and all that these import."""
    found: dict[str, Path] = {}
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        for module, path in module_files(name, root):
            if module in found:
                continue
            found[module] = path
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            waiting |= imported_names(path.read_text(encoding="utf-8"), package)
    return sorted(found.values())


def imported_names(source: str | ast.AST, package: str) -> set[str]:
    """Return the dotted names in `kernels` that a module may import, attributes among them.

    Imports within functions count, and so do relative ones, seen from `package`.
    """
    try:
        tree = ast.parse(source) if isinstance(source, str) else source
    except (SyntaxError, ValueError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] == "kernels"}


def module_files(name: str, root: Path) -> list[tuple[str, Path]]:
    """Return a module's file and those of the packages that it lies in, as importing it runs."""
    files = []
    folder = root
    parts = name.split(".")
    for depth, part in enumerate(parts, start=1):
        module = ".".join(parts[:depth])
        package, plain = folder / part / "__init__.py", folder / f"{part}.py"
        if package.is_file():
            files.append((module, package))
        elif plain.is_file():
            files.append((module, plain))
            break
        elif not (folder / part).is_dir():
            break  # an attribute of the module before it
        folder = folder / part
    return files
