"""Pages that the site means to have (`explainers/catalog.toml`) and its terms (`glossary.toml`).

A page that isn't written yet can be named by others: it is set as plain text until it exists.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workings_build.problems import Problem, relative


@dataclass(frozen=True)
class Planned:
    """A page of the plan."""

    slug: str
    kind: str
    title: str
    short_title: str
    byline: str
    year: int | None
    field: str


@dataclass(frozen=True)
class Term:
    """An entry of the glossary; `text` is inline Markdown, `see` names pages."""

    slug: str
    name: str
    text: str
    see: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """Fields, eras and planned pages, by slug (eras by name)."""

    fields: Mapping[str, str] = field(default_factory=dict)
    eras: tuple[str, ...] = ()
    pages: Mapping[str, Planned] = field(default_factory=dict)


def load_catalog(path: Path, root: Path) -> tuple[Catalog, list[Problem]]:
    """Read the catalogue; a file that is not there is an empty one."""
    data, problems = _toml(path, root)
    try:
        pages = {
            entry["slug"]: Planned(
                entry["slug"],
                entry["kind"],
                entry["title"],
                entry.get("short_title", entry["title"]),
                entry.get("byline", ""),
                entry.get("year"),
                entry.get("field", ""),
            )
            for entry in data.get("page", [])
        }
        fields = {entry["slug"]: entry["name"] for entry in data.get("field", [])}
        eras = tuple(entry["name"] for entry in data.get("era", []))
    except KeyError as missing:
        what = f"An entry has no {missing}."
        remedy = "Give every page slug, kind and title, every field slug and name, every era name."
        return Catalog(), [Problem(relative(path, root), None, what, remedy)]
    return Catalog(fields, eras, pages), problems


def load_glossary(path: Path, root: Path) -> tuple[dict[str, Term], list[Problem]]:
    """Read the glossary: `[term.SLUG]` tables with `name`, `text` and perhaps `see`."""
    data, problems = _toml(path, root)
    terms: dict[str, Term] = {}
    for slug, entry in data.get("term", {}).items():
        missing = [key for key in ("name", "text") if not str(entry.get(key, "")).strip()]
        if missing:
            what = f"The term '{slug}' has no {' and no '.join(missing)}."
            remedy = f'Add {missing[0]} = "…" below [term.{slug}].'
            problems.append(Problem(relative(path, root), _line(path, slug), what, remedy))
            continue
        text = " ".join(entry["text"].split())
        terms[slug] = Term(slug, entry["name"], text, tuple(entry.get("see", ())))
    return terms, problems


def _line(path: Path, slug: str) -> int | None:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip() in (f"[term.{slug}]", f'[term."{slug}"]'):
            return number
    return None


def _toml(path: Path, root: Path) -> tuple[dict[str, Any], list[Problem]]:
    if not path.is_file():
        return {}, []
    try:
        return tomllib.loads(path.read_text("utf-8")), []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        what = f"This is not TOML: {fault}."
        return {}, [Problem(relative(path, root), None, what, "Put the file's syntax right.")]
