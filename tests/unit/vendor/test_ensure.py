"""The order of sources, what is laid out, and two runs at once."""

import threading
from pathlib import Path

import pytest
from workings_build.vendor import VendorError, ensure
from workings_build.vendor.errors import Unavailable

from tests.unit.vendor.mirror import BODIES, NAMES, Mirror, pins_for

ONE, TWO, THREE = NAMES


class Registry:
    """Stands in for the registries' packages."""

    def __init__(self, fault: Exception | None = None):
        self.fault = fault
        self.gave: list[str] = []

    def __call__(self, package, pins, store, progress):
        import io

        if self.fault:
            raise self.fault
        for pin in pins:
            self.gave.append(pin.name)
            store.put(pin, io.BytesIO(BODIES[pin.name]), "the carrier", "Look into it.")
            progress.advance(pin.bytes)


class Told:
    """Keeps what a progress bar would show."""

    def __init__(self):
        self.total, self.done, self.warnings, self.ended = 0, 0, [], 0

    def start(self, total):
        self.total = total

    def label(self, text):
        pass

    def advance(self, count):
        self.done += count

    def warn(self, text):
        self.warnings.append(text)

    def finish(self):
        self.ended += 1


def test_what_the_mirror_lacks_comes_from_the_registries(cache: Path, mirror: Mirror):
    del mirror.files[TWO]
    registry, told = Registry(), Told()
    vendored = ensure(
        ["pyodide", "pyscript"],
        mirror=mirror.address,
        cache=cache,
        progress=told,
        pins=pins_for(),
        fetch_package=registry,
    )
    assert registry.gave == [TWO]
    assert vendored.path(TWO).read_bytes() == BODIES[TWO]
    assert len(told.warnings) == 1
    assert TWO in told.warnings[0]


def test_only_what_is_needed_is_fetched(cache: Path):
    registry = Registry()
    vendored = ensure(["fonts"], cache=cache, pins=pins_for(), fetch_package=registry)
    assert registry.gave == [THREE] == list(vendored.paths)


def test_an_unknown_need_is_named_with_the_known_ones(cache: Path):
    with pytest.raises(VendorError, match=r"unknown need fnots\. Known: pyodide, pyscript, fonts"):
        ensure(["fnots"], cache=cache, pins=pins_for())


def test_when_every_source_fails_each_is_told(cache: Path, mirror: Mirror):
    mirror.files.clear()
    with pytest.raises(VendorError) as caught:
        ensure(
            ["fonts"],
            mirror=mirror.address,
            cache=cache,
            pins=pins_for(),
            fetch_package=Registry(Unavailable("carrier@1.0.0 can't be had through npm: E404")),
        )
    assert "is not on the mirror" in str(caught.value)
    assert "E404" in str(caught.value)
    assert "--mirror URL|DIR" in str(caught.value)


def test_progress_ends_at_the_total_even_after_a_cut(cache: Path, mirror: Mirror):
    mirror.cut[ONE] = [1000]
    mirror.ranges = False
    told = Told()
    ensure(["pyodide", "fonts"], mirror=mirror.address, cache=cache, progress=told, pins=pins_for())
    assert told.done == told.total == 600_000
    assert told.ended == 1


def test_two_runs_at_once_fetch_each_file_once(cache: Path, mirror: Mirror):
    results = []

    def run():
        results.append(
            ensure(["pyodide", "fonts"], mirror=mirror.address, cache=cache, pins=pins_for())
        )

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert sorted(name for name, _ in mirror.asked) == sorted([ONE, THREE])


def test_files_are_laid_out_under_their_names(cache: Path, tmp_path: Path):
    ensure(["pyodide", "fonts"], cache=cache, pins=pins_for(), fetch_package=Registry()).copy_into(
        tmp_path / "out", "fonts"
    )
    laid = [p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")]
    assert laid == [THREE]


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(VendorError, match="Set WORKINGS_CACHE"):
        ensure(["fonts"], cache=tmp_path / "file", pins=pins_for(), fetch_package=Registry())
