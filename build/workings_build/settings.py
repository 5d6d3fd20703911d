"""`Settings`: where a build reads and writes, and how hard it works."""

import os
from dataclasses import dataclass
from pathlib import Path

from workings_build.page_assets import Assets

MARK = Path("site") / "runtime" / "workings"
"""A folder that tells the root of the project from any other."""

TIME_LIMIT = 120.0
"""Seconds that one piece of a page's own Python may run before it is stopped."""


class RootNotFound(ValueError):
    """No folder above the current one is the project's root."""


@dataclass(frozen=True)
class Settings:
    """Everything that a build is told from outside."""

    root: Path
    source: Path  # the folder that holds explainers/
    out: Path
    cache: Path
    base_url: str | None = None
    jobs: int = 1
    time_limit: float = TIME_LIMIT
    keep_going: bool = False
    commit: str = ""
    mirror: str | None = None
    precompress: bool = False  # whether to write .br and .gz beside each file
    edit_base: str | None = None  # where a page's source can be edited: this, then its path

    @property
    def preview(self) -> Path:
        """Where a site with broken pages goes, so that `out` is always one without."""
        return self.cache.parent / "preview"

    @property
    def site(self) -> Path:
        """Where templates, styles, scripts and the runtime lie."""
        return self.root / "site"

    @property
    def assets(self) -> Assets:
        """What jobs have left for pages."""
        return Assets.of(self.source, self.kernels)

    @property
    def kernels(self) -> Path:
        """The package of kernels."""
        return self.root / "kernels"


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that is the project's root.

    Raises
    ------
    RootNotFound
        If there is none.
    """
    for folder in [start, *start.parents]:
        if (folder / MARK).is_dir():
            return folder
    raise RootNotFound(
        f"Neither {start} nor a folder above it holds {MARK.as_posix()}/: "
        "go to the project's folder, or name it with --root."
    )


def make_settings(
    root: Path,
    *,
    source: Path | None = None,
    out: Path | None = None,
    cache: Path | None = None,
    base_url: str | None = None,
    jobs: int | None = None,
    time_limit: float = TIME_LIMIT,
    keep_going: bool = False,
    commit: str = "",
    mirror: str | None = None,
    precompress: bool = False,
    edit_base: str | None = None,
) -> Settings:
    """Fill in what isn't given: folders under `root`, and one job a core."""
    root = root.resolve()
    return Settings(
        root=root,
        source=(source or root).resolve(),
        out=(out or root / "dist").resolve(),
        cache=(cache or root / ".cache" / "build").resolve(),
        base_url=base_url.rstrip("/") + "/" if base_url else None,
        jobs=max(1, jobs if jobs is not None else available_cores()),
        time_limit=time_limit,
        keep_going=keep_going,
        commit=commit,
        mirror=mirror,
        precompress=precompress,
        edit_base=edit_base.rstrip("/") + "/" if edit_base else None,
    )


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
