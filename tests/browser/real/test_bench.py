"""`workings bench` on the real site, once through."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from workings_build.bench.report import ROWS

from .conftest import Built

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def processes_that_name(folder: Path) -> list[str]:
    """Command lines of running processes that hold a folder's name."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # it ended meanwhile
    return [line for line in lines if str(folder) in line]


def test_the_bench_measures_everything_and_leaves_nothing_behind(built: Built, tmp_path: Path):
    out = tmp_path / "bench.json"
    profiles = Path(tempfile.mkdtemp(prefix="wb-"))  # a short name: browsers put sockets there
    command = [sys.executable, "-m", "workings_build", "bench", "--dist", str(built.folder)]
    done = subprocess.run(
        [*command, "--runs", "1", "--json", str(out)],
        env={**os.environ, "TMPDIR": str(profiles)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    for title, *_ in ROWS:
        assert f"\n{title} (" in done.stdout
    found = json.loads(out.read_text())
    rows = {row["what"]: row for row in found["summary"]["rows"]}
    for title, row in rows.items():
        baked = "baked" in title
        assert row["site"] is not None, title
        assert (row["numpy"] is None) == (row["matplotlib"] is None) == baked, title
    assert rows["bytes until Python is ready, cold"]["site/matplotlib"] < 1
    assert [path for path in profiles.iterdir() if path.name.startswith("workings-bench")] == []
    assert processes_that_name(profiles) == []
    shutil.rmtree(profiles)
