"""TOML files that authors write: read, with faults as `Problem`s that know their line."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from workings_build.problems import Problem, relative, suggestion

Entry = TypeVar("Entry", bound=BaseModel)

MEANT = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
}


class Row(BaseModel):
    """What all rows share: no unknown keys, and values that don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_toml(path: Path, root: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Read a file; one that is not there is empty, one that is no TOML a problem."""
    if not path.is_file():
        return {}, []
    try:
        return tomllib.loads(path.read_text("utf-8")), []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        what = f"This is not TOML: {fault}."
        return {}, [Problem(relative(path, root), None, what, "Put the file's syntax right.")]


def line_of(path: Path, text: str) -> int | None:
    """Return the first line that is `text`, but for space around it."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip() == text:
            return number
    return None


def read_rows(
    rows: list[Any], kind: type[Entry], key: Callable[[Mapping[str, Any]], str | None], file: str
) -> tuple[list[Entry], list[tuple[str | None, str, str]]]:
    """Check rows against their type.

    Parameters
    ----------
    key
        What finds a row's line in the file, such as `slug = "rope"`.

    Returns
    -------
        The sound rows, and for each fault the row's key, what is wrong and the remedy.
    """
    sound, faults = [], []
    for row in rows:
        try:
            sound.append(kind.model_validate(row))
        except ValidationError as fault:
            place = key(row) if isinstance(row, dict) else None
            named = row.get("slug") or row.get("name") or "?" if isinstance(row, dict) else "?"
            for error in fault.errors():
                what, remedy = _told(error, str(named), list(kind.model_fields))
                faults.append((place, what, remedy))
    return sound, faults


def _told(error: Any, named: str, keys: list[str]) -> tuple[str, str]:
    name = str(error["loc"][0]) if error["loc"] else "?"
    if error["type"] == "missing":
        return f"The entry '{named}' has no '{name}'.", f"Add `{name} = …` to it."
    if error["type"] == "extra_forbidden":
        remedy = suggestion(name, keys, f"The keys are {', '.join(keys)}.")
        return f"The entry '{named}' has an unknown key '{name}'.", remedy
    if error["type"] in MEANT:
        what = f"'{name}' of '{named}' must be {MEANT[error['type']]}."
        return what, f"Write {MEANT[error['type']]} instead of {error['input']!r}."
    return f"'{name}' of '{named}' can't be {error['input']!r}.", f"{error['msg']}."
