"""Peers to measure beside the site: ready-made builds, each with a `peer.toml` that describes it.

How they are made is in `docs/bench.md`. Nothing of them is part of this project.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from workings_build.bench.measure import Measurer, visits
from workings_build.bench.server import Server
from workings_build.bench.subjects import Subject, site_subject
from workings_build.bench.targets import Target

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

FILE = "peer.toml"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class BadPeer(RuntimeError):
    """A folder of peers, or one of them, is not what can be measured."""


class Peer(BaseModel):
    """A peer's build, as its `peer.toml` says.

    `control`, `picture`, `ready` and `text` are selectors, ` >>> ` enters a shadow root; where
    `ready` is left out, Python counts as ready when the first picture is there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    version: Text
    start: Text = "index.html"
    control: Text
    picture: Text
    text: Text
    ready: Text | None = None
    move: Literal["value", "keys"] = "value"

    def subject(self, folder: str, values: tuple[float, ...]) -> Subject:
        """Say what is opened, moved and watched."""
        return Subject(
            folder,
            f"/peers/{folder}/{self.start.removesuffix('index.html')}",
            self.control,
            self.picture,
            self.ready or self.picture,
            self.text,
            self.move,
            between=values,
        )


def read_peers(folder: Path) -> dict[str, Peer]:
    """Read every peer in a folder, by the names of their folders, in order.

    Raises
    ------
    BadPeer
        Where there is none, or where one is not as it should be.
    """
    found = {file.parent.name: _read(file) for file in sorted(folder.glob(f"*/{FILE}"))}
    if not found:
        raise BadPeer(
            f"{folder}: no folder in it holds a {FILE}. docs/bench.md says how peers are made."
        )
    if "site" in found:
        raise BadPeer(f"{folder / 'site'}: “site” is our own column; rename the folder.")
    return found


def _read(file: Path) -> Peer:
    try:
        peer = Peer(**tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPeer(f"{file}: this is not TOML: {error}. Put that line right.") from error
    except ValidationError as error:
        raise BadPeer("\n".join(f"{file}: {_told(fault)}" for fault in error.errors())) from error
    page = file.parent / peer.start.partition("?")[0].partition("#")[0]
    if not (page.is_file() or (page / "index.html").is_file()):
        raise BadPeer(
            f"{file}: `start` names {peer.start}, and there is no such page beside it. Build the "
            "peer again, or name the page that is there."
        )
    return peer


def _told(fault: Any) -> str:
    """Say what is wrong with one key, and what to do."""
    key = ".".join(map(str, fault["loc"]))
    keys = ", ".join(Peer.model_fields)
    if fault["type"] == "missing":
        return f"`{key}` is missing. Add it; docs/bench.md describes the keys."
    if fault["type"] == "extra_forbidden":
        return f"`{key}` is no key of a peer. Remove it, or correct it to one of: {keys}."
    return f"`{key}` is {fault['input']!r}: {fault['msg']}. Correct it."


def measure_peers(
    playwright: "Playwright",
    server: Server,
    target: Target,
    peers: dict[str, Peer],
    runs: int,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Measure the site and the peers, in turn; peers are moved through the site's own values."""
    beside = (peer.subject(name, target.between) for name, peer in peers.items())
    pages = (site_subject(target), *beside)
    samples = visits(Measurer(playwright, server), pages, runs, progress)
    return {
        "pages": {name: dict(one.values) for name, one in samples.items()},
        "elsewhere": {name: sorted(one.elsewhere) for name, one in samples.items()},
        "peers": {name: peer.model_dump() for name, peer in peers.items()},
    }
