"""Files from a mirror: the right ones are put in place, all else stops with a clear message."""

import socket
from pathlib import Path

import pytest
from workings_build.vendor import VendorError, ensure

from tests.unit.vendor.mirror import BODIES, NAMES, Mirror, pins_for

ONE, TWO, THREE = NAMES
NEEDS = ("pyodide", "pyscript", "fonts")


def fetch(cache: Path, mirror: str, needs=NEEDS, pins=None):
    return ensure(needs, mirror=mirror, cache=cache, registries=False, pins=pins or pins_for())


def whole_files(cache: Path) -> list[str]:
    """What lies in the cache, apart from the lock."""
    return sorted(p.name for p in cache.rglob("*") if p.is_file() and p.name != ".lock")


def test_right_bytes_are_put_in_place(cache: Path, mirror: Mirror):
    vendored = fetch(cache, mirror.address)
    assert {name: vendored.path(name).read_bytes() for name in NAMES} == BODIES
    assert whole_files(cache) == ["one.wasm", "three.woff2", "two.js"]


def test_a_second_run_asks_no_source(cache: Path, mirror: Mirror):
    fetch(cache, mirror.address)
    before = len(mirror.asked)
    fetch(cache, mirror.address)
    assert len(mirror.asked) == before == 3


def test_a_spoilt_file_in_the_cache_is_fetched_again(cache: Path, mirror: Mirror):
    path = fetch(cache, mirror.address).path(ONE)
    path.write_bytes(b"x" * len(BODIES[ONE]))
    assert fetch(cache, mirror.address).path(ONE).read_bytes() == BODIES[ONE]


@pytest.mark.parametrize("resumed", [False, True])
def test_wrong_bytes_stop_with_both_sums_and_leave_nothing(
    cache: Path, mirror: Mirror, resumed: bool
):
    pin = pins_for().files[0]
    if resumed:
        part = cache / "runtime" / pin.sha256 / "one.wasm.part"
        part.parent.mkdir(parents=True)
        part.write_bytes(BODIES[ONE][:1000])
    wrong = bytearray(BODIES[ONE])
    wrong[1234] ^= 1
    mirror.files[ONE] = bytes(wrong)
    with pytest.raises(VendorError) as caught:
        fetch(cache, mirror.address)
    message = str(caught.value)
    assert ONE in message
    assert pin.sha256 in message
    assert message.count("sha256") == 2
    assert mirror.address in message
    assert "Mend the mirror" in message
    assert "one.wasm" not in whole_files(cache)
    assert "one.wasm.part" not in whole_files(cache)


@pytest.mark.parametrize("change", [-1, -100_000, +1])
def test_a_file_of_another_length_is_wrong(cache: Path, mirror: Mirror, change: int):
    body = BODIES[TWO]
    mirror.files[TWO] = body[:change] if change < 0 else body + b"x" * change
    with pytest.raises(VendorError, match=r"two\.js: wrong bytes .*(?s:.*)expected 300,000 bytes"):
        fetch(cache, mirror.address)
    assert "two.js" not in "".join(whole_files(cache))


def test_a_file_that_the_mirror_lacks_is_named(cache: Path, mirror: Mirror):
    del mirror.files[THREE]
    with pytest.raises(VendorError, match=r"fonts/three\.woff2 is not on the mirror .* \(404\)"):
        fetch(cache, mirror.address)
    assert whole_files(cache) == ["one.wasm", "two.js"]


