"""Print what `make mutation` found as a Markdown table: for each package how many mutants died.

Run it where mutmut ran: it reads the verdicts below `mutants/`.
"""

import json
from collections import Counter
from pathlib import Path

SURVIVED, TOO_LONG, UNTESTED = {0}, {-24, 24, 36, 152, 255}, {5, 33}


def count(package: Path) -> Counter[str]:
    """Return how the mutants of one package fared."""
    found: Counter[str] = Counter()
    for verdicts in sorted(package.glob("*.meta")):
        for code in json.loads(verdicts.read_text(encoding="utf-8"))["exit_code_by_key"].values():
            if code is None:
                found["not run"] += 1
            elif code in UNTESTED:
                found["untested"] += 1
            else:
                found["survived" if code in SURVIVED else "killed"] += 1
                found["too long"] += code in TOO_LONG
    return found


def row(name: str, found: Counter[str]) -> str:
    """Return a line of the table; what no test reaches has survived, too."""
    lived = found["survived"] + found["untested"]
    whole = lived + found["killed"]
    figures = f"{whole:,} | {found['killed']:,} | {lived:,} | {found['killed'] / whole:.1%}"
    notes = [f"{found[kind]} {kind}" for kind in ("untested", "too long", "not run") if found[kind]]
    return f"| `{name}` | {figures} |" + (f" {', '.join(notes)}" if notes else "")


def main() -> None:
    """Print the table."""
    print("| package | mutants | killed | survived | score |\n|---|---|---|---|---|")
    everything: Counter[str] = Counter()
    for package in sorted({path.parent for path in Path("mutants/kernels").rglob("*.meta")}):
        found = count(package)
        everything += found
        if found["killed"] + found["survived"] + found["untested"]:
            print(row(f"kernels/{package.name}", found))
    print(row("all", everything))


if __name__ == "__main__":
    main()
