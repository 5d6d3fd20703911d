"""Assets that a page names: found by syntax, checked before anything runs."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from workings_build import budgets, declared
from workings_build.passes.check import check
from workings_build.passes.load import PageSource

from tests.unit.load.folders import EXHIBITS, page_at, root_at

PYTHON = "explainers/papers/demo/exhibits.py"
HEAD = "from workings import asset, breaks, claim, exhibit\n"


def left(root: Path, name: str = "demo-job/rows.json", content: bytes = b"[1]\n") -> Path:
    """Write an asset and its receipt."""
    path = root / "kernels" / "assets" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    job = root / "kernels" / "assets" / name.split("/")[0]
    listed = [
        {"name": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in sorted(job.iterdir())
        if file.name != "receipt.json"
    ]
    (job / "receipt.json").write_text(json.dumps({"job": job.name, "files": listed}))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return root_at(tmp_path)


def page(root: Path, *lines: str) -> PageSource:
    """Write a page whose module has these lines below its imports."""
    text = EXHIBITS.replace("from workings import breaks, claim, exhibit\n", HEAD)
    head, tail = text.split(HEAD)
    return page_at(root, exhibits=head + HEAD + "\n".join(lines) + "\n" + tail)


def told(*pages: PageSource) -> list[str]:
    return [str(problem) for problem in check(pages)]


def test_calls_at_the_top_level_are_found_with_their_lines(root: Path) -> None:
    left(root)
    source = page(root, "", 'ROWS = asset("demo-job/rows.json")["rows"]')
    assert source.declared.assets == {"demo-job/rows.json": 4}
    assert told(source) == []


@pytest.mark.parametrize(
    "source",
    [
        'import workings\nX = workings.asset("a/b.json")',
        'import workings as w\nX = [w.asset("a/b.json") for _ in range(2)]',
        'from workings import asset as left\nX = left("a/b.json")',
        'from workings import asset\nif True:\n    X = asset(name="a/b.json")',
    ],
)
def test_every_way_to_call_it_is_read(source: str) -> None:
    found, problems = declared.read(source, "exhibits.py")
    assert list(found.assets) == ["a/b.json"]
    assert problems == []


@pytest.mark.parametrize(
    ("line", "what", "remedy"),
    [
        ('X = asset("demo-job/" + "rows.json")', "not written out", 'asset("job/file.json")'),
        ("X = asset()", "not written out", "plain string"),
        ('X = asset(f"{1}/rows.json")', "not written out", "plain string"),
        (
            'def late():\n    return asset("demo-job/rows.json")',
            "'demo-job/rows.json' is read inside a function",
            'DATA = asset("demo-job/rows.json")',
        ),
        ('late = lambda: asset("demo-job/rows.json")', "inside a function", "top level"),
        ("other = asset", "used without being called", "by its own name"),
    ],
)
def test_a_call_that_syntax_can_not_read_is_a_problem(
    root: Path, line: str, what: str, remedy: str
) -> None:
    left(root)
    (problem,) = check([page(root, line)])
    assert problem.file == PYTHON
    assert problem.line == 3 + line.count("\n")
    assert what in problem.what
    assert remedy in problem.remedy


def test_an_unknown_asset_names_the_one_that_was_meant(root: Path) -> None:
    left(root)
    assert told(page(root, 'X = asset("demo-job/row.json")')) == [
        f"{PYTHON}:3: There is no asset 'demo-job/row.json' in kernels/assets/.\n"
        "    Did you mean 'demo-job/rows.json'?"
    ]
    (problem,) = check([page(root, 'X = asset("something-else/traffic.csv")')])
    assert problem.remedy.startswith("`workings precompute something-else` computes it")


def test_an_asset_without_a_receipt_is_not_shown(root: Path) -> None:
    (left(root).parent / "receipt.json").unlink()
    (problem,) = check([page(root, 'X = asset("demo-job/rows.json")')])
    assert "has no receipt" in problem.what
    assert "workings precompute demo-job" in problem.remedy


def test_an_asset_has_the_bytes_that_its_receipt_says(root: Path) -> None:
    left(root).write_bytes(b"[2]\n")
    (problem,) = check([page(root, 'X = asset("demo-job/rows.json")')])
    assert (problem.file, problem.line) == (PYTHON, 3)
    assert problem.what == "The asset 'demo-job/rows.json' has other bytes than its receipt says."


def test_a_pages_assets_keep_within_what_a_start_of_python_may_cost(root: Path) -> None:
    left(root, "demo-job/weights.npz", os.urandom(budgets.ASSET_BUDGET))
    assert told(page(root, 'X = asset("demo-job/weights.npz")')) == []
    left(root, "demo-job/rows.json", b"[1]\n")
    source = page(root, 'Y = asset("demo-job/rows.json")', 'X = asset("demo-job/weights.npz")')
    (problem,) = check([source])
    assert (problem.file, problem.line) == (PYTHON, 4)
    assert problem.what == "The page's assets take 2.50 MB to send; the budget is 2.5 MB."
    assert "demo-job/weights.npz 2.50 MB, demo-job/rows.json" in problem.remedy


def test_text_counts_as_it_is_sent(root: Path) -> None:
    left(root, "demo-job/rows.json", b"1, " * budgets.ASSET_BUDGET)
    assert told(page(root, 'X = asset("demo-job/rows.json")')) == []


@pytest.mark.parametrize(
    "module", ["demo.fast_triton", "demo.train_torch", "demo.jobs_small", "gpu.timer"]
)
def test_what_readers_do_not_get_can_not_be_imported(root: Path, module: str) -> None:
    path = root / "kernels" / f"{module.replace('.', '/')}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    (path.parent / "__init__.py").touch()
    file = path.relative_to(root).as_posix()
    first = f"import kernels.{module}"
    found = [str(problem) for problem in check([page(root, first)])]
    assert f"{PYTHON}:3: {file} is imported, which readers don't get." in "\n".join(found)
