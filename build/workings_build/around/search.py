"""The index of the full-text search: Pagefind reads the finished pages when the site is built.

The index is cut into small files, of which a search fetches the few that it needs. They lie in a
folder that is named after what is in it, and equal pages give equal bytes.
"""

import subprocess
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pagefind_bin  # type: ignore[import-untyped]

from workings_build.cache import Cache, digest, files_below

SECONDS = 120.0
HASH_LENGTH = 12
LEFT_OUT = (
    ".anchor",
    ".katex-mathml",
    ".picture",
    ".data",
    ".editor",
    ".actions",
    ".exhibit form",
    ".exhibit-schema",
    ".map-numbers",
    ".check",
    ".claim-where",
    ".claim-kind",
    ".claim-check",
    ".claim-foot",
    ".claims-note",
    ".kinds",
    ".facts",
    ".lineage",
    ".paths",
    ".bibtex",
    ".colophon",
    "thead",
    "pre.code",
    ".quiet",
    "button",
)
"""What is not text to be found: controls, pictures, source, and formulas' second form."""
KEPT = ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json")
KEPT_SUFFIXES = (".pf_meta", ".pf_index", ".pf_fragment", ".pf_filter", ".pagefind")
"""What a search needs; Pagefind's own interfaces stay behind."""


class SearchFault(Exception):
    """The index could not be made."""


def index_of(pages: Mapping[str, bytes], cache: Cache) -> dict[str, bytes]:
    """Index pages; return the index's files by their path below the search page's folder.

    Parameters
    ----------
    pages
        HTML by path from the site's root, "attention/index.html"; what carries
        `data-pagefind-body` is indexed.

    Raises
    ------
    SearchFault
        If Pagefind fails or takes too long.
    """
    parts = (part for path in sorted(pages) for part in (path, pages[path]))
    key = digest(version("pagefind-bin"), repr(LEFT_OUT), repr(KEPT), *parts)
    made: dict[str, bytes] | None = cache.get("search", key)
    if made is None:
        made = _indexed(pages)
        cache.put("search", key, made)
    return made


def _indexed(pages: Mapping[str, bytes]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="workings-search-") as folder:
        site, out = Path(folder, "site"), Path(folder, "index")
        for path, content in pages.items():
            target = site / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        _run(site, out)
        found = {path.relative_to(out).as_posix(): path.read_bytes() for path in files_below(out)}
    files = {
        path: content
        for path, content in found.items()
        if path in KEPT or path.endswith(KEPT_SUFFIXES)
        if not path.startswith("wasm.unknown")  # for languages that Pagefind has no stemmer of
    }
    name = digest(*(part for path in sorted(files) for part in (path, files[path])))
    return {f"data/{name[:HASH_LENGTH]}/{path}": content for path, content in files.items()}


def _run(site: Path, out: Path) -> None:
    command = [str(pagefind_bin.get_executable()), "--site", str(site), "--output-path", str(out)]
    command += ["--exclude-selectors", ", ".join(LEFT_OUT), "--force-language", "en", "--silent"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, cwd=site)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise SearchFault(f"Pagefind did not run: {fault}") from fault
    if done.returncode or not (out / KEPT[0]).is_file():
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise SearchFault(f"Pagefind failed ({done.returncode}): {said or 'it wrote no index'}")


def folder_of(files: Mapping[str, bytes]) -> str:
    """Return the folder of an index, from the search page; "" where there is none."""
    entry = next((path for path in files if path.endswith("/pagefind.js")), "")
    return entry.removesuffix("pagefind.js")
