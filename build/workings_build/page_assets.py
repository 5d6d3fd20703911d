"""A page's assets: where jobs' files lie, which of them a page uses, and what they cost to send.

Assets are looked for in `kernels/assets/` of the folder that holds the page's `explainers/`, then
of the project.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from workings_build.cache import compressed_size, digest
from workings_build.problems import nearest

RECEIPT = "receipt.json"
HASH_LENGTH = 12
PACKED = (".npy", ".npz", ".png", ".woff2")
"""What hosts send as it is."""


@dataclass(frozen=True)
class Assets:
    """The folders of assets, the first that has a file being the one that counts."""

    folders: tuple[Path, ...] = ()

    @classmethod
    def of(cls, source: Path, kernels: Path) -> "Assets":
        """Return the assets of the pages below `source`, with the project's `kernels`."""
        return cls(tuple(dict.fromkeys((source / "kernels" / "assets", kernels / "assets"))))

    def file(self, name: str) -> Path | None:
        """Return the place of an asset named as `job/file`, or None where there is no such file."""
        parts = name.split("/")
        if len(parts) < 2 or any(p in ("", ".", "..") or "\\" in p for p in parts):
            return None
        places = (folder.joinpath(*parts) for folder in self.folders)
        return next((place for place in places if place.is_file()), None)

    def near(self, name: str) -> str | None:
        """Return the name of an asset that was probably meant."""
        return nearest(name, self.names())

    def names(self) -> list[str]:
        """List all assets."""
        found = {
            path.relative_to(folder).as_posix()
            for folder in self.folders
            for path in folder.glob("*/**/*")
            if path.is_file() and path.name != RECEIPT
        }
        return sorted(found)

    def jobs(self) -> list[str]:
        """List the jobs that have left a receipt."""
        found = {path.parent.name for f in self.folders for path in f.glob(f"*/{RECEIPT}")}
        return sorted(found)

    def receipt(self, job: str) -> Mapping[str, Any] | None:
        """Return what a job left as its receipt; None where there is none, or it can't be read."""
        path = self.file(f"{job}/{RECEIPT}")
        try:
            value = json.loads(path.read_bytes()) if path else None
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


def differs(receipt: Mapping[str, Any], file: str, content: bytes) -> bool:
    """Say whether a job's file is another than its receipt says, or one that it doesn't list."""
    sums = {entry["name"]: entry["sha256"] for entry in receipt.get("files") or []}
    return sums.get(file) != hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class PageAssets:
    """What a page uses: files that its Python reads by name, and the folders of its maps."""

    files: Mapping[str, Path] = field(default_factory=dict)
    maps: Mapping[str, Path] = field(default_factory=dict)
    receipts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def published(self) -> Mapping[str, bytes]:
        """The files that the page has of these, by their path in the page's folder."""
        files: dict[str, bytes] = {}
        for name, path in self.files.items():
            content = path.read_bytes()
            files[published_name(name, content)] = content
        for name, folder in self.maps.items():
            files |= map_files(name, folder)
        return files

    def listed(self) -> list[dict[str, Any]]:
        """List what the page's Python reads, as its script is told (`"assets"` of page data)."""
        entries = []
        for name, path in self.files.items():
            content = path.read_bytes()
            entries.append(
                {
                    "name": name,
                    "url": published_name(name, content),
                    "bytes": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
            )
        return entries

    def sent(self) -> int:
        """Return what the page's Python costs to start beyond its packages."""
        return sum(sent_bytes(name, path.read_bytes()) for name, path in self.files.items())

    def digest(self) -> str:
        """Hash all that these change on a page."""
        files = self.published
        parts = (part for name in sorted(files) for part in (name, files[name]))
        return digest(*parts, json.dumps(self.receipts, sort_keys=True))


def used(
    names: Iterable[str], maps: Iterable[str], assets: Assets, *, receipts: bool = True
) -> PageAssets:
    """Find the assets and maps that a page names; what is not there is left out."""
    found = {name: path for name in names if (path := assets.file(name))}
    folders = {name: path.parent for name in maps if (path := assets.file(f"{name}/map.json"))}
    jobs = dict.fromkeys(name.split("/")[0] for name in (*found, *folders))
    left = {job: receipt for job in jobs if receipts and (receipt := assets.receipt(job))}
    return PageAssets(found, folders, left)


def contents_digest(names: Iterable[str], assets: Assets) -> str:
    """Hash the content of the files that a page's Python reads."""
    found = {name: path for name in names if (path := assets.file(name))}
    return digest(*(part for n in sorted(found) for part in (n, found[n].read_bytes())))


def published_name(name: str, content: bytes) -> str:
    """Name an asset in its page's folder: `data/<job>/<hash>.<file>`."""
    folder, _, file = name.rpartition("/")
    return f"data/{folder}/{digest(content)[:HASH_LENGTH]}.{file}"


def map_files(name: str, folder: Path) -> dict[str, bytes]:
    """Give a map's files as its page has them: one hashed folder, `data/<job>/<hash>/`.

    A map that can't be read has none.
    """
    try:
        plan = json.loads((folder / "map.json").read_bytes())
        patterns = [level["file"].split("{")[0] for level in plan["levels"]]
    except (ValueError, KeyError, TypeError):
        return {}  # the directive says what is wrong with it
    held = {}
    for path in sorted(folder.rglob("*.png")):
        relative = path.relative_to(folder).as_posix()
        if any(relative.startswith(pattern) for pattern in patterns):
            held[relative] = path.read_bytes()
    held["map.json"] = (folder / "map.json").read_bytes()
    key = digest(*(part for file in sorted(held) for part in (file, held[file])))[:HASH_LENGTH]
    return {f"data/{name}/{key}/{file}": content for file, content in held.items()}


def plain_names(name: str, folder: Path) -> dict[str, bytes]:
    """Give a map's files as its job's receipt names them."""
    inner = name.partition("/")[2]
    start = f"{inner}/" if inner else ""
    found = map_files(name, folder).items()
    skip = len(f"data/{name}/") + HASH_LENGTH + 1
    return {start + path[skip:]: content for path, content in found}


def sent_bytes(name: str, content: bytes) -> int:
    """Return what an asset costs to send, compressed where a host would compress it."""
    return len(content) if name.endswith(PACKED) else compressed_size(content)
