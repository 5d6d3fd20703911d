"""A store of results under the hash of everything that they depend on, and those hashes."""

import contextlib
import gzip
import hashlib
import json
import os
import pickle
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

UNUSED_DAYS = 30


class Cache:
    """Results of passes, pickled, in a folder; a missing or spoilt entry is a miss.

    The folder is the builder's own: nothing from elsewhere is ever read from it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hits = 0
        self.misses = 0

    def get(self, kind: str, key: str) -> Any | None:
        """Return the value under a key, or None."""
        path = self._path(kind, key)
        try:
            value = pickle.loads(path.read_bytes())
        except Exception:  # whatever a spoilt entry makes pickle do, it is a miss
            self.misses += 1
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        self.hits += 1
        return value

    def put(self, kind: str, key: str, value: Any) -> None:
        """Keep a value under a key; a reader sees the whole of it or nothing."""
        path = self._path(kind, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, pickle.dumps(value, protocol=5))

    def prune(self, days: float = UNUSED_DAYS) -> int:
        """Remove what no build has asked for in a while, or has ended; return how many went."""
        oldest = time.time() - days * 86400
        removed = 0
        for path in (*self.folder.glob("*/*/*.pickle"), *self.folder.glob("*/*/.new-*")):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / f"{key}.pickle"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that no one ever sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def digest(*parts: str | bytes | Iterable[str]) -> str:
    """Hash a sequence of values, each with its length, so that none can run into the next."""
    running = hashlib.sha256()
    for part in parts:
        if not isinstance(part, str | bytes):
            part = digest(*part)
        data = part.encode() if isinstance(part, str) else part
        running.update(f"{len(data)}:".encode())
        running.update(data)
    return running.hexdigest()


def digest_value(value: Any) -> str:
    """Hash a JSON value."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str))


def digest_files(root: Path, files: Iterable[Path]) -> str:
    """Hash files by their paths below `root` and their content."""
    named = sorted((path.relative_to(root).as_posix(), path) for path in files)
    return digest(*(part for name, path in named for part in (name, path.read_bytes())))


def digest_folder(folder: Path, pattern: str = "**/*") -> str:
    """Hash the files of a folder that fit a pattern; a folder that isn't there is empty."""
    return digest_files(folder, files_below(folder, pattern))


def files_below(folder: Path, pattern: str = "**/*") -> list[Path]:
    """List a folder's files in order, without caches and hidden files."""
    return sorted(
        path
        for path in folder.glob(pattern)
        if path.is_file()
        and not any(
            part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts
        )
        and path.suffix != ".pyc"
    )


def compressed_size(content: bytes) -> int:
    """Return how many bytes a host sends for this content, compressed as well as gzip can."""
    return len(gzip.compress(content, compresslevel=9, mtime=0))
