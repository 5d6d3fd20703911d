"""Node is installed only where the environment has none that is new enough."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from workings_build.vendor import VendorError, find_node, node

MAKEFILE = (Path(__file__).parents[3] / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(("version", "code"), [("20.11.0", 0), ("18.0.0", 0), ("16.20.2", 1)])
def test_the_makefile_tells_a_node_that_will_do_from_one_that_is_too_old(version: str, code: int):
    asked = re.search(r"node -e '(.+?)' 2>", MAKEFILE)
    assert asked
    program = asked[1].replace("process.versions.node", repr(version))
    done = subprocess.run([str(find_node()), "-e", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize("program", ["#!/nowhere/interpreter\n", "#!/bin/sh\nexit 1\n", None])
def test_without_an_npm_that_runs_it_is_said_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str | None
):
    if program is not None:
        (tmp_path / "npm").write_text(program)
        (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    node.find_npm.cache_clear()
    with pytest.raises(VendorError, match="npm was not found, or does not run"):
        node.find_npm()
