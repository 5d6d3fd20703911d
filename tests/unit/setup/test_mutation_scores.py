"""Verdicts on mutants, counted for each package."""

import json
import subprocess
import sys
from pathlib import Path

SCORES = Path(__file__).parents[3] / "build/setup/mutation_scores.py"
KILLED, SURVIVED, UNTESTED, TOO_LONG = 1, 0, 33, -24


def table(folder, **packages):
    """Print the table of verdicts given as lists, one for each package."""
    for package, codes in packages.items():
        where = folder / "mutants/kernels" / package
        where.mkdir(parents=True)
        verdicts = {f"{package}.f__mutmut_{i}": code for i, code in enumerate(codes)}
        (where / "f.py.meta").write_text(json.dumps({"exit_code_by_key": verdicts}))
    run = subprocess.run([sys.executable, SCORES], cwd=folder, capture_output=True, check=True)
    return run.stdout.decode().splitlines()[2:]


def test_packages_and_all_of_them_are_counted(tmp_path):
    assert table(tmp_path, cost=[KILLED] * 3 + [SURVIVED], scan=[KILLED] * 6) == [
        "| `kernels/cost` | 4 | 3 | 1 | 75.0% |",
        "| `kernels/scan` | 6 | 6 | 0 | 100.0% |",
        "| `all` | 10 | 9 | 1 | 90.0% |",
    ]


def test_what_no_test_reaches_has_survived_and_what_never_ends_has_not(tmp_path):
    first, _ = table(tmp_path, cost=[KILLED, TOO_LONG, UNTESTED, UNTESTED])
    assert first == "| `kernels/cost` | 4 | 2 | 2 | 50.0% | 2 untested, 1 too long"


def test_what_has_not_run_yet_counts_for_nothing(tmp_path):
    lines = table(tmp_path, cost=[KILLED, None], scan=[None, None])
    assert lines == [
        "| `kernels/cost` | 1 | 1 | 0 | 100.0% | 1 not run",
        "| `all` | 1 | 1 | 0 | 100.0% | 3 not run",
    ]
