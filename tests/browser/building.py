"""Sites built for tests, once for a run however many processes share in it."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from workings_build.pipeline import build
from workings_build.problems import format_problems
from workings_build.settings import make_settings

from tests.explainers import ROOT


def shared_site(factory: pytest.TempPathFactory, name: str, source: Path = ROOT) -> Path:
    """Return the folder of the site built from `source`; parallel processes share it by `name`."""
    base = factory.getbasetemp()
    place = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    site = place / name
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (site / "site.json").exists():
            shutil.rmtree(site, ignore_errors=True)
            result = build(make_settings(ROOT, source=source, out=site))
            assert not result.problems, format_problems(result.problems)
    return site
