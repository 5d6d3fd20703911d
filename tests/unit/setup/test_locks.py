"""The lock files: complete, hashed, without addresses, and what is installed."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from workings_build.vendor import load_pins

ROOT = Path(__file__).parents[3]
LOCKS = ROOT / "build" / "locks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pinned(lock: str) -> dict[str, Requirement]:
    """Requirements of a lock file, by name, each with at least one hash."""
    found = {}
    for block in re.split(r"\n(?=\S)", (LOCKS / lock).read_text(encoding="utf-8").strip()):
        head, *hashes = block.split(" \\\n")
        assert hashes, f"{head} in {lock} has no hash"
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}", line) for line in hashes)
        requirement = Requirement(head)
        name = canonicalize_name(requirement.name)
        assert name not in found, f"{name} is pinned twice"
        found[name] = requirement
    return found


@pytest.mark.parametrize("path", sorted(LOCKS.iterdir()), ids=lambda path: path.name)
def test_no_lock_names_an_address(path: Path):
    text = re.sub(r"^licence_url = .*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert not re.search(r"://|--index|--find-links", text)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("build.txt", PROJECT["dependencies"] + EXTRAS["build"]),
        ("test.txt", PROJECT["dependencies"] + EXTRAS["build"] + EXTRAS["test"]),
        ("kernels.txt", PROJECT["dependencies"] + EXTRAS["kernels"]),
    ],
)
def test_a_lock_pins_all_that_the_project_asks_for(lock: str, wanted: list[str]):
    pins = pinned(lock)
    for text in wanted:
        asked = Requirement(text)
        (version,) = (s.version for s in pins[canonicalize_name(asked.name)].specifier)
        assert asked.specifier.contains(version, prereleases=True), text


def test_tests_run_on_what_builds_run_on():
    build, test = pinned("build.txt"), pinned("test.txt")
    assert {name: str(test[name]) for name in build} == {n: str(r) for n, r in build.items()}


def test_jobs_run_on_what_tests_run_on():
    test, kernels = pinned("test.txt"), pinned("kernels.txt")
    shared = set(test) & set(kernels)
    assert {str(test[name]) for name in shared} == {str(kernels[name]) for name in shared}


def test_pytorch_is_the_version_that_the_makefile_names():
    (wanted,) = re.findall(r"^TORCH := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert importlib.metadata.version("torch").split("+")[0] == wanted


@pytest.mark.parametrize("lock", ["test.txt", "kernels.txt"])
def test_what_is_installed_is_what_is_locked(lock: str):
    for name, requirement in pinned(lock).items():
        if requirement.marker is None or requirement.marker.evaluate():
            installed = importlib.metadata.version(name)
            assert requirement.specifier.contains(installed, prereleases=True), (
                f"{name} {installed} is installed, {requirement} is locked: "
                "run `make lock`, or install from the lock"
            )


@pytest.mark.parametrize("name", ["numpy", "matplotlib"])
def test_builds_and_readers_have_the_same_version(name: str):
    (wheel,) = (pin.file_name for pin in load_pins().files if pin.file_name.startswith(f"{name}-"))
    (locked,) = (s.version for s in pinned("build.txt")[name].specifier)
    assert wheel.split("-")[1] == locked
