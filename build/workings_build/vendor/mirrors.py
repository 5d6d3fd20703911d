"""Mirrors: a folder, or an address over HTTP, that holds the files under their names.

A mirror is laid out like the runtime folder of a built site (`pyodide/pyodide.mjs`), so that any
published copy of the site will do, and so will `workings vendor --copy-to DIR`. For Pyodide's own
files the plain file name is tried as well: a folder of an official release will do for them.
"""

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Protocol

from workings_build.vendor.errors import Unavailable, Unreachable, VendorError, WrongBytes
from workings_build.vendor.pins import Pin
from workings_build.vendor.progress import Progress
from workings_build.vendor.store import Store

ATTEMPTS = 4
TIMEOUT = 30.0
BLOCK = 1 << 16
REMEDY = "Mend the mirror, or leave --mirror out to take the files from the registries' packages."


class Mirror(Protocol):
    """A place that may have files."""

    def fetch(self, pin: Pin, store: Store, progress: Progress) -> None:
        """Bring one file into the store, or raise `Unavailable` or `WrongBytes`."""


def open_mirror(where: str) -> Mirror:
    """Give a mirror by its address or folder."""
    scheme = urllib.parse.urlsplit(where).scheme
    if scheme in {"http", "https"}:
        return WebMirror(where)
    if "://" in where:
        raise VendorError(f"--mirror {where}: only http, https and folders can be mirrors.")
    folder = Path(where).expanduser()
    if not folder.is_dir():
        raise VendorError(f"--mirror {where}: there is no such folder.")
    return FolderMirror(folder)


def candidates(pin: Pin) -> list[str]:
    """Give the names under which a mirror may hold a file."""
    if pin.name.startswith("pyodide/"):
        return [pin.name, pin.file_name]
    return [pin.name]


class FolderMirror:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, pin: Pin, store: Store, progress: Progress) -> None:
        """Copy a file out of the folder."""
        for name in candidates(pin):
            path = self.folder / name
            try:
                stream = path.open("rb")
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise Unavailable(f"{path}: can't be read ({error.strerror}).") from error
            with stream:
                store.put(pin, stream, str(path), REMEDY)
            progress.advance(pin.bytes)
            return
        raise Unavailable(f"{pin.name} is not in the folder {self.folder}.")


class WebMirror:
    """An address over HTTP; what an interruption left is kept, and gone on from."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/") + "/"

    def fetch(self, pin: Pin, store: Store, progress: Progress) -> None:
        """Download a file, resuming what an earlier run began."""
        for name in candidates(pin):
            url = self.address + urllib.parse.quote(name)
            if _Download(pin, url, store, progress).run():
                return
        raise Unavailable(f"{pin.name} is not on the mirror {self.address} (404).")


class _Download:
    """One file over HTTP, in as many pieces as it takes."""

    def __init__(self, pin: Pin, url: str, store: Store, progress: Progress) -> None:
        self.pin, self.url, self.store, self.progress = pin, url, store, progress
        self.part = store.part(pin)
        self.counted = 0

    def run(self) -> bool:
        """Return False where the mirror has no such file."""
        self.part.parent.mkdir(parents=True, exist_ok=True)
        self._count()
        resumed = self.counted > 0
        trouble = "the connection was cut"
        for _ in range(ATTEMPTS):
            if self._have() < self.pin.bytes:
                try:
                    if not self._piece():
                        return False
                except (OSError, http.client.HTTPException) as error:
                    trouble = str(getattr(error, "reason", error)) or type(error).__name__
                    if isinstance(error, urllib.error.URLError) and not self._have():
                        break  # nobody is there: asking again at once won't help
            self._count()
            if self._have() < self.pin.bytes:
                continue
            try:
                self.store.adopt(self.pin, self.part, self.url, REMEDY)
                return True
            except WrongBytes:
                if not resumed:
                    raise
                resumed = False  # what lay there may have been spoilt: once more from the start
                self._count()
        if have := self._have():
            raise Unavailable(
                f"{self.pin.name}: {self.url} broke off after {have:,} of {self.pin.bytes:,} bytes "
                f"({trouble}). What came is kept: run the same command again to go on from there."
            )
        raise Unreachable(f"{self.url} can't be reached ({trouble}).")

    def _have(self) -> int:
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    def _count(self, have: int | None = None) -> None:
        have = min(self._have() if have is None else have, self.pin.bytes)
        self.progress.advance(have - self.counted)
        self.counted = have

    def _piece(self) -> bool:
        """Ask for what is missing and append it; False where there is no such file."""
        have = self._have()
        if have > self.pin.bytes:
            self.part.unlink()
            have = 0
        request = urllib.request.Request(self.url, headers={"Accept-Encoding": "identity"})
        if have:
            request.add_header("Range", f"bytes={have}-")
        try:
            response = urllib.request.urlopen(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error, have)
        with response:
            start, total = _extent(response)
            if total is not None and total != self.pin.bytes:
                self.part.unlink(missing_ok=True)
                raise WrongBytes(
                    self.pin.name,
                    self.url,
                    f"{self.pin.bytes:,} bytes (sha256 {self.pin.sha256})",
                    f"a file of {total:,} bytes",
                    REMEDY,
                )
            if start not in {0, have}:
                self.part.unlink(missing_ok=True)
                raise http.client.HTTPException("it answers with another range than asked for")
            self._count(start)
            with self.part.open("ab" if start else "wb") as stream:
                left = self.pin.bytes + 1 - start
                while left > 0 and (block := response.read(min(BLOCK, left))):
                    stream.write(block)
                    left -= len(block)
                    self.progress.label(self.pin.file_name)
                    self.progress.advance(len(block))
                    self.counted += len(block)
        return True

    def _refused(self, error: urllib.error.HTTPError, have: int) -> bool:
        if error.code in {403, 404, 410}:
            return False
        if error.code == 416 and have:
            self.part.unlink(missing_ok=True)  # not a piece of this file: start again
            return True
        raise ConnectionError(f"it answers {error.code} {error.reason}")


def _extent(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Where an answer's bytes start, and how long the whole file is said to be."""
    if response.status == 206:
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if match is None:
            raise http.client.HTTPException("it answers a range without saying which")
        return int(match[1]), None if match[2] == "*" else int(match[2])
    length = response.headers.get("Content-Length")
    return 0, int(length) if length and length.isdigit() else None
