"""`pytest --whole`: a run in which tests were skipped or lost does not pass."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PASSES = "def test_one(): pass\n"
SKIPS = PASSES + "import pytest\ndef test_two(): pytest.skip('no browser')\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "least", "options", "code"),
    [
        (PASSES, 1, ["--whole"], 0),
        (SKIPS, 1, [], 0),
        (SKIPS, 1, ["--whole"], 1),
        (PASSES, 2, ["--whole"], 1),
        (SKIPS, 1, ["--whole", "-n1"], 1),
    ],
)
def test_a_run_is_whole_or_fails(tmp_path: Path, source: str, least: int, options, code: int):
    (tmp_path / "test_it.py").write_text(source)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nleast_tests = {least}\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["-c", str(tmp_path / "pytest.ini"), *options, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("not whole" in done.stdout) == (code == 1)
