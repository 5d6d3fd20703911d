"""Node is installed only where the environment has none that is new enough."""

import re
import subprocess
from pathlib import Path

import pytest
from workings_build.vendor import find_node

MAKEFILE = (Path(__file__).parents[3] / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(("version", "code"), [("20.11.0", 0), ("18.0.0", 0), ("16.20.2", 1)])
def test_the_makefile_tells_a_node_that_will_do_from_one_that_is_too_old(version: str, code: int):
    asked = re.search(r"node -e '(.+?)' 2>", MAKEFILE)
    assert asked
    program = asked[1].replace("process.versions.node", repr(version))
    done = subprocess.run([str(find_node()), "-e", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (code, "")
