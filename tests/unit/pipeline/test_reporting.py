"""What a build shows of its progress: bars on a terminal, nothing elsewhere."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from workings_build.reporting import Silent, Terminal

SCRIPT = """
from workings_build.reporting import Terminal
with Terminal().stage("bake", 3) as advance:
    for _ in range(3):
        advance()
"""


def test_a_bar_is_drawn_on_a_terminal() -> None:
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, stderr=theirs, timeout=60)
    os.close(theirs)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "bake" in said and "3/3" in said


def test_nothing_is_drawn_where_no_one_looks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, capture_output=True, timeout=60
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_notes_are_for_the_curious(capsys: pytest.CaptureFixture[str]) -> None:
    for reporter in (Silent(), Terminal(), Terminal(verbose=True)):
        reporter.note("a note")
        with reporter.stage("nothing", 0) as advance:
            advance()
    assert capsys.readouterr().err == "a note\n"


def test_only_a_terminal_tells_of_files_being_fetched() -> None:
    assert Silent().fetching() is None
    assert Terminal().fetching() is not None