def test_a_mirror_that_is_down_is_named_and_asked_once(cache: Path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(VendorError, match=rf"127\.0\.0\.1:{port}.* can't be reached") as caught:
        fetch(cache, f"http://127.0.0.1:{port}")
    assert "3 file(s) can't be had" in str(caught.value)
    assert "run the same command again" in str(caught.value)
    assert whole_files(cache) == []


def test_a_mirror_that_answers_with_errors_is_told_of(cache: Path, mirror: Mirror):
    mirror.status[ONE] = 503
    with pytest.raises(VendorError, match="it answers 503"):
        fetch(cache, mirror.address)
    assert whole_files(cache) == []


def test_a_cut_connection_is_resumed_within_the_run(cache: Path, mirror: Mirror):
    mirror.cut[ONE] = [100_000, 50_000]
    assert fetch(cache, mirror.address).path(ONE).read_bytes() == BODIES[ONE]
    ranges = [wanted for name, wanted in mirror.asked if name == ONE]
    assert ranges == [None, "bytes=100000-", "bytes=150000-"]


def test_an_interrupted_download_is_resumed_by_the_next_run(cache: Path, mirror: Mirror):
    mirror.cut[ONE] = [70_000, 10_000, 10_000, 10_000]
    with pytest.raises(VendorError, match="broke off after 100,000 of 300,000 bytes"):
        fetch(cache, mirror.address)
    assert "one.wasm" not in whole_files(cache)
    mirror.asked.clear()
    assert fetch(cache, mirror.address).path(ONE).read_bytes() == BODIES[ONE]
    assert (ONE, "bytes=100000-") in mirror.asked
    assert not [name for name in whole_files(cache) if name.endswith(".part")]


def test_a_mirror_without_ranges_is_read_from_the_start(cache: Path, mirror: Mirror):
    mirror.ranges = False
    mirror.cut[ONE] = [70_000]
    assert fetch(cache, mirror.address).path(ONE).read_bytes() == BODIES[ONE]


@pytest.mark.parametrize("size", [1000, 300_000, 400_000])
def test_a_spoilt_beginning_is_thrown_away(cache: Path, mirror: Mirror, size: int):
    part = cache / "runtime" / pins_for().files[0].sha256 / "one.wasm.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"?" * size)
    assert fetch(cache, mirror.address).path(ONE).read_bytes() == BODIES[ONE]
    assert not part.exists()


def test_pyodides_files_may_lie_flat(cache: Path, mirror: Mirror):
    mirror.files["one.wasm"] = mirror.files.pop(ONE)
    assert fetch(cache, mirror.address).path(ONE).read_bytes() == BODIES[ONE]


def test_a_folder_is_a_mirror(cache: Path, tmp_path: Path):
    folder = tmp_path / "mirror"
    for name, body in BODIES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    assert fetch(cache, str(folder)).path(TWO).read_bytes() == BODIES[TWO]


def test_wrong_bytes_in_a_folder_leave_nothing(cache: Path, tmp_path: Path):
    folder = tmp_path / "mirror"
    (folder / "pyscript").mkdir(parents=True)
    (folder / TWO).write_bytes(b"<html>not it")
    with pytest.raises(VendorError, match=r"two\.js: wrong bytes"):
        fetch(cache, str(folder), ["pyscript"])
    assert whole_files(cache) == []


@pytest.mark.parametrize("where", ["ftp://127.0.0.1/x", "/no/such/folder"])
def test_a_mirror_that_can_be_none_is_refused(cache: Path, where: str):
    with pytest.raises(VendorError, match=f"--mirror {where}"):
        fetch(cache, where)


def began(cache: Path, content: bytes) -> None:
    """Leave what an earlier run has fetched of the first file."""
    part = cache / "runtime" / pins_for().files[0].sha256 / "one.wasm.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(content)


def test_a_piece_longer_than_the_file_is_fetched_anew(cache: Path, mirror: Mirror):
    began(cache, BODIES[ONE] + b"more")
    assert fetch(cache, mirror.address, ["pyodide"]).path(ONE).read_bytes() == BODIES[ONE]
    assert mirror.asked == [(ONE, None)]


@pytest.mark.parametrize("said", ["bytes 7-299999/300000", "pages 3"])
def test_a_mirror_that_sends_another_range_is_not_gone_on_from(
    cache: Path, mirror: Mirror, said: str
):
    began(cache, BODIES[ONE][:1000])
    mirror.said_range = said
    if said.startswith("bytes"):
        assert fetch(cache, mirror.address, ["pyodide"]).path(ONE).read_bytes() == BODIES[ONE]
    else:
        with pytest.raises(VendorError, match="a range without saying which"):
            fetch(cache, mirror.address, ["pyodide"])


def test_a_mirror_whose_file_ends_before_the_piece_is_asked_from_the_start(
    cache: Path, mirror: Mirror
):
    began(cache, BODIES[ONE][:1000])
    mirror.files[ONE] = BODIES[ONE][:500]
    with pytest.raises(VendorError, match="a file of 500 bytes"):
        fetch(cache, mirror.address, ["pyodide"])
    assert [wanted for _, wanted in mirror.asked] == ["bytes=1000-", None]


def test_a_folder_without_the_file_or_with_a_folder_in_its_place_is_told(
    cache: Path, tmp_path: Path
):
    folder = tmp_path / "mirror"
    folder.mkdir()
    with pytest.raises(VendorError, match=r"two\.js is not in the folder"):
        fetch(cache, str(folder), ["pyscript"])
    (folder / TWO).mkdir(parents=True)
    with pytest.raises(VendorError, match=r"two\.js: can't be read \(Is a directory\)"):
        fetch(cache, str(folder), ["pyscript"])
