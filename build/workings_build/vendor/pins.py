"""The lock file of the runtime: which files, which bytes, carried by which packages."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workings_build.vendor.errors import VendorError

LOCK = Path(__file__).resolve().parents[2] / "locks" / "runtime.toml"


@dataclass(frozen=True)
class Package:
    """A package of a registry that carries pinned files.

    `integrity` is `sha512-…` (base64, as npm writes it) or `sha256:…` (hexadecimal).
    """

    key: str
    kind: Literal["npm", "pypi"]
    spec: str
    bytes: int
    integrity: str


@dataclass(frozen=True)
class Pin:
    """One file: its logical name is also its place under the runtime folder."""

    name: str
    need: str
    bytes: int
    sha256: str
    package: str
    member: str

    @property
    def file_name(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True)
class Pins:
    """All pinned files and the packages that carry them."""

    files: tuple[Pin, ...]
    packages: dict[str, Package]

    @property
    def needs(self) -> tuple[str, ...]:
        """Every need, in the order of the lock file."""
        return tuple(dict.fromkeys(pin.need for pin in self.files))

    def of(self, needs: Iterable[str]) -> tuple[Pin, ...]:
        """Give the files of `needs`.

        Raises
        ------
        VendorError
            For a need that no file answers.
        """
        wanted = set(needs)
        if unknown := sorted(wanted - set(self.needs)):
            raise VendorError(
                f"unknown need {', '.join(unknown)}. Known: {', '.join(self.needs)}. "
                f"Needs are named in {LOCK.name}, which `workings vendor --pin` writes."
            )
        return tuple(pin for pin in self.files if pin.need in wanted)


def load_pins(path: Path = LOCK) -> Pins:
    """Read a lock file.

    Raises
    ------
    VendorError
        Where the file is missing or is not what `workings vendor --pin` writes.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        packages = {key: Package(key=key, **entry) for key, entry in data["packages"].items()}
        files = tuple(Pin(**entry) for entry in data["files"])
    except OSError as error:
        raise VendorError(f"{path}: can't be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise VendorError(
            f"{path}: not a lock file ({error}). Write it anew with `workings vendor --pin`."
        ) from error
    _check(path, files, packages)
    return Pins(files, packages)


def _check(path: Path, files: tuple[Pin, ...], packages: dict[str, Package]) -> None:
    seen: set[str] = set()
    for pin in files:
        if pin.name in seen:
            raise VendorError(f"{path}: {pin.name} is pinned twice.")
        seen.add(pin.name)
        if pin.package not in packages:
            raise VendorError(f"{path}: {pin.name} names no known package ({pin.package}).")
        parts = pin.name.split("/")
        if pin.name.startswith("/") or "\\" in pin.name or {"", ".", ".."} & set(parts):
            raise VendorError(f"{path}: {pin.name!r} is no path inside the runtime folder.")
        if len(pin.sha256) != 64 or set(pin.sha256) - set("0123456789abcdef"):
            raise VendorError(f"{path}: {pin.name} has no sha256 sum of 64 digits.")
