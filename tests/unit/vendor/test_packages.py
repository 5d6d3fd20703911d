"""The archives that carry files: verified as a whole, then file by file."""

import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from workings_build.vendor import Package, Pin, VendorError
from workings_build.vendor import registries as module
from workings_build.vendor.progress import Silent
from workings_build.vendor.registries import fetch_from_package, integrity_of
from workings_build.vendor.store import Store

BODY = b"export const katex = 1;\n" * 40


def archive(kind: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "npm":
        path = folder / "carrier-1.0.0.tgz"
        with tarfile.open(path, "w:gz") as tar:
            info = tarfile.TarInfo("package/one.js")
            info.size = len(BODY)
            tar.addfile(info, io.BytesIO(BODY))
            inner = tarfile.TarInfo("package/folder")
            inner.type = tarfile.DIRTYPE
            tar.addfile(inner)
        return path
    path = folder / "carrier-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("package/one.js", BODY)
    return path


@pytest.fixture(params=["npm", "pypi"])
def carrier(request, tmp_path: Path, monkeypatch) -> Package:
    """A package whose archive is made here instead of being downloaded."""
    path = archive(request.param, tmp_path / "there")
    monkeypatch.setattr(module, "download", lambda kind, spec, folder: path)
    return Package(
        "carrier",
        request.param,
        "carrier@1.0.0",
        path.stat().st_size,
        integrity_of(request.param, path),
    )


def pin(**changes) -> Pin:
    one = Pin(
        "katex/one.js",
        "katex",
        len(BODY),
        hashlib.sha256(BODY).hexdigest(),
        "carrier",
        "package/one.js",
    )
    return replace(one, **changes)


def test_a_pinned_file_is_taken_out(carrier: Package, cache: Path):
    store = Store(cache)
    fetch_from_package(carrier, [pin()], store, Silent())
    assert store.path(pin()).read_bytes() == BODY


def test_another_archive_than_the_pinned_one_is_refused(carrier: Package, cache: Path):
    store = Store(cache)
    other = replace(carrier, integrity=carrier.integrity[:-8] + "AAAAAAAA")
    with pytest.raises(VendorError, match=r"carrier@1\.0\.0(?s:.*)expected (?s:.*)look into why"):
        fetch_from_package(other, [pin()], store, Silent())
    assert not store.has(pin())


def test_another_file_than_the_pinned_one_is_refused(carrier: Package, cache: Path):
    store = Store(cache)
    other = pin(sha256="0" * 64)
    with pytest.raises(VendorError, match=r"katex/one\.js: wrong bytes from carrier@1\.0\.0"):
        fetch_from_package(carrier, [other], store, Silent())
    assert not list(store.root.rglob("*.js"))


@pytest.mark.parametrize("member", ["package/two.js", "package/folder"])
def test_a_file_that_the_archive_lacks_is_named(carrier: Package, cache: Path, member: str):
    with pytest.raises(VendorError, match=rf"carrier@1\.0\.0 holds no {member}"):
        fetch_from_package(carrier, [pin(member=member)], Store(cache), Silent())


def test_a_client_that_fails_is_told_with_its_last_words(tmp_path: Path, monkeypatch):
    script = tmp_path / "npm"
    script.write_text("#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(module, "find_npm", lambda: script)
    with pytest.raises(VendorError, match=r"nothing@1 can't be had through npm(?s:.*)E404"):
        module.download("npm", "nothing@1", tmp_path)


def test_a_client_that_never_ends_is_given_up(tmp_path: Path, monkeypatch):
    script = tmp_path / "npm"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setattr(module, "find_npm", lambda: script)
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    with pytest.raises(VendorError, match=r"nothing@1: npm gave no answer within 0\.2 s"):
        module.download("npm", "nothing@1", tmp_path)
