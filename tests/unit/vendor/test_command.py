"""`workings vendor` as a user meets it: output and exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from workings_build.vendor import command

from tests.unit.vendor.mirror import BODIES, NAMES, Mirror, pins_for

ONE, TWO, THREE = NAMES


@pytest.fixture
def run(monkeypatch, cache: Path):
    monkeypatch.setattr(command, "load_pins", pins_for)

    def invoke(*arguments: str):
        return CliRunner().invoke(
            command.vendor_command, ["--cache", str(cache), "--only-mirror", *arguments]
        )

    return invoke


def test_success_says_how_much_was_verified(run, mirror: Mirror):
    result = run("pyodide", "fonts", "--mirror", mirror.address)
    assert result.exit_code == 0
    assert "2 files, 0.6 MB, verified." in result.output


def test_quiet_says_nothing(run, mirror: Mirror):
    assert run("pyodide", "-q", "--mirror", mirror.address).output == ""


@pytest.mark.parametrize("fault", ["wrong", "truncated", "absent", "down", "broken off"])
def test_every_fault_exits_with_3_and_names_the_file(run, mirror: Mirror, cache: Path, fault: str):
    address = mirror.address
    if fault == "wrong":
        mirror.files[TWO] = b"\0" * len(BODIES[TWO])
    elif fault == "truncated":
        mirror.files[TWO] = BODIES[TWO][:1000]
    elif fault == "absent":
        del mirror.files[TWO]
    elif fault == "down":
        address = "http://127.0.0.1:9"
    else:
        mirror.cut[TWO] = [10] * 4
    result = run("pyscript", "--mirror", address)
    assert result.exit_code == 3
    assert TWO in result.output
    assert result.output.startswith(("Fetching", "mirror:", "Error:"))
    assert not list(cache.rglob("two.js"))


def test_a_copy_is_a_mirror_for_others(run, mirror: Mirror, tmp_path: Path, cache: Path):
    assert (
        run("pyscript", "--mirror", mirror.address, "--copy-to", str(tmp_path / "m")).exit_code == 0
    )
    (next(cache.rglob("two.js"))).unlink()
    assert run("pyscript", "--mirror", str(tmp_path / "m")).exit_code == 0


def test_the_module_runs_by_itself(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "workings_build.vendor", "--only-mirror", "axe"],
        env={**os.environ, "WORKINGS_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3
    assert "axe/axe.min.js" in done.stderr
    assert "registries were not to be asked" in done.stderr
