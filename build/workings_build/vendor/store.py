"""The cache: verified files by their sum, outside the repository.

A file lies at `<cache>/runtime/<sha256>/<file name>`. It is written beside its place, verified,
synced and then moved there in one step, so what is there is always whole.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from workings_build.vendor.errors import VendorError, WrongBytes
from workings_build.vendor.pins import Pin

CHUNK = 1 << 20


def default_cache() -> Path:
    """`$WORKINGS_CACHE`, else `$XDG_CACHE_HOME/workings`, else `~/.cache/workings`."""
    if chosen := os.environ.get("WORKINGS_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "workings"


def sha256_of(path: Path) -> str:
    """Compute the sha256 sum of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Store:
    """The part of the cache that holds the runtime's files."""

    def __init__(self, cache: Path) -> None:
        self.root = cache / "runtime"

    def path(self, pin: Pin) -> Path:
        """Where a file lies, or will lie."""
        return self.root / pin.sha256 / pin.file_name

    def part(self, pin: Pin) -> Path:
        """Where the beginning of an interrupted download is kept."""
        return self.path(pin).with_name(pin.file_name + ".part")

    def has(self, pin: Pin) -> bool:
        """Tell whether the file is there with the right bytes; a spoilt one is removed."""
        path = self.path(pin)
        try:
            size = path.stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return False
        if size == pin.bytes and sha256_of(path) == pin.sha256:
            return True
        path.unlink(missing_ok=True)
        return False

    def put(self, pin: Pin, source: IO[bytes], origin: str, remedy: str) -> Path:
        """Copy a stream into its place if, and only if, its bytes are the pinned ones."""
        self.path(pin).parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self.path(pin).parent)
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                left = pin.bytes + 1  # one more, to see a file that is too long
                while left and (chunk := source.read(min(CHUNK, left))):
                    stream.write(chunk)
                    left -= len(chunk)
            return self.adopt(pin, fresh, origin, remedy)
        finally:
            fresh.unlink(missing_ok=True)

    def adopt(self, pin: Pin, fresh: Path, origin: str, remedy: str) -> Path:
        """Verify a file that lies beside its place, and move it there in one step."""
        size, got = fresh.stat().st_size, sha256_of(fresh)
        if size != pin.bytes or got != pin.sha256:
            fresh.unlink(missing_ok=True)
            length = f"more than {pin.bytes:,}" if size > pin.bytes else f"{size:,}"
            raise WrongBytes(
                pin.name,
                origin,
                f"sha256 {pin.sha256} ({pin.bytes:,} bytes)",
                f"sha256 {got} ({length} bytes)",
                remedy,
            )
        with fresh.open("rb") as stream:
            os.fsync(stream.fileno())
        fresh.chmod(0o644)
        place = self.path(pin)
        fresh.replace(place)
        _sync_folder(place.parent)
        return place

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """Let one process at a time fetch; a second one waits, and then finds all in place."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            stream = (self.root / ".lock").open("ab")
        except OSError as error:
            raise VendorError(
                f"{self.root}: can't be written ({error.strerror}). "
                "Set WORKINGS_CACHE to a folder of yours."
            ) from error
        with stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems can't sync a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
