"""The bake pass: every lattice state of an exhibit, drawn by the session that readers have too."""

import json
import math
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from workings.exhibits import Exhibit
from workings.session import Session

from workings_build.cache import compressed_size, digest
from workings_build.passes.run import open_page, problem, where
from workings_build.workers import doing

EXHIBIT_BUDGET = 60_000
PAGE_BUDGET = 300_000
SHOWN_PROBLEMS = 3

_NOT_FINITE = re.compile(
    r"""\s(?!class|id|aria-|href|role)[\w:-]+="[^"]*?(?<![\w.#])-?(?:nan|inf|infinity)\b""", re.I
)


def bake_exhibit(
    source: str, slug: str, name: str, root: str, assets: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Draw an exhibit's lattice and its default state under each mutant.

    Runs in a worker process; arguments as for `run.run_page`, and the exhibit's name.

    Returns
    -------
    dict
        JSON: `default` (the answer), `states` (how many), `mutants` (the names of those that change
        the default), `file` (the text of the file of states), `bytes` (that file compressed) and
        `problems`.
    """
    doing("executing exhibits.py")
    page, problems = open_page(source, slug, root, assets)
    if page is None:
        return {"problems": problems}
    session = Session(page)
    exhibit = page.exhibits[name]
    answers: dict[str, dict[str, Any]] = {}
    for state in exhibit.lattice():
        doing(f"the exhibit {name} with {said(state)}")
        answer, fault = _draw(session, exhibit, state)
        if fault is not None:
            problems.append(fault)
        else:
            answers[exhibit.key(state)] = answer
    default = answers.get(exhibit.key(exhibit.state({})))
    if problems or default is None:
        return {"problems": _first(problems, name)}
    mutants: dict[str, dict[str, Any]] = {}
    for mutant in page.mutants:
        doing(f"the exhibit {name} with the mutant {mutant}")
        answer, fault = _draw(session, exhibit, exhibit.state({}), mutant)
        if fault is not None:
            problems.append(fault)
        elif answer != default:
            mutants[mutant] = answer
    text = states_file(name, answers, mutants)
    size = compressed_size(text.encode())
    if size > EXHIBIT_BUDGET:
        problems.append(_too_large(exhibit, size, len(answers)))
    return {
        "default": default,
        "states": len(answers),
        "mutants": list(mutants),
        "file": text,
        "bytes": size,
        "problems": _first(problems, name),
    }


def states_file(
    name: str, answers: dict[str, dict[str, Any]], mutants: dict[str, dict[str, Any]]
) -> str:
    """Write a file of states: each line of SVG once, and states as these lines' numbers."""
    parts: dict[str, int] = {}

    def folded(answer: dict[str, Any]) -> dict[str, Any]:
        lines = [parts.setdefault(line, len(parts)) for line in answer["svg"].split("\n")]
        return {"svg": lines, "sentence": answer["sentence"], "table": answer["table"]}

    states = {key: folded(answer) for key, answer in answers.items()}
    broken = {mutant: folded(answer) for mutant, answer in mutants.items()}
    written = {
        "version": 1,
        "exhibit": name,
        "parts": list(parts),
        "states": states,
        "mutants": broken,
    }
    return json.dumps(written, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def states_name(exhibit: str, text: str) -> str:
    """Name a file of states after its content."""
    return f"{exhibit}.{digest(text)[:8]}.json"


def over_page_budget(sizes: dict[str, int]) -> str | None:
    """Say what a page's files of states weigh if that is too much."""
    total = sum(sizes.values())
    if total <= PAGE_BUDGET:
        return None
    listed = ", ".join(f"{name} {size / 1000:.0f} KB" for name, size in sizes.items())
    return (
        f"The page's baked states take {total / 1000:.0f} KB compressed ({listed}); "
        f"the budget is {PAGE_BUDGET // 1000} KB."
    )


def said(state: dict[str, Any]) -> str:
    """Write a state as messages name it."""
    return ", ".join(f"{key} = {value!r}" for key, value in state.items()) or "no controls"


def _draw(
    session: Session, exhibit: Exhibit, state: dict[str, Any], mutant: str = ""
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Draw a state; return what is kept of the answer, and a problem if it isn't fit to be kept."""
    request = {"exhibit": exhibit.name, "state": state, "mutants": [mutant] if mutant else []}
    answer = session.answer(request)
    at = f"The exhibit {exhibit.name} with {said(state)}"
    at += f" under the mutant {mutant}" if mutant else ""
    if not answer["ok"]:
        error = answer["error"]
        what = f"{at} raises {error['type']}: {error['message']}"
        return {}, problem(
            error["line"] or exhibit.first_line, what, "Every state must give a picture."
        )
    if answer.get("warnings") and not mutant:
        line = _line_of_warning(exhibit, state) or exhibit.first_line
        what = f"{at} warns: {answer['warnings'][0]}"
        return {}, problem(line, what, "Compute without warnings, or narrow the control's range.")
    bad = _NOT_FINITE.search(answer["svg"])
    if bad:
        what = f"{at} draws something that isn't finite:{bad.group()}\"."
        remedy = "Leave such points out, or narrow the control's range."
        return {}, problem(exhibit.first_line, what, remedy)
    if not all(_finite(row) for row in answer["table"]["rows"]):
        what = f"{at} has a number in its table that isn't finite."
        return {}, problem(exhibit.first_line, what, "Leave such cells empty (None).")
    return {key: answer[key] for key in ("svg", "sentence", "table")}, None


def _finite(row: Iterable[Any]) -> bool:
    return all(not isinstance(cell, float) or math.isfinite(cell) for cell in row)


def _line_of_warning(exhibit: Exhibit, state: dict[str, Any]) -> int | None:
    """Draw once more with warnings as errors, to learn the line that one comes from."""
    try:
        with warnings.catch_warnings(), np.errstate(all="warn"):
            warnings.simplefilter("error")
            exhibit.function(**state)
    except Warning as raised:
        return where(raised)
    except Exception:
        return None
    return None


def _first(problems: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Keep the first few problems and say how many more states have one."""
    if len(problems) <= SHOWN_PROBLEMS:
        return problems
    more = len(problems) - SHOWN_PROBLEMS
    last = problems[SHOWN_PROBLEMS - 1]
    counted = {**last, "what": f"{last['what']} (And {more} more states of {name} fail.)"}
    return [*problems[: SHOWN_PROBLEMS - 1], counted]


def _too_large(exhibit: Exhibit, size: int, states: int) -> dict[str, Any]:
    stops = ", ".join(f"{control.name} {len(control.stops)}" for control in exhibit.controls)
    return problem(
        exhibit.first_line,
        f"The exhibit {exhibit.name} bakes {states} states (stops: {stops}) into "
        f"{size / 1000:.1f} KB compressed; the budget is {EXHIBIT_BUDGET // 1000} KB.",
        "Use fewer stops or points, or draw less in each state.",
    )
