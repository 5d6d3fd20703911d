"""The run pass: execute a page's `exhibits.py`, run its claims, try every mutant on its claim."""

import importlib
import math
import sys
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workings.assets import provide
from workings.page import Page, functions
from workings.session import Session

from workings_build.workers import doing

FILENAME = "exhibits.py"


def run_page(
    source: str, slug: str, root: str, assets: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Execute a page's source, run its claims and see that each mutant fails the claim it names.

    Runs in a worker process. Takes the text of `exhibits.py`, the page's slug, the folder that
    `kernels` lies in, and the files of the page's assets by name.

    Returns
    -------
    dict
        JSON: `exhibits`, `claims`, `mutants` in order of definition, and `problems`, each with
        `line`, `what` and `remedy`.
    """
    doing("executing exhibits.py")
    page, problems = open_page(source, slug, root, assets)
    ran: dict[str, Any] = {"exhibits": [], "claims": [], "mutants": [], "problems": problems}
    if page is None:
        return ran
    session = Session(page)
    lines = {text.name: text.line for text in functions(source)}
    for exhibit in page.exhibits.values():
        ran["exhibits"].append(
            {
                "schema": session.schema(exhibit.name),
                "summary": exhibit.summary,
                "span": span(source, exhibit.source, exhibit.first_line),
                "line": exhibit.first_line,
            }
        )
    for name in page.claims:
        doing(f"the claim {name}")
        ran["claims"].append(_claim(session, name, lines[name], problems))
    verdicts = {claim["name"]: claim["ok"] for claim in ran["claims"]}
    for name in page.mutants:
        doing(f"the mutant {name}")
        ran["mutants"].append(_mutant(session, name, lines[name], verdicts, problems))
    return ran


def span(whole: str, part: str, first_line: int) -> list[int]:
    """Say where a function stands in its file, in UTF-16 units as a browser counts them."""
    before = "".join(whole.splitlines(keepends=True)[: first_line - 1])
    start = len(before.encode("utf-16-le")) // 2
    return [start, start + len(part.encode("utf-16-le")) // 2]


def open_page(
    source: str, slug: str, root: str, assets: Mapping[str, str] | None = None
) -> tuple[Page | None, list[dict[str, Any]]]:
    """Execute a page's source with the `kernels` of `root`; return it, or why that failed.

    Without `assets` it may read all of `kernels/assets/`, else those alone.
    """
    provide(None if assets is None else {name: Path(file) for name, file in assets.items()})
    if root not in sys.path:
        sys.path.insert(0, root)
        importlib.invalidate_caches()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return Page.from_source(source, slug, FILENAME), []
    except (Exception, SystemExit) as failure:
        return None, [
            problem(
                where(failure),
                f"{type(failure).__name__}: {_message(failure)}",
                "exhibits.py has to run from top to bottom without an error or a warning.",
            )
        ]


def where(failure: BaseException) -> int | None:
    """Return the last line of `exhibits.py` that an exception passed through."""
    if isinstance(failure, SyntaxError) and failure.filename == FILENAME:
        return failure.lineno
    frames = [f for f in traceback.extract_tb(failure.__traceback__) if f.filename == FILENAME]
    return frames[-1].lineno if frames else None


def problem(line: int | None, what: str, remedy: str) -> dict[str, Any]:
    """Describe something wrong in a page's `exhibits.py`."""
    return {"line": line, "what": what, "remedy": remedy}


def _message(failure: BaseException) -> str:
    return str(failure.msg if isinstance(failure, SyntaxError) else failure)


def _claim(
    session: Session, name: str, line: int, problems: list[dict[str, Any]]
) -> dict[str, Any]:
    claim = session.page.claims[name]
    result = session.claim({"name": name, "mutants": []})
    if not result["ok"]:
        problems.append(
            problem(
                line,
                f"The claim {name} fails: {result['message']}",
                "Mend the kernel or the claim; a page never states what its own code refutes.",
            )
        )
    for measure, value in result["measured"].items():
        if not math.isfinite(value):
            problems.append(
                problem(
                    line,
                    f"The claim {name} measured {measure} = {value}.",
                    "Return finite numbers only.",
                )
            )
    finite = {key: value for key, value in result["measured"].items() if math.isfinite(value)}
    return {
        "name": name,
        "sentence": claim.sentence,
        "locator": claim.locator,
        "kind": claim.kind,
        "ok": result["ok"],
        "message": result["message"],
        "measured": finite,
        "source": claim.source,
        "line": line,
    }


def _mutant(
    session: Session,
    name: str,
    line: int,
    verdicts: dict[str, bool],
    problems: list[dict[str, Any]],
) -> dict[str, Any]:
    mutant = session.page.mutants[name]
    result = session.claim({"name": mutant.claim, "mutants": [name]})
    if result["ok"] and verdicts[mutant.claim]:
        problems.append(
            problem(
                line,
                f"The mutant {name} is not caught: the claim {mutant.claim} holds in spite of it.",
                "Sharpen the claim, name another, or make sure that the mutant replaces what "
                "the claim calls.",
            )
        )
    return {
        "name": name,
        "sentence": mutant.sentence,
        "claim": mutant.claim,
        "caught": result["message"],
        "source": mutant.source,
        "line": line,
    }
