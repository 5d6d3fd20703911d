"""The checklist of features (`tests/features.toml`) as a table, and what is wrong with it.

`python -m workings_build.feature_list` writes `docs/features.md`.
"""

import ast
import tomllib
from pathlib import Path
from typing import Any

from workings_build.problems import Problem

LIST = "tests/features.toml"
PAGE = "docs/features.md"
STATUSES = ("done", "growing", "planned")

INTRODUCTION = (
    "# Features\n\n"
    "What the site means to offer, row by row, and the test that holds each. *Growing* works and "
    "waits for more pages; *planned* is what no page has yet. `tests/features.toml` is the source; "
    "`python -m workings_build.feature_list` writes this page.\n"
)


def systems(root: Path) -> list[dict[str, Any]]:
    """Read the checklist."""
    found: list[dict[str, Any]] = tomllib.loads((root / LIST).read_text(encoding="utf-8"))["system"]
    return found


def table(root: Path) -> str:
    """Write the page."""
    listed = systems(root)
    rows = [row for system in listed for row in system["features"]]
    counts = ", ".join(f"{sum(r['status'] == s for r in rows)} {s}" for s in STATUSES)
    parts = [INTRODUCTION, f"{len(rows)} features: {counts}.\n"]
    for system in listed:
        lines = [
            f"## {system['name']}\n",
            "| id | feature | status | held by |",
            "|---|---|---|---|",
        ]
        for row in system["features"]:
            tests = ", ".join(f"`{test.removeprefix('tests/')}`" for test in row["tests"])
            lines.append(f"| {row['id']} | {row['what']} | {row['status']} | {tests} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def audit(root: Path) -> list[Problem]:
    """Check that each feature is listed once, held by tests that exist, and in the table."""
    problems, seen = [], set()
    for row in (row for system in systems(root) for row in system["features"]):
        line = _line(root, row["id"])
        if row["id"] in seen:
            problems.append(Problem(LIST, line, f"{row['id']} is listed twice.", "Remove one."))
        seen.add(row["id"])
        if row["status"] not in STATUSES:
            what = f"{row['id']} has the status {row['status']!r}."
            problems.append(Problem(LIST, line, what, f"Use one of {', '.join(STATUSES)}."))
        if not row["tests"]:
            what = f"No test holds {row['id']}."
            problems.append(Problem(LIST, line, what, "Name one, or write it."))
        for test in row["tests"]:
            if not _exists(root, test):
                what = f"{row['id']} names the test {test}, which isn't there."
                problems.append(Problem(LIST, line, what, "Name a test that holds the feature."))
    page = root / PAGE
    if not page.is_file() or page.read_text(encoding="utf-8") != table(root):
        remedy = "Write it anew: python -m workings_build.feature_list"
        problems.append(Problem(PAGE, None, "The table isn't that of the checklist.", remedy))
    return problems


def _exists(root: Path, test: str) -> bool:
    file, _, wanted = test.partition("::")
    if not (root / file).is_file():
        return False
    tree = ast.parse((root / file).read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return wanted in names if wanted else any(name.startswith("test_") for name in names)


def _line(root: Path, feature: str) -> int | None:
    lines = (root / LIST).read_text(encoding="utf-8").split("\n")
    return next((i for i, line in enumerate(lines, 1) if f'id = "{feature}"' in line), None)


if __name__ == "__main__":
    here = Path.cwd()
    (here / PAGE).write_text(table(here), encoding="utf-8")
