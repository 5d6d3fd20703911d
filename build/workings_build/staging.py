"""A folder beside the site's in which the next one grows, and the swap that puts it in place."""

import ctypes
import errno
import os
import shutil
import tempfile
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class Staging:
    """The next version of a site; nothing of it is seen before `publish`."""

    def __init__(self, out: Path) -> None:
        out.parent.mkdir(parents=True, exist_ok=True)
        self.out = out
        self.folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-next-"))
        self.folder.chmod(0o755)

    def write(self, path: str, content: bytes | str) -> None:
        """Write a file at a path relative to the site's root."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def copy(self, path: str, source: Path) -> None:
        """Copy a file to a path relative to the site's root."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)

    def publish(self) -> None:
        """Put the new site in the place of the old one, in one step where the system can."""
        if not self.out.exists():
            self.folder.rename(self.out)
        elif exchange(self.folder, self.out):
            shutil.rmtree(self.folder)
        else:
            _replace(self.folder, self.out)

    def moved(self, out: Path) -> "Staging":
        """Take what has been written as the next version of another folder."""
        other = Staging(out)
        other.folder.rmdir()
        shutil.move(self.folder, other.folder)
        return other

    def discard(self) -> None:
        """Remove what has been written; does nothing after `publish`."""
        shutil.rmtree(self.folder, ignore_errors=True)


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
