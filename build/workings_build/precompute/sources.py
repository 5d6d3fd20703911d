"""What a job's result depends on in the code: the modules that it reaches, hashed by their syntax.

A hash leaves out what can't change a result: comments, docstrings, layout. In the job's own module
it covers the job's function and the definitions that it uses, not the other jobs beside it; of the
modules that it reaches, all. `kernels/jobs.py` and `kernels/encoding.py` are left out: they are
the vocabulary, and receipts hold the sums of the files.
"""

import ast
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workings_build.cache import digest
from workings_build.imports import imported_names, module_files
from workings_build.precompute.discover import JobInfo
from workings_build.precompute.syntax import canonical, named_in_strings, without_siblings

VOCABULARY = ("kernels/jobs.py", "kernels/encoding.py")
DATA = (".json", ".toml", ".csv", ".txt", ".npy", ".npz")

_parsing = threading.Lock()
"""Jobs have threads. Where two parse at once, Python 3.11 can fail: "recursion depth mismatch"."""


@dataclass(frozen=True)
class Sources:
    """The files that a job may read as it runs, and the hashes of those that shape its result."""

    files: tuple[str, ...]  # from the project's root
    modules: dict[str, str]

    @property
    def hash(self) -> str:
        """One hash over all of them."""
        return digest(
            *(part for name in sorted(self.modules) for part in (name, self.modules[name]))
        )


def job_sources(job: JobInfo, root: Path) -> Sources:
    """Find and hash what a job reaches."""
    path = root / job.file
    tree = _parse(path.read_text(encoding="utf-8"))
    package = job.module.rpartition(".")[0]
    pruned = without_siblings(tree, job.function)
    whole = _reached(_names(tree, package) | {job.module, "kernels.jobs", "kernels.encoding"}, root)
    counted = _reached(_names(pruned, package) | {package}, root)
    hashes = {
        name: _file_hash(root / name, (root / name).stat().st_mtime_ns)
        for name in counted
        if name not in VOCABULARY and name != job.file
    }
    hashes[job.file] = digest(canonical(pruned))
    return Sources(tuple(sorted({*whole, *counted})), dict(sorted(hashes.items())))


def _parse(source: str | bytes) -> ast.Module:
    with _parsing:
        return ast.parse(source)


def _names(tree: ast.AST, package: str) -> set[str]:
    return imported_names(tree, package) | named_in_strings(tree)


def _reached(names: Iterable[str], root: Path) -> set[str]:
    """List the files of modules, of all that they import, and the data beside them."""
    found: dict[str, Path] = {}
    waiting = set(names)
    while waiting:
        for module, path in module_files(waiting.pop(), root):
            if module in found:
                continue
            found[module] = path
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            waiting |= _imports_of(path, package, path.stat().st_mtime_ns)
    folders = {path.parent for path in found.values()} - {root / "kernels"}
    data = [path for folder in folders for path in folder.iterdir() if path.suffix in DATA]
    return {path.relative_to(root).as_posix() for path in [*found.values(), *data]}


@cache
def _imports_of(path: Path, package: str, mtime: int) -> frozenset[str]:
    try:
        tree = _parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return frozenset()
    return frozenset(_names(tree, package))


@cache
def _file_hash(path: Path, mtime: int) -> str:
    """Hash a module's syntax, or the bytes of any other file and of what doesn't parse."""
    content = path.read_bytes()
    if path.suffix == ".py":
        try:
            return digest(canonical(_parse(content)))
        except SyntaxError:
            pass
    return digest(content)
