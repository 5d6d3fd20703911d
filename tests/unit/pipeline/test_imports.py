"""Which kernels a page reaches, found without running it."""

from pathlib import Path

import pytest
from workings_build.imports import kernel_files, named_files

FILES = {
    "kernels/__init__.py": "",
    "kernels/attention/__init__.py": "from .core import softmax\n",
    "kernels/attention/core.py": "import numpy\nfrom ..numerics import exact\n",
    "kernels/attention/other.py": "",
    "kernels/numerics/__init__.py": "",
    "kernels/numerics/exact.py": "def f():\n    from kernels import late\n",
    "kernels/late.py": "",
    "kernels/unrelated.py": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def names(files: list[Path], root: Path) -> list[str]:
    return [path.relative_to(root / "kernels").as_posix() for path in files]


@pytest.mark.parametrize(
    "source",
    [
        "from kernels.attention import softmax",
        "import kernels.attention",
        "from kernels import attention as a",
        "def late():\n    from kernels.attention.core import softmax",
    ],
)
def test_imports_are_followed_through_packages_and_relative_ones(source: str, root: Path) -> None:
    assert names(kernel_files(source, root), root) == [
        "__init__.py",
        "attention/__init__.py",
        "attention/core.py",
        "late.py",
        "numerics/__init__.py",
        "numerics/exact.py",
    ]


@pytest.mark.parametrize("source", ["import numpy", "", "def broken(:", "from kernelsx import x"])
def test_other_imports_reach_no_kernel(source: str, root: Path) -> None:
    assert kernel_files(source, root) == []


def test_a_function_is_found_by_its_dotted_name(root: Path) -> None:
    found = named_files(["kernels.attention.other.some_function"], root)
    assert "attention/other.py" in names(found, root)
    assert "unrelated.py" not in names(found, root)


def test_modules_that_import_each_other_are_listed_once(root: Path) -> None:
    (root / "kernels/late.py").write_text("import kernels.attention.core")
    assert names(kernel_files("import kernels.late", root), root).count("late.py") == 1
