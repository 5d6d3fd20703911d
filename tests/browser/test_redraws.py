"""The light axes against SVG written by hand, in one worker of one browser."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Playwright
from workings_build import bench
from workings_build.bench.measure import Measurer, Target, subjects
from workings_build.bench.server import serving
from workings_build.vendor import ensure

BASELINES = Path(bench.__file__).with_name("baselines")
RUNTIME = Path(__file__).parents[2] / "site" / "runtime"
MOST = 3.0

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def redraws(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> dict:
    archive = tmp_path_factory.mktemp("runtime") / "workings.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted((RUNTIME / "workings").rglob("*.py")):
            target.write(path, path.relative_to(RUNTIME))
    paths = ensure(["pyodide", "numpy"]).paths
    files = {f"/baseline/runtime/{name}": path for name, path in paths.items()}
    files["/baseline/workings.zip"] = archive
    numpy_page = subjects(Target("", "", "", (), ()))[1]
    with serving({"/baseline/": BASELINES}, files) as server:
        return Measurer(playwright, server).redraws(numpy_page, ["baseline", "light"])


@pytest.mark.parametrize("picture", ["line", "bars", "heat"])
def test_a_redraw_costs_at_most_three_times_what_it_costs_by_hand(redraws: dict, picture: str):
    # The lower quartile: what else the machine does only ever adds to a time.
    light, by_hand = (
        float(np.percentile(redraws[picture][which]["whole"], 25))
        for which in ("light", "baseline")
    )
    assert light <= MOST * by_hand, f"{light:.1f} ms against {by_hand:.1f} ms"
