"""Bring pinned files into the cache: from the cache itself, a mirror, or the registries."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from workings_build.vendor.errors import Unavailable, Unreachable, VendorError
from workings_build.vendor.mirrors import open_mirror
from workings_build.vendor.pins import Package, Pin, Pins, load_pins
from workings_build.vendor.progress import Progress, Silent
from workings_build.vendor.registries import fetch_from_package
from workings_build.vendor.store import Store, default_cache

Fetcher = Callable[[Package, Sequence[Pin], Store, Progress], None]


@dataclass(frozen=True)
class Vendored:
    """Verified files in the cache, by their logical names."""

    paths: dict[str, Path]
    pins: tuple[Pin, ...]

    def path(self, name: str) -> Path:
        """Give the file of a logical name, such as `pyodide/pyodide.mjs`."""
        try:
            return self.paths[name]
        except KeyError:
            raise VendorError(f"{name} was not asked for, or is not pinned.") from None

    def of(self, *needs: str) -> dict[str, Path]:
        """Give the files of some of the needs, by name."""
        return {pin.name: self.paths[pin.name] for pin in self.pins if pin.need in needs}

    def copy_into(self, folder: Path, *needs: str) -> None:
        """Lay out files under their names in `folder`: all of them, or those of some needs."""
        for pin in self.pins:
            if needs and pin.need not in needs:
                continue
            target = folder / pin.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.paths[pin.name], target)


def ensure(
    needs: Iterable[str],
    *,
    mirror: str | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
    registries: bool = True,
    pins: Pins | None = None,
    fetch_package: Fetcher = fetch_from_package,
) -> Vendored:
    """Return the files of `needs`, fetching and verifying what the cache lacks.

    Parameters
    ----------
    needs
        Names such as `pyodide`, `numpy`, `matplotlib`, `pyscript`, `katex`, `fonts`.
    mirror
        A folder or an address that is tried before the registries' packages.
    cache
        Where to keep the files; `$WORKINGS_CACHE`, or `~/.cache/workings`, by default.
    progress
        Told how far the work is.
    registries
        Whether the registries' packages may be asked at all.

    Raises
    ------
    VendorError
        Where a file can't be had from any source, or a source gives wrong bytes.
    """
    pins = pins or load_pins()
    wanted = pins.of(needs)
    store = Store(cache or default_cache())
    told = progress or Silent()
    missing = [pin for pin in wanted if not store.has(pin)]
    if missing:
        with store.fetching():
            missing = [pin for pin in missing if not store.has(pin)]
            told.start(sum(pin.bytes for pin in missing))
            try:
                reasons: dict[str, str] = {}
                if mirror is not None:
                    missing = _from_mirror(mirror, missing, store, told, reasons)
                if missing and not registries:
                    raise _nowhere(missing, reasons, "the registries were not to be asked")
                _from_packages(missing, pins.packages, store, told, reasons, fetch_package)
            finally:
                told.finish()
    return Vendored({pin.name: store.path(pin) for pin in wanted}, wanted)


def _from_mirror(
    mirror: str, pins: Sequence[Pin], store: Store, progress: Progress, reasons: dict[str, str]
) -> list[Pin]:
    """Take what the mirror has; what it lacks is returned, with the reasons noted."""
    source = open_mirror(mirror)
    left: list[Pin] = []
    for index, pin in enumerate(pins):
        progress.label(pin.file_name)
        try:
            source.fetch(pin, store, progress)
        except Unreachable as error:
            progress.warn(f"mirror: {error}")
            reasons.update((rest.name, str(error)) for rest in pins[index:])
            return [*left, *pins[index:]]
        except Unavailable as error:
            progress.warn(f"mirror: {error}")
            reasons[pin.name] = str(error)
            left.append(pin)
    return left


def _from_packages(
    pins: Sequence[Pin],
    packages: dict[str, Package],
    store: Store,
    progress: Progress,
    reasons: dict[str, str],
    fetch_package: Fetcher,
) -> None:
    ordered = sorted(pins, key=lambda pin: (pin.package, pin.name))
    for key, group in groupby(ordered, key=lambda pin: pin.package):
        carried = list(group)
        try:
            fetch_package(packages[key], carried, store, progress)
        except Unavailable as error:
            raise _nowhere(carried, reasons, str(error)) from error


def _nowhere(pins: Sequence[Pin], reasons: dict[str, str], last: str) -> VendorError:
    lines = [f"{len(pins)} file(s) can't be had from any source:"]
    for pin in pins[:8]:
        lines.append(f"  {pin.name}")
        if reason := reasons.get(pin.name):
            lines.append(f"    mirror: {reason}")
    if len(pins) > 8:
        lines.append(f"  and {len(pins) - 8} more")
    lines.append(f"  registries: {last}")
    lines.append(
        "Check the network or the mirror and run the same command again; "
        "`workings vendor --mirror URL|DIR` takes the files from a copy of yours."
    )
    return VendorError("\n".join(lines))
