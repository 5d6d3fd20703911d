"""Dependencies point one way: pages on the runtime and the kernels, the builder on all of them."""

import ast
import sys
from pathlib import Path

import pytest
from workings_build.assets import is_packed

ROOT = Path(__file__).parents[3]
OURS = {"workings", "kernels", "workings_build", "explainers", "tests"}

ROOMS = {
    "kernels": {"kernels", "numpy"},
    "site/runtime/workings": {
        "workings",
        "numpy",
        "matplotlib",
        "cycler",
        "kernels",
    },  # the third with the second; of the last only what decodes assets
    "explainers": {"workings", "kernels", "numpy"},
    "build/workings_build": {"workings", "kernels", "workings_build"},
}


def imports(path: Path) -> set[str]:
    """First names of the modules that a file imports; its own package is left out."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may_of_ours(room: str):
    assert files(room)
    for path in files(room):
        strangers = (imports(path) & OURS) - ROOMS[room]
        if "bench/baselines" in path.as_posix():
            strangers -= {"workings"}
        assert not strangers, f"{path.relative_to(ROOT)} imports {', '.join(sorted(strangers))}"


@pytest.mark.slow
@pytest.mark.parametrize("room", ["kernels", "site/runtime/workings", "explainers"])
def test_what_runs_in_the_reader_needs_only_what_the_reader_has(room: str):
    for path in files(room):
        if room == "kernels" and not is_packed(path.relative_to(ROOT).as_posix()):
            continue
        strangers = imports(path) - ROOMS[room] - set(sys.stdlib_module_names)
        assert not strangers, f"{path.relative_to(ROOT)} imports {', '.join(sorted(strangers))}"


def test_the_runtime_asks_the_kernels_for_their_assets_alone():
    for path in files("site/runtime/workings"):
        if "kernels" in imports(path):
            assert path.name == "assets.py"
            text = path.read_text(encoding="utf-8")
            names = [line.strip() for line in text.splitlines() if "import" in line]
            ours = [name for name in names if "kernels" in name.split()]
            assert ours == ["import kernels"]
            assert "from kernels.encoding import decode" in names


def test_matplotlib_is_imported_only_when_it_is_called_for():
    for path in files("site/runtime/workings"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module or "")
            assert "matplotlib" not in {name.partition(".")[0] for name in names}, path
