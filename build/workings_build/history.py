"""When and why each page changed, as the repository remembers it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 20.0
_RECORD, _UNIT = "\x1e", "\x1f"


@dataclass(frozen=True)
class Revision:
    """A commit that touched a page."""

    date: str  # "2026-11-22"
    commit: str  # ten characters of its hash
    subject: str


def revisions(source: Path) -> Mapping[str, tuple[Revision, ...]]:
    """Return each page's revisions, newest first, by its folder's path below `source`.

    Where there is no repository, or no git, there are none.
    """
    form = f"--format={_RECORD}%cs{_UNIT}%H{_UNIT}%s"
    command = ["git", "-C", str(source), "log", "--no-merges", "--relative", form, "--name-only"]
    try:
        done = subprocess.run(
            [*command, "--", "explainers"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return parse(done.stdout) if done.returncode == 0 else {}


def parse(log: str) -> dict[str, tuple[Revision, ...]]:
    """Read git's log: a record a commit, its fields, then the files that it touched."""
    found: dict[str, list[Revision]] = {}
    for record in log.split(_RECORD)[1:]:
        head, _, files = record.partition("\n")
        date, commit, subject = head.split(_UNIT, 2)
        revision = Revision(date, commit[:10], subject)
        folders = {"/".join(path.split("/")[:3]) for path in files.split() if path.count("/") > 2}
        for folder in sorted(folders):
            found.setdefault(folder, []).append(revision)
    return {folder: tuple(list_) for folder, list_ in found.items()}
