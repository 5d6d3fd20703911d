"""`workings vendor --pin`: the lock file is written from what packages really hold.

npm and pip fetch packages that are made here, from this machine's own folders.
"""

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from workings_build.vendor import command, load_pins, repin

pytestmark = pytest.mark.slow

ENGINE, NUMBERS, HELPER = b"export const engine = 1;\n", b"numbers" * 50, b"helper" * 50
FILES = {"numbers-1.0.whl": NUMBERS, "helper-1.0.whl": HELPER}

RECIPE = """
[packages.pyodide]
kind = "npm"
spec = "file:{folder}/engine-1.0.0.tgz"

[packages.wheels]
kind = "pypi"
spec = "carrier==1.0"

[[sets]]
need = "pyodide"
package = "pyodide"
to = "pyodide/"
strip = "dist/"
members = ["{pattern}", "pyodide-lock.json"]

[[sets]]
need = "numbers"
package = "wheels"
to = "pyodide/"
folder = "carrier/files/"
wheels = ["numbers"]
"""


def npm_package(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def wheel(path: Path, members: dict[str, bytes]) -> None:
    facts = {
        "METADATA": b"Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n",
        "WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("carrier/", b"")
        for name, content in members.items():
            archive.writestr(f"carrier/files/{name}", content)
        for name, content in facts.items():
            archive.writestr(f"carrier-1.0.dist-info/{name}", content)


@pytest.fixture
def pin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Give a function that pins packages anew and fetches what they carry."""
    there = tmp_path / "packages"
    there.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(there))
    monkeypatch.setattr(repin, "RECIPE", tmp_path / "runtime.in.toml")
    monkeypatch.setattr(repin, "LOCK", tmp_path / "runtime.toml")
    monkeypatch.setattr(command, "load_pins", lambda: load_pins(tmp_path / "runtime.toml"))

    def run(held: dict[str, bytes] = FILES, pattern: str = "dist/*.mjs"):
        said = {
            name.partition("-")[0]: {
                "file_name": name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "depends": ["helper"],
            }
            for name, content in FILES.items()
        }
        npm_package(
            there / "engine-1.0.0.tgz",
            {
                "package.json": b'{"name": "engine", "version": "1.0.0"}',
                "pyodide-lock.json": json.dumps({"packages": said}).encode(),
                "dist/engine.mjs": ENGINE,
            },
        )
        wheel(there / "carrier-1.0-py3-none-any.whl", held)
        (tmp_path / "runtime.in.toml").write_text(RECIPE.format(folder=there, pattern=pattern))
        options = ["--pin", "--cache", str(tmp_path / "cache"), "--copy-to", str(tmp_path / "out")]
        return CliRunner().invoke(command.vendor_command, [*options, "pyodide", "numbers"])

    return run


def test_what_packages_hold_is_pinned_and_then_fetched(pin, tmp_path: Path):
    result = pin()
    assert result.exit_code == 0, result.output
    assert "fetching carrier==1.0" in result.output
    assert "runtime.toml: 4 files from 2 packages." in result.output
    pins = load_pins(tmp_path / "runtime.toml")
    assert [one.name for one in pins.files] == [
        "pyodide/engine.mjs",
        "pyodide/pyodide-lock.json",
        "pyodide/helper-1.0.whl",
        "pyodide/numbers-1.0.whl",
    ]
    assert pins.files[0].sha256 == hashlib.sha256(ENGINE).hexdigest()
    assert (tmp_path / "out" / "pyodide" / "numbers-1.0.whl").read_bytes() == NUMBERS


def test_a_carrier_that_differs_from_pyodides_own_lock_is_refused(pin, tmp_path: Path):
    result = pin({**FILES, "helper-1.0.whl": b"other"})
    assert result.exit_code == 3
    assert "pyodide/helper-1.0.whl" in result.output
    assert "as Pyodide's lock file says" in result.output
    assert not (tmp_path / "runtime.toml").exists()


def test_a_recipe_that_asks_for_what_is_not_there_is_told(pin):
    result = pin(pattern="dist/*.cjs")
    assert result.exit_code == 3
    assert "engine-1.0.0.tgz holds nothing like dist/*.cjs" in result.output
