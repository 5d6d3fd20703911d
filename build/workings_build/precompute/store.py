"""A job's folder in `kernels/assets`: put in place as a whole, or not at all."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ASSETS = Path("kernels") / "assets"
RECEIPT = "receipt.json"
_UNFINISHED = ".new-"


def job_folder(root: Path, job: str) -> Path:
    """Where a job's files and receipt lie."""
    return root / ASSETS / job


def job_folders(root: Path) -> list[Path]:
    """List the folders of all jobs that have left files."""
    folder = root / ASSETS
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if one.is_dir() and one.name[0] not in "._")


def read_files(folder: Path) -> dict[str, bytes]:
    """Read a job's files by name, without the receipt; none where there is no folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / RECEIPT
    }


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder anew beside its place, and move it there.

    Between the two moves of a replacement there is an instant without a folder; what a kill leaves
    then is put back by `mend`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent):
        _replace(folder, files)


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f"{_UNFINISHED}{folder.name}.", dir=folder.parent))
    try:
        whole = fresh / "whole"
        for name, content in files.items():
            path = whole / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
        if folder.exists():
            folder.rename(fresh / "last")
        whole.rename(folder)
    except BaseException:
        if not folder.exists() and (fresh / "last").exists():
            (fresh / "last").rename(folder)
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def mend(root: Path) -> None:
    """Put back or clear away what a killed run left half done."""
    parent = root / ASSETS
    if not parent.is_dir():
        return
    with _alone(parent):
        for fresh in parent.glob(f"{_UNFINISHED}*"):
            folder = parent / fresh.name.removeprefix(_UNFINISHED).rpartition(".")[0]
            if not folder.exists() and (fresh / "last").exists():
                (fresh / "last").rename(folder)
            shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to the folder meanwhile; they wait."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
