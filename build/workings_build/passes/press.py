"""What a static host can send as it lies there: each file again, compressed by Brotli and by gzip.

`page.html.br` and `page.html.gz` lie beside `page.html`; hosts that know the custom (nginx's
`gzip_static` and `brotli_static`, object stores filled by a script) send them to whoever accepts
them. Both are as small as their format gets, which no host takes the time for on the way.
"""

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]

from workings_build.cache import Cache, digest
from workings_build.reporting import Reporter

PRESSED = (
    *(".css", ".html", ".js", ".json", ".md", ".mjs", ".npy", ".py"),
    *(".svg", ".txt", ".wasm", ".xml"),
)
"""Endings of files that become smaller; the rest is compressed already."""

LEAST = 256
"""Bytes below which a host had better send a file as it is."""


def press(folder: Path, jobs: int, cache: Cache, reporter: Reporter) -> None:
    """Write both compressed forms beside every file of a site that gains by them.

    Results are kept under the hash of the content, so that only what changed is compressed again.
    """
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in PRESSED and path.stat().st_size >= LEAST
    ]

    def write(path: Path) -> None:
        for ending, content in _forms(path.read_bytes(), cache):
            path.with_name(path.name + ending).write_bytes(content)

    with reporter.stage("compress", len(files)) as advance, ThreadPoolExecutor(jobs) as pool:
        for _ in pool.map(write, files):
            advance()


def _forms(content: bytes, cache: Cache) -> Iterator[tuple[str, bytes]]:
    """Give each ending with the compressed content, where that is smaller."""
    key = digest("brotli 11, gzip 9", brotli.__version__, content)
    forms: Any = cache.get("pressed", key)
    if forms is None:
        forms = {
            ".br": brotli.compress(content, mode=brotli.MODE_GENERIC, quality=11),
            ".gz": gzip.compress(content, compresslevel=9, mtime=0),
        }
        cache.put("pressed", key, forms)
    for ending, pressed in forms.items():
        if len(pressed) < len(content):
            yield ending, pressed
