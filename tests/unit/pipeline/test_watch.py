"""`workings serve` as a whole: it builds, serves, and shows what changes, problems included."""

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.pipeline.project import replace

WAIT = 60.0


@pytest.fixture
def address(project: Path) -> Iterator[str]:
    command = [sys.executable, "-u", "-m", "workings_build", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--root", str(project)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    said = process.stdout.readline().decode()
    match = re.search(r"http://127\.0\.0\.1:\d+/", said)
    assert match, said
    yield match[0]
    process.terminate()
    process.wait(20)
    process.stdout.close()


def page(address: str, path: str) -> str:
    with urllib.request.urlopen(address + path, timeout=10) as response:
        return str(response.read().decode())


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_an_edit_shows_and_so_does_a_problem_and_then_its_remedy(
    project: Path, address: str
) -> None:
    source = project / "explainers" / "papers" / "one"
    assert "Start with what" in page(address, "one/")
    replace(source / "page.md", "Start with what", "Begin with what")
    assert eventually(lambda: "Begin with what" in page(address, "one/"))
    replace(source / "exhibits.py", "difference < 1e-12", "difference > 1")
    assert eventually(lambda: "a_turn_keeps_the_length fails" in page(address, "one/"))
    assert 'data-exhibit="turning"' in page(address, "articles/two/")
    assert "Begin with what" in (project / "dist" / "one" / "index.html").read_text()
    replace(source / "exhibits.py", "difference > 1", "difference < 1e-12")
    assert eventually(lambda: "Begin with what" in page(address, "one/"))
