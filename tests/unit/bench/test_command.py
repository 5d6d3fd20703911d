"""`workings bench` where there is nothing to measure, or nothing to measure with."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Playwright
from workings_build.bench.browsers import BrowserMissing, launch, launch_with_profile
from workings_build.bench.command import bench_command


def test_a_folder_without_a_site_ends_with_1_and_says_so(tmp_path: Path):
    result = CliRunner().invoke(bench_command, ["--dist", str(tmp_path)])
    assert result.exit_code == 1
    assert "run `workings build` first" in result.output


def test_a_runtime_that_cannot_be_had_ends_with_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKINGS_CACHE", str(tmp_path / "cache"))
    control = {"name": "k", "kind": "slider", "type": "int", "default": 0, "low": 0, "high": 64}
    control |= {"scale": "linear", "step": None, "stops": [0, 16, 32, 64]}
    states = {"path": "x", "count": 4, "bytes": 1}
    exhibit = {"name": "one", "controls": [control], "needs": [], "states": states}
    pages = [{"slug": "a", "path": "a/", "exhibits": [exhibit]}]
    (tmp_path / "site.json").write_text(
        json.dumps({"version": 1, "runtime": "runtime/1/", "pages": pages})
    )
    result = CliRunner().invoke(
        bench_command, ["--dist", str(tmp_path), "--mirror", str(tmp_path / "nowhere")]
    )
    assert result.exit_code == 3
    assert "there is no such folder" in result.output


def test_readers_need_a_server_and_a_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(bench_command, ["load", "--dist", str(tmp_path)])
    assert result.exit_code == 1
    assert "nginx is missing: apt-get install nginx-light wrk." in result.output


@pytest.mark.slow
def test_a_browser_that_does_not_start_is_told_with_what_to_do(
    playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORKINGS_CHROMIUM", "/bin/false")
    with pytest.raises(BrowserMissing, match=r"chromium \(/bin/false\) did not start") as fault:
        launch(playwright, "chromium")
    assert "WORKINGS_CHROMIUM=/path/to/it" in str(fault.value)
    with pytest.raises(BrowserMissing, match="chromium did not start"):
        launch_with_profile(playwright, tmp_path)


@pytest.mark.slow
def test_the_module_says_whether_the_browsers_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKINGS_CHROMIUM", "/bin/false")
    command = [sys.executable, "-m", "workings_build.bench.browsers"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "chromium (/bin/false) did not start" in done.stderr
