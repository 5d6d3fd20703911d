"""A folder beside the site's in which the next one grows, and the swap that puts it in place.

Each build holds a lock on its own folder, which the system lets go even of one that was killed. So
builds can run side by side, and each removes what killed ones have left.
"""

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class Staging:
    """The next version of a site; nothing of it is seen before `publish`."""

    def __init__(self, out: Path) -> None:
        out.parent.mkdir(parents=True, exist_ok=True)
        self.out = out
        with _locked(out.parent):
            _clear_up(out)
            self.folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-next-"))
            self._lock = _lock(self.folder)
        self.folder.chmod(0o755)

    def write(self, path: str, content: bytes | str) -> None:
        """Write a file at a path relative to the site's root.

        Raises
        ------
        OSError
            Naming the file, if it can't be written or there is no room.
        """
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        except OSError as error:
            error.filename = str(self.out / path)
            raise

    def publish(self) -> None:
        """Put the new site in the place of the old one, in one step where the system can."""
        with _locked(self.out.parent):
            if not self.out.exists():
                self.folder.rename(self.out)
            elif exchange(self.folder, self.out):
                shutil.rmtree(self.folder)
            else:
                _replace(self.folder, self.out)
        self._unlock()

    def moved(self, out: Path) -> "Staging":
        """Take what has been written as the next version of another folder."""
        other = Staging(out)
        other._unlock()
        other.folder.rmdir()
        self._unlock()
        shutil.move(self.folder, other.folder)
        other._lock = _lock(other.folder)
        return other

    def discard(self) -> None:
        """Remove what has been written; does nothing after `publish`."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _clear_up(out: Path) -> None:
    """Remove what killed builds have left; bring the old site back if one was killed in the swap.

    Only for one that holds the lock on the folder around.
    """
    for aside in out.parent.glob(f".{out.name}-last-*"):
        if not out.exists() and (aside / out.name).exists():
            (aside / out.name).rename(out)
        shutil.rmtree(aside, ignore_errors=True)
    for folder in out.parent.glob(f".{out.name}-next-*"):
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _lock(folder: Path, wait: bool = False) -> int | None:
    """Lock a folder; return the descriptor whose closing unlocks it, or None if another has it."""
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock on a folder, once whoever has it lets it go; where there are none, go on."""
    lock = _lock(folder, wait=True)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; return whether the system and its file system can do so."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    if rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EXDEV):
        return False
    raise OSError(code, os.strerror(code), str(other))


def _replace(new: Path, old: Path) -> None:
    """Move the old folder aside and the new one in, and back again if that fails."""
    aside = Path(tempfile.mkdtemp(dir=old.parent, prefix=f".{old.name}-last-"))
    old.rename(aside / old.name)
    try:
        new.rename(old)
    except OSError:
        (aside / old.name).rename(old)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
