"""Packages that carry data: pinned, verified, and unpacked where they belong."""

import hashlib
import io
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from workings_build.precompute import fetching
from workings_build.precompute.carriers import (
    Carrier,
    CarrierError,
    ensure_carrier,
    load_carriers,
)

from tests.unit.precompute.project import ROOT

CARRIERS = load_carriers(ROOT)


def carrier(file: str, content: bytes) -> Carrier:
    kind = "npm" if file.endswith(".tgz") else "pypi"
    sha = hashlib.sha256(content).hexdigest()
    return Carrier("toy", kind, "toy", "1.0", file, sha, "MIT", "somewhere", "toys")


def wheel(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarball(members: dict[str, bytes | None]) -> bytes:
    """Make a tarball; a member without content is a link to /etc."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc"
            else:
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content or b""))
    return stream.getvalue()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch):
    """Serve archives by file name instead of asking a registry; count how often."""
    archives: dict[str, bytes] = {}
    asked: list[str] = []

    def download(wanted: Carrier, folder: Path) -> Path:
        asked.append(wanted.file)
        path = folder / wanted.file
        path.write_bytes(archives[wanted.file])
        return path

    monkeypatch.setattr(fetching, "_download", download)
    return archives, asked


@pytest.mark.parametrize("file", ["toy-1.0-py3-none-any.whl", "toy-1.0.tgz"])
def test_a_carrier_is_fetched_once_and_unpacked(served, tmp_path: Path, file: str):
    archives, asked = served
    make = wheel if file.endswith(".whl") else tarball
    archives[file] = make({"toy/data/a.txt": b"a", "toy/b.txt": b"b"})
    wanted = carrier(file, archives[file])
    folder = ensure_carrier(wanted, tmp_path)
    assert (folder / "toy" / "data" / "a.txt").read_bytes() == b"a"
    assert ensure_carrier(wanted, tmp_path) == folder
    assert asked == [file]
    assert [path.name for path in (tmp_path / "carriers").iterdir() if path.is_dir()] == [
        folder.name
    ]


def test_other_bytes_are_refused_and_nothing_is_left(served, tmp_path: Path):
    archives, _ = served
    file = "toy-1.0-py3-none-any.whl"
    wanted = carrier(file, wheel({"a": b"a"}))
    archives[file] = wheel({"a": b"b"})
    with pytest.raises(CarrierError, match="wrong bytes in toy") as fault:
        ensure_carrier(wanted, tmp_path)
    assert wanted.sha256 in str(fault.value) and "Nothing was unpacked" in str(fault.value)
    assert not [path for path in (tmp_path / "carriers").iterdir() if path.is_dir()]


@pytest.mark.parametrize("name", ["../out.txt", "/abs.txt", "a/../../out.txt", "a\\..\\b"])
@pytest.mark.parametrize("kind", ["whl", "tgz"])
def test_a_member_that_would_land_elsewhere_is_refused(served, tmp_path: Path, name, kind):
    archives, _ = served
    file = "toy-1.0-py3-none-any.whl" if kind == "whl" else "toy-1.0.tgz"
    archives[file] = (wheel if kind == "whl" else tarball)({"good.txt": b"", name: b"bad"})
    with pytest.raises(CarrierError, match="unsafe"):
        ensure_carrier(carrier(file, archives[file]), tmp_path / "cache")
    assert not list(tmp_path.rglob("*.txt"))


def test_links_are_left_out(served, tmp_path: Path):
    archives, _ = served
    archives["toy-1.0.tgz"] = tarball({"link": None, "real.txt": b"x"})
    folder = ensure_carrier(carrier("toy-1.0.tgz", archives["toy-1.0.tgz"]), tmp_path)
    assert [path.name for path in folder.iterdir()] == ["real.txt"]


def test_a_carrier_of_absurd_size_is_refused(served, tmp_path: Path, monkeypatch):
    archives, _ = served
    monkeypatch.setattr(fetching, "MOST_BYTES", 3)
    archives["toy-1.0.tgz"] = tarball({"a": b"12", "b": b"34"})
    with pytest.raises(CarrierError, match="over 3 bytes"):
        ensure_carrier(carrier("toy-1.0.tgz", archives["toy-1.0.tgz"]), tmp_path)


def test_a_package_that_cannot_be_had_says_what_to_do(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(fetching, "_command", lambda carrier, spec: ["false"])
    with pytest.raises(CarrierError, match="Is there a network") as fault:
        ensure_carrier(carrier("toy-1.0.tgz", b""), tmp_path)
    assert "toy@1.0 should give toy-1.0.tgz, but gave nothing" in str(fault.value)


def test_a_client_that_cannot_be_started_is_told(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(fetching, "_command", lambda carrier, spec: [str(tmp_path / "nothing")])
    with pytest.raises(CarrierError, match=r"'toy' can't be had: .*No such file"):
        ensure_carrier(carrier("toy-1.0.tgz", b""), tmp_path)


@pytest.mark.slow
def test_pip_fetches_the_very_wheel(tmp_path: Path, monkeypatch):
    """From a folder on this machine, instead of the index."""
    facts = {
        "toy-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n",
        "toy-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    content = wheel({"toy/a.txt": b"a", **facts})
    (tmp_path / "toy-1.0-py3-none-any.whl").write_bytes(content)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    folder = ensure_carrier(carrier("toy-1.0-py3-none-any.whl", content), tmp_path / "cache")
    assert (folder / "toy" / "a.txt").read_bytes() == b"a"


def test_what_another_run_has_unpacked_meanwhile_is_taken(served, tmp_path: Path):
    _, asked = served
    (tmp_path / "toy-1").mkdir()
    fetching.fetch_and_unpack(carrier("toy-1.0.tgz", b""), tmp_path / "toy-1")
    assert asked == []


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="Debian's own tool reads its packages")
def test_a_debian_package_is_unpacked_without_being_installed(served, tmp_path: Path):
    archives, _ = served
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: toy\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@example.org>\n"
        "Description: A toy\n"
    )
    (tree / "usr").mkdir()
    (tree / "usr" / "words").write_text("words\n")
    built = tmp_path / "toy_1.0_all.deb"
    subprocess.run(["dpkg-deb", "--build", str(tree), str(built)], check=True, capture_output=True)
    archives[built.name] = built.read_bytes()
    folder = ensure_carrier(carrier(built.name, archives[built.name]), tmp_path / "cache")
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["words"]
    archives[built.name] = b"!<arch>\n"
    with pytest.raises((CarrierError, tarfile.ReadError)):
        ensure_carrier(carrier(built.name, archives[built.name]), tmp_path / "cache")


def test_each_registry_is_asked_through_its_own_client():
    debian = Carrier("toy", "debian", "toy", "1.0", "toy.deb", "", "MIT", "somewhere", "toys")
    assert fetching._command(debian, "toy=1.0") == ["apt-get", "download", "--quiet", "toy=1.0"]
    npm = fetching._command(carrier("toy-1.0.tgz", b""), "toy@1.0")
    assert npm[1:] == ["pack", "toy@1.0", "--ignore-scripts", "--silent"]


def test_the_very_wheel_is_asked_for_on_every_machine():
    command = fetching._command(CARRIERS["scikit-learn"], "scikit-learn==1.7.2")
    assert command[-5:] == ["--platform", "manylinux_2_17_x86_64", "--dest", ".",
                            "scikit-learn==1.7.2"]  # fmt: skip
    assert "--no-deps" in command and "--abi" in command


@pytest.mark.parametrize("name", CARRIERS)
def test_every_carrier_is_pinned_and_has_a_licence(name: str):
    one = CARRIERS[name]
    assert re.fullmatch("[0-9a-f]{64}", one.sha256)
    assert one.version in one.file
    assert one.licence and one.licence_url.startswith("https://") and one.what
