"""The source of a kernel, cut from the file that runs, found without importing anything."""

import ast
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from workings_build.problems import listing, nearest


class KernelError(ValueError):
    """No such kernel; says what there is instead."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True)
class KernelSource:
    """A module, function, class or constant of `kernels`, as its file has it.

    `file` is relative to the folder that `kernels` lies in; `first_line` counts from 1.
    """

    name: str
    file: str
    first_line: int
    source: str

    @property
    def last_line(self) -> int:
        """The file's line on which the source ends."""
        return self.first_line + self.source.count("\n")


def kernels_folder(root: Path) -> Path:
    """Return `kernels` below `root`, or the installed package where `root` has none."""
    if (root / "kernels" / "__init__.py").is_file():
        return root / "kernels"
    spec = importlib.util.find_spec("kernels")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        return Path(folder)
    return root / "kernels"


def find(name: str, folder: Path) -> KernelSource:
    """Find a dotted name such as `kernels.attention.core.softmax` below the folder `kernels`.

    Names that a module imports from another one of `kernels` are followed to where they are
    written.
    """
    first, *rest = name.split(".")
    if first != "kernels":
        remedy = "Start the name with 'kernels.', such as kernels.attention.core.softmax."
        raise KernelError(f"'{name}' is not a kernel.", remedy)
    return _find(name, rest, folder, seen=())


def _find(name: str, steps: list[str], folder: Path, seen: tuple[str, ...]) -> KernelSource:
    place, index = folder, 0
    while index < len(steps) and (place / steps[index]).is_dir():
        place, index = place / steps[index], index + 1
    if index < len(steps) and (place / f"{steps[index]}.py").is_file():
        path, index = place / f"{steps[index]}.py", index + 1
    else:
        path = place / "__init__.py"
    if not path.is_file():
        raise _unknown(name, steps[:index], "".join(steps[index : index + 1]), _modules(place))
    text = path.read_text("utf-8")
    file = path.relative_to(folder.parent).as_posix()
    if index == len(steps):
        return KernelSource(name, file, 1, text.rstrip("\n"))
    tree = ast.parse(text, str(path))
    return _pick(name, tree, text, file, steps, index, path, folder, seen)


def _pick(
    name: str,
    tree: ast.Module,
    text: str,
    file: str,
    steps: list[str],
    index: int,
    path: Path,
    folder: Path,
    seen: tuple[str, ...],
) -> KernelSource:
    """Take `steps[index:]` out of a module: its own definition, or one that it imports."""
    wanted = steps[index]
    body: list[ast.stmt] = tree.body
    for depth, step in enumerate(steps[index:], index):
        node = _definition(body, step)
        if node is None:
            break
        if depth == len(steps) - 1:
            return _cut(name, node, text, file)
        body = node.body if isinstance(node, ast.ClassDef) else []
    origin = _imported(tree, wanted, path, folder)
    if origin is not None and name not in seen:
        source = _find(name, [*origin, *steps[index + 1 :]], folder, (*seen, name))
        return source
    known = [found for node in tree.body for found in _names(node)]
    if path.name == "__init__.py":
        known += _modules(path.parent)
    raise _unknown(name, steps[:index], wanted, known)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _definition(body: list[ast.stmt], name: str) -> ast.stmt | None:
    return next((node for node in body if name in _names(node)), None)


def _cut(name: str, node: ast.stmt, text: str, file: str) -> KernelSource:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    lines = text.split("\n")[first - 1 : node.end_lineno]
    indent = len(lines[0]) - len(lines[0].lstrip())
    return KernelSource(name, file, first, "\n".join(line[indent:] for line in lines))


def _imported(tree: ast.Module, wanted: str, path: Path, folder: Path) -> list[str] | None:
    """Return the steps below `kernels` at which an imported name is written."""
    package = list(path.parent.relative_to(folder).parts)
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) != wanted:
                continue
            module = node.module.split(".") if node.module else []
            if node.level:
                base = package[: len(package) - (node.level - 1)]
                return [*base, *module, alias.name]
            if module[:1] == ["kernels"]:
                return [*module[1:], alias.name]
    return None


def _modules(folder: Path) -> list[str]:
    return [
        path.stem
        for path in sorted(folder.glob("*"))
        if not path.name.startswith(("_", ".")) and (path.suffix == ".py" or path.is_dir())
    ]


def _unknown(name: str, before: list[str], wanted: str, known: list[str]) -> KernelError:
    prefix = ".".join(["kernels", *before])
    close = nearest(wanted, known)
    remedy = f"Did you mean '{prefix}.{close}'?" if close else f"{prefix} has {listing(known)}."
    return KernelError(f"There is no kernel '{name}'.", remedy)
