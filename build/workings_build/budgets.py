"""What a page costs to fetch before anyone has touched it, and the budgets for that."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

from workings_build.cache import compressed_size
from workings_build.formula_fonts import formula_fonts
from workings_build.html_facts import Facts

VIEW_BUDGET = 150_000
SCRIPT_BUDGET = 40_000
ASSET_BUDGET = 2_500_000
"""Bytes sent of assets that a page's Python reads: its start waits for them."""
PACKED = (".woff2", ".png", ".whl", ".zip")

_CSS_URL = re.compile(r"""url\(\s*["']?([^"')\s]+)["']?\s*\)""")
_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;()]*?["'](\.[^"']+)["']""", re.M)


class Files:
    """A site's files, and what each costs to transfer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sizes: dict[str, int] = {}

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return not path.startswith("../") and (self.folder / path).is_file()

    def text(self, path: str) -> str:
        """Return a file's text."""
        return (self.folder / path).read_text(encoding="utf-8")

    def size(self, path: str) -> int:
        """Return what a file costs to transfer, compressed where a host would."""
        if path not in self._sizes:
            content = (self.folder / path).read_bytes()
            packed = path.endswith(PACKED)
            self._sizes[path] = len(content) if packed else compressed_size(content)
        return self._sizes[path]


def target_of(page: str, path: str) -> str:
    """Return the file that a relative address on a page means."""
    if not path:
        return page
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path)))
    if path.endswith("/") or posixpath.basename(path) in (".", ".."):
        joined = posixpath.normpath(posixpath.join(joined, "index.html"))
    return joined


def over_budget(files: Files, page: str, facts: Facts) -> list[tuple[str, str]]:
    """Return what is over budget in a page's first view: what to say, and what is largest."""
    scripts = closure(files, page, facts.scripts)
    styles = {target_of(page, href) for href in facts.stylesheets}
    preloads = [target_of(page, href) for href in facts.preloads if href.endswith(".woff2")]
    named = [name for style in styles for name in named_by(files, style) if _is_text_font(name)]
    fonts = {*preloads, *named, *_for_formulas(files, styles, facts.classes)}
    there = [p for p in (*styles, *fonts, *scripts) if files.has(p)]
    script = sum(files.size(path) for path in scripts)
    view = files.size(page) + sum(files.size(path) for path in there)
    problems = []
    for size, budget, name in (
        (script, SCRIPT_BUDGET, "The page's scripts take"),
        (view, VIEW_BUDGET, "The page's first view takes"),
    ):
        if size > budget:
            largest = sorted([page, *there], key=files.size, reverse=True)[:4]
            listed = ", ".join(f"{path} {files.size(path) / 1000:.1f} KB" for path in largest)
            what = f"{name} {size / 1000:.1f} KB compressed; the budget is {budget // 1000} KB."
            remedy = f"Largest: {listed}."
            problems.append((what, remedy))
    return problems


def over_asset_budget(sizes: Mapping[str, int]) -> tuple[str, str] | None:
    """Say what a page's assets for Python cost to send, by name, where that is too much."""
    total = sum(sizes.values())
    if total <= ASSET_BUDGET:
        return None
    listed = ", ".join(
        f"{name} {sizes[name] / 1e6:.2f} MB" for name in sorted(sizes, key=lambda n: -sizes[n])[:4]
    )
    what = f"The page's assets take {total / 1e6:.2f} MB to send"
    what += f"; the budget is {ASSET_BUDGET / 1e6:.1f} MB."
    return what, f"Let the job keep fewer numbers or smaller types. Largest: {listed}."


def named_by(files: Files, style: str) -> list[str]:
    """List the files that a stylesheet names."""
    if not files.has(style):
        return []
    found = [
        name for name in _CSS_URL.findall(files.text(style)) if not name.startswith(("data:", "#"))
    ]
    return [target_of(style, name) for name in found]


def _for_formulas(files: Files, styles: Iterable[str], classes: list[str]) -> list[str]:
    sheets = [style for style in styles if style.endswith("katex.css") and files.has(style)]
    return [
        target_of(style, name)
        for style in sheets
        for name in formula_fonts(files.text(style), classes)
    ]


def _is_text_font(path: str) -> bool:
    """Whether every page may fetch a font; KaTeX's come one by one, as formulas use them."""
    return path.endswith(".woff2") and not posixpath.basename(path).startswith("KaTeX")


def closure(files: Files, page: str, scripts: Iterable[str]) -> list[str]:
    """List the scripts that a page loads, with what those import when they start."""
    found: list[str] = []
    waiting = [target_of(page, script) for script in scripts]
    while waiting:
        path = waiting.pop()
        if path in found or not files.has(path):
            continue
        found.append(path)
        waiting += [target_of(path, name) for name in _IMPORT.findall(files.text(path))]
    return sorted(found)
