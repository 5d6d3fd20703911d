"""Faults of front matter in an author's words: what is wrong, and what to write instead."""

from collections.abc import Mapping
from typing import Any

import yaml

from workings_build.problems import Problem, suggestion

HINTS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}

REMEDIES = {
    "kind": "Use one of paper, article, comparison, course, track.",
    "slug": "Use small letters and digits joined by hyphens, the same as the folder's name.",
    "date": "Write it as year-month-day, such as 2026-11-22.",
    "changes": "Write each change as `- 2026-11-22: What changed.`",
    "arxiv": 'Write the identifier alone and in quotes, such as "1706.03762".',
    "doi": "Write the DOI alone, starting with 10., without an address before it.",
    "url": "Write the whole address, starting with https://.",
    "references": "Give each reference a key and below it, indented, text and arxiv, doi or url.",
    "year": "Write the year alone, such as 2017.",
}


def syntax(fault: yaml.YAMLError, file: str, first: int) -> Problem:
    """Explain YAML that does not parse."""
    said = getattr(fault, "problem", None) or str(fault)
    unended = "end of stream" in said and getattr(fault, "context_mark", None)
    mark = fault.context_mark if unended else getattr(fault, "problem_mark", None)  # type: ignore[attr-defined]
    line = mark.line + first if mark else first
    remedy = "Put a value that holds a colon, a quote or a # in quotes, and check the indentation."
    return Problem(file, line, f"The front matter is not YAML: {said}.", remedy)


def invalid(
    error: Any, keys: tuple[str, ...], file: str, lines: Mapping[str, int], first: int
) -> Problem:
    """Put one of pydantic's errors in an author's words."""
    steps = [str(step) for step in error["loc"]]
    path = ".".join(steps)
    name = next((step for step in reversed(steps) if not step.isdigit()), path)
    line = _line(steps, lines, first)
    kind, value = error["type"], error.get("input")
    if name == "[key]":
        what = f"The key {value!r} can't name a reference."
        remedy = "Use letters, digits, hyphens and underscores, starting with a letter."
        return Problem(file, line, what, remedy)
    if kind == "extra_forbidden":
        remedy = suggestion(name, keys, f"The keys are {', '.join(keys)}.")
        return Problem(file, line, f"Unknown key '{path}'.", remedy)
    if kind == "missing":
        where = f" below '{'.'.join(steps[:-1])}'" if len(steps) > 1 else " to the front matter"
        return Problem(file, line, f"The key '{path}' is missing.", f"Add `{name}: …`{where}.")
    if kind == "string_too_short":
        return Problem(file, line, f"The key '{path}' is empty.", "Fill it in.")
    if kind in HINTS:
        what = f"{_label(steps)} must be {HINTS[kind]}, not {_kind(value)}."
        return Problem(file, line, what, _type_remedy(kind, name, value))
    what = f"{_label(steps)} can't be {value!r}."
    key = name if name in REMEDIES else steps[0]
    return Problem(file, line, what, REMEDIES.get(key, f"{error['msg']}."))


def _label(steps: list[str]) -> str:
    """Name a key, or an entry of a list counted from 1."""
    index = next((i for i, step in enumerate(steps) if step.isdigit()), None)
    if index is None:
        return f"'{'.'.join(steps)}'"
    return f"Entry {int(steps[index]) + 1} of '{'.'.join(steps[:index])}'"


def _line(steps: list[str], lines: Mapping[str, int], first: int) -> int:
    for end in range(len(steps), 0, -1):
        if (path := ".".join(steps[:end])) in lines:
            return lines[path]
    return first


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value!r}"
    return "a mapping" if isinstance(value, dict) else "a list"


def _type_remedy(kind: str, name: str, value: Any) -> str:
    if value is None:
        return f"Fill in `{name}: …`."
    if kind == "string_type" and isinstance(value, (int, float)):
        return f'Put it in quotes: {name}: "{value}".'
    if kind == "string_type" and isinstance(value, dict):
        return "Put the whole line in quotes: a colon and a space start a mapping."
    if kind == "tuple_type" and name not in REMEDIES:
        return f"Write it as a list: {name}: [one, two]."
    return REMEDIES.get(name, f"Write `{name}` as {HINTS[kind]}.")
