"""Which Python the set-up takes."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "build" / "setup" / "find_python.sh"


@pytest.fixture
def find(tmp_path: Path):
    """Run the script where nothing but the given commands is on the path."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "cat"):
        (tools / tool).symlink_to(f"/bin/{tool}")

    def run(commands: dict[str, str], *arguments: str):
        for name, body in commands.items():
            (tools / name).write_text(f"#!/bin/sh\n{body}\n")
            (tools / name).chmod(0o755)
        return subprocess.run(
            ["/bin/sh", str(SCRIPT), *arguments],
            env={"PATH": str(tools), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def real() -> str:
    return f'exec {sys.executable} "$@"'


def test_a_command_that_exists_but_does_not_run_is_passed_over(find):
    found = find({"python3.12": "echo 'command not found' >&2; exit 127", "python3": real()})
    assert found.returncode == 0
    assert found.stdout.strip().endswith("/python3")


def test_the_one_that_is_asked_for_goes_first(find, tmp_path: Path):
    found = find({"python3.12": real(), "mine": real()}, str(tmp_path / "tools" / "mine"))
    assert found.stdout.strip().endswith("/mine")


def test_without_one_that_fits_it_says_what_to_do(find):
    found = find({"python3": "exit 1"}, "")
    assert found.returncode == 1
    assert found.stdout == ""
    assert "needs Python 3.11 or 3.12" in found.stderr
    assert "make PYTHON=" in found.stderr
