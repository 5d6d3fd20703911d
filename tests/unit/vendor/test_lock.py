"""The lock file that the project ships."""

from pathlib import Path

import pytest
from workings_build.vendor import VendorError, load_pins
from workings_build.vendor.command import DEFAULT_NEEDS


def test_every_file_has_a_place_of_its_own_and_a_carrier():
    pins = load_pins()
    assert len({pin.name for pin in pins.files}) == len(pins.files)
    assert {pin.package for pin in pins.files} == set(pins.packages)


def test_a_build_gets_all_that_it_needs():
    assert set(DEFAULT_NEEDS) <= set(load_pins().needs)


def test_licences_travel_with_what_they_cover():
    names = {pin.name for pin in load_pins().files}
    folders = {name.rpartition("/")[0] for name in names if name.startswith("fonts/")}
    for folder in {*folders, "katex", "pyscript", "axe"}:
        assert f"{folder}/LICENSE" in names


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("files = 3", "not a lock file"),
        ("no toml at all", "not a lock file"),
        (
            "[packages]\n[[files]]\nname='../x'\nneed='a'\nbytes=1\nsha256='0'\npackage='p'\nmember='m'",
            "names no known package",
        ),
        (
            "[packages.p]\nkind='npm'\nspec='p@1'\nbytes=1\nintegrity='x'\n"
            "[[files]]\nname='../x'\nneed='a'\nbytes=1\nsha256='0'\npackage='p'\nmember='m'",
            "no path inside the runtime folder",
        ),
        (
            "[packages.p]\nkind='npm'\nspec='p@1'\nbytes=1\nintegrity='x'\n"
            "[[files]]\nname='x'\nneed='a'\nbytes=1\nsha256='0'\npackage='p'\nmember='m'",
            "has no sha256",
        ),
    ],
)
def test_a_bad_lock_file_is_refused(tmp_path: Path, text: str, problem: str):
    path = tmp_path / "runtime.toml"
    path.write_text(text)
    with pytest.raises(VendorError, match=problem):
        load_pins(path)


def test_a_lock_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(VendorError, match="can't be read"):
        load_pins(tmp_path / "runtime.toml")


def test_a_file_pinned_twice_is_refused(tmp_path: Path):
    path = tmp_path / "runtime.toml"
    package = "[packages.p]\nkind='npm'\nspec='p@1'\nbytes=1\nintegrity='x'\n"
    file = f"[[files]]\nname='x'\nneed='a'\nbytes=1\nsha256='{'0' * 64}'\n"
    path.write_text(package + 2 * (file + "package='p'\nmember='m'\n"))
    with pytest.raises(VendorError, match="x is pinned twice"):
        load_pins(path)
