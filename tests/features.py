"""The checklist of features (`features.toml`) as a table: `python -m tests.features` writes it."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "features.md"
STATUSES = ("done", "growing", "planned")

INTRODUCTION = (
    "# Features\n\n"
    "What the site means to offer, row by row, and the test that holds each. *Growing* works and "
    "waits for more pages; *planned* is what no page has yet. `tests/features.toml` is the source; "
    "`python -m tests.features` writes this page.\n"
)


def systems() -> list[dict[str, Any]]:
    """Read the checklist."""
    text = (ROOT / "tests" / "features.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["system"]
    return found


def table() -> str:
    """Write the page."""
    rows = [row for system in systems() for row in system["features"]]
    counts = ", ".join(f"{sum(r['status'] == s for r in rows)} {s}" for s in STATUSES)
    parts = [INTRODUCTION, f"{len(rows)} features: {counts}.\n"]
    for system in systems():
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


if __name__ == "__main__":
    PAGE.write_text(table(), encoding="utf-8")
