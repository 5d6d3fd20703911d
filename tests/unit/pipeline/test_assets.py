"""The hashed folders: what is in them, and when their names change."""

import io
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from workings_build import assets, fonts
from workings_build.assets import Bundle, asset_bundle, first_start, katex_styles, python_zip
from workings_build.cache import Cache
from workings_build.vendor import Vendored, ensure

from tests.unit.pipeline.project import ROOT, replace

WANTED = fonts.Wanted(frozenset(fonts.ALWAYS), frozenset("x∂"))


@pytest.fixture(scope="module")
def vendored() -> Vendored:
    return ensure(assets.NEEDS)


def bundle(project: Path, vendored: Vendored) -> Bundle:
    return asset_bundle(project / "site", vendored, WANTED, Cache(project / ".cache" / "build"))


def test_the_archive_of_python_does_not_depend_on_times_or_places(
    project: Path, tmp_path: Path
) -> None:
    first = python_zip(project)
    other = Path(shutil.copytree(project, tmp_path / "other"))
    for path in other.rglob("*.py"):
        os.utime(path, (10**9, 10**9))
    assert python_zip(other) == first


def test_the_archive_holds_the_runtime_and_the_kernels_and_works(
    project: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(python_zip(project))) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "unpacked")
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {"workings/__init__.py", "workings/session.py", "kernels/attention/rotary.py"} <= set(
        names
    )
    assert names == sorted(names, key=lambda name: (not name.startswith("workings"), name))
    assert not [name for name in names if not name.endswith(".py")]


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("kernels/attention/online.py", True),
        ("kernels/attention/online_triton.py", False),
        ("kernels/tinylm/train_torch.py", False),
        ("kernels/tinylm/jobs.py", False),
        ("kernels/tinylm/jobs_small.py", False),
        ("kernels/jobs.py", False),
        ("kernels/encoding.py", True),
        ("kernels/gpu/timer.py", False),
        ("kernels/assets/job/made.py", False),
        ("workings/assets.py", True),
    ],
)
def test_readers_get_only_what_runs_with_numpy(name: str, packed: bool) -> None:
    assert assets.is_packed(name) is packed


def test_what_pages_run_of_the_gpus_arithmetic_is_there_and_packed() -> None:
    for name in assets.GPU_MODULES:
        assert name.startswith("kernels/gpu/")
        assert (ROOT / name).is_file()
        assert assets.is_packed(name)


def test_a_folder_is_named_after_names_and_content() -> None:
    first = Bundle("assets", {"a": b"1", "b": b"2"})
    assert first.folder == Bundle("assets", {"b": b"2", "a": b"1"}).folder
    assert first.folder != Bundle("assets", {"a": b"2", "b": b"1"}).folder
    assert first.folder.startswith("assets/") and first.folder.endswith("/")


def test_assets_hold_styles_scripts_fonts_and_no_template(
    project: Path, vendored: Vendored
) -> None:
    files = bundle(project, vendored).files
    assert {"styles/main.css", "styles/katex.css", "scripts/main.js"} <= set(files)
    assert "fonts/KaTeX_Main-Regular.woff2" in files
    assert any(name.startswith("fonts/source-serif") for name in files)
    assert not any("template" in name for name in files)


def test_a_style_changes_the_assets_but_not_the_runtime(project: Path, vendored: Vendored) -> None:
    before = bundle(project, vendored), assets.runtime_bundle(project, vendored)
    replace(project / "site" / "styles" / "main.css", "black", "maroon")
    after = bundle(project, vendored), assets.runtime_bundle(project, vendored)
    assert before[0].folder != after[0].folder
    assert before[1].folder == after[1].folder


def test_katex_styles_name_only_fonts_that_are_there(vendored: Vendored) -> None:
    css = katex_styles(vendored.path("katex/katex.min.css").read_text())
    there = {Path(name).name for name in vendored.of("katex") if name.endswith(".woff2")}
    named = re.findall(r"url\(([^)]*)\)", css)
    assert named
    for address in named:
        assert address.startswith("../fonts/") and address.removeprefix("../fonts/") in there
    assert ".ttf" not in css and ".woff)" not in css


def test_the_first_start_lists_what_is_imported_at_once(project: Path, vendored: Vendored) -> None:
    runtime = assets.runtime_bundle(project, vendored)
    plain = first_start(runtime, vendored, ("numpy",))
    heavy = first_start(runtime, vendored, ("numpy", "matplotlib"))
    assert {"pyscript/core.js", "python/workings.zip", "python/worker.py"} <= set(plain)
    assert {"pyodide/pyodide.asm.wasm", "pyodide/python_stdlib.zip"} <= set(plain)
    assert sum(name.startswith("pyscript/core-") for name in plain) == 1
    assert not any("codemirror" in name for name in plain)
    assert any("numpy" in name for name in plain)
    assert {name for name in heavy if "matplotlib-" in name} and set(plain) < set(heavy)
