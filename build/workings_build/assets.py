"""The two hashed folders: `assets/` (styles, scripts, fonts) and `runtime/` (Python for the page).

Both are values, path to content or file, before anything is written; the folder's name is the hash
of what is in it, so that what a browser has kept under a name never changes.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

from workings_build.cache import Cache, compressed_size, digest, files_below
from workings_build.fonts import Wanted, cut
from workings_build.trim import trim_script, trim_style

NEEDS = ("pyodide", "numpy", "matplotlib", "pyscript", "katex", "fonts", "graphviz")
HASH_LENGTH = 12
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
GPU_MODULES: tuple[str, ...] = (
    "kernels/gpu/__init__.py",
    "kernels/gpu/occupancy.py",
    "kernels/gpu/published.py",
    "kernels/gpu/roofline_model.py",
)
"""The files of `kernels/gpu/` that pages run, such as "kernels/gpu/roofline.py": NumPy alone."""
SERVICE_WORKER = ("sw.template.js", "sw-keeping.template.js")
"""The scripts that `sw.js` is made of, in this order."""
PACKED = (".whl", ".zip", ".woff2", ".png")

_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\.{1,2}/[^"']+)["']""")
_FONT = re.compile(r"url\(fonts/([\w-]+\.woff2)\)")
_OLD_FONT = re.compile(r",\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)")


class Vendored(Protocol):
    """Verified files by their logical names, as `workings_build.vendor.ensure` gives them."""

    def path(self, name: str) -> Path:
        """Return a file's place."""

    def of(self, *needs: str) -> dict[str, Path]:
        """Return the files of some needs."""


@dataclass(frozen=True)
class Bundle:
    """A hashed folder of the site."""

    name: str  # "assets" or "runtime"
    files: Mapping[str, bytes]

    @cached_property
    def folder(self) -> str:
        """The folder's path from the site's root, with its hash and a slash at the end."""
        parts = (part for path in sorted(self.files) for part in (path, self.files[path]))
        return f"{self.name}/{digest(*parts)[:HASH_LENGTH]}/"


def asset_bundle(site: Path, vendored: Vendored, wanted: Wanted, cache: Cache) -> Bundle:
    """Gather styles, scripts, and fonts cut down to the wanted characters.

    KaTeX's stylesheet is fitted to the folder's layout.
    """
    files: dict[str, bytes] = {}
    for room, suffix, trim in (("styles", ".css", trim_style), ("scripts", ".js", trim_script)):
        for path in files_below(site / room, f"**/*{suffix}"):
            if path.name not in SERVICE_WORKER:
                text = trim(path.read_text(encoding="utf-8"))
                files[f"{room}/{path.relative_to(site / room).as_posix()}"] = text.encode()
    for path in files_below(site / "images"):
        files[f"images/{path.relative_to(site / 'images').as_posix()}"] = path.read_bytes()
    for need, characters in (("fonts", wanted.text), ("katex", wanted.formulas)):
        fonts: dict[str, bytes] = {}
        for name, path in vendored.of(need).items():
            if path.suffix == ".woff2":
                fonts[path.name] = path.read_bytes()
            elif path.name == "LICENSE":
                files[f"fonts/{name.split('/')[-2]}.LICENSE.txt"] = path.read_bytes()
        files |= {f"fonts/{name}": font for name, font in cut(fonts, characters, cache).items()}
    katex = vendored.path("katex/katex.min.css").read_text(encoding="utf-8")
    files["styles/katex.css"] = katex_styles(katex).encode()
    return Bundle("assets", files)


def katex_styles(css: str) -> str:
    """Point KaTeX's stylesheet to the fonts' folder; drop the formats that aren't there."""
    return _FONT.sub(r"url(../fonts/\1)", _OLD_FONT.sub("", css))


def runtime_bundle(root: Path, vendored: Vendored) -> Bundle:
    """Gather Pyodide, the wheels, PyScript and the site's own Python."""
    files: dict[str, bytes] = {}
    for name, path in vendored.of("pyodide", "numpy", "matplotlib", "pyscript").items():
        files[name] = path.read_bytes()
    files["python/workings.zip"] = python_zip(root)
    own = root / "site" / "runtime"
    files["python/worker.py"] = (own / "worker.py").read_bytes()
    files["pyodide/start.mjs"] = (own / "start.mjs").read_bytes()
    return Bundle("runtime", files)


def python_zip(root: Path) -> bytes:
    """Pack the packages `workings` and `kernels`; equal files give equal bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in python_files(root):
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return written.getvalue()


def python_files(root: Path) -> list[tuple[str, Path]]:
    """List what goes into the archive, by the name it has there."""
    packages = ((root / "site" / "runtime", "workings"), (root, "kernels"))
    named = (
        (path.relative_to(base).as_posix(), path)
        for base, package in packages
        for path in files_below(base / package, "**/*.py")
    )
    return [(name, path) for name, path in named if is_packed(name)]


def is_packed(name: str) -> bool:
    """Say whether readers get a Python file, named from the folder that its package lies in.

    What computes with PyTorch, Triton or a GPU stays behind, and so do jobs and their assets.
    """
    if name in GPU_MODULES:
        return True
    path = PurePosixPath(name)
    if path.parts[:2] in (("kernels", "assets"), ("kernels", "gpu")):
        return False
    heavy = path.stem.endswith(("_triton", "_torch")) or path.stem.startswith("jobs")
    return path.parts[0] != "kernels" or not heavy


def first_start(runtime: Bundle, vendored: Vendored, needs: Iterable[str]) -> list[str]:
    """List what the first start of Python fetches of the runtime, for a page with these needs."""
    wheels = [name for need in needs for name in vendored.of(need)]
    names = ["pyscript/core.js"]
    for name in names:  # grows while it is read
        text = runtime.files[name].decode("utf-8")
        folder = name.rpartition("/")[0]
        found = (f"{folder}/{match.removeprefix('./')}" for match in _IMPORT.findall(text))
        names += [path for path in dict.fromkeys(found) if path not in names]
    own = ["python/worker.py", "python/workings.zip", "pyodide/start.mjs"]
    pyodide = [name for name in vendored.of("pyodide") if not name.endswith("LICENSE")]
    return sorted({*pyodide, *wheels, *names, *own} & set(runtime.files))


def transfer_sizes(bundle: Bundle, cache: Cache) -> dict[str, int]:
    """Return what each file costs to send, compressed where a host would compress it."""
    sizes: dict[str, int] = {}
    for path, content in bundle.files.items():
        if path.endswith(PACKED):
            sizes[path] = len(content)
            continue
        key = digest("gzip 9", content)
        size = cache.get("sizes", key)
        if size is None:
            size = compressed_size(content)
            cache.put("sizes", key, size)
        sizes[path] = size
    return sizes
