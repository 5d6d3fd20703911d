import ast

import pytest

from tests.features import PAGE, ROOT, STATUSES, systems, table

ROWS = [row for system in systems() for row in system["features"]]

RESTED_ON = (
    "explainers/articles/model-flops-utilization",
    "explainers/articles/multi-head-latent-attention",
    "explainers/articles/solar-cells",
    "explainers/comparisons/flashattention-vs-pagedattention",
    "explainers/course/deepseek-v3-architecture",
    "explainers/course/deepseek-v3-course",
    "explainers/papers/attention",
    "explainers/papers/flash-attention",
    "explainers/papers/rope",
    "explainers/tracks/the-transformer",
)
ROOMS = ("pyproject.toml", "site", "explainers", "kernels", "build", "tests")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_feature_is_held_by_a_test_that_exists(row: dict):
    assert row["status"] in STATUSES and row["tests"]
    for test in row["tests"]:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in names if name else any(n.startswith("test_") for n in names), test


def test_each_feature_is_listed_once():
    assert len({row["id"] for row in ROWS}) == len(ROWS) > 90


def test_the_table_is_written_from_the_list():
    assert PAGE.read_text(encoding="utf-8") == table(), "Run `python -m tests.features`."


def test_the_pages_that_features_rest_on_are_there():
    for folder in RESTED_ON:
        assert (ROOT / folder / "page.md").is_file(), folder
        assert (ROOT / folder / "exhibits.py").is_file(), folder
    assert all((ROOT / room).exists() for room in ROOMS)
