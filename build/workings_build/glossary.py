"""The terms of `explainers/glossary.toml`: `[term.SLUG]` tables with `name`, `text` and `see`."""

from dataclasses import dataclass
from pathlib import Path

from workings_build.problems import Problem, relative
from workings_build.toml_files import line_of, read_toml


@dataclass(frozen=True)
class Term:
    """An entry of the glossary; `text` is inline Markdown, `see` names pages."""

    slug: str
    name: str
    text: str
    see: tuple[str, ...] = ()


def load_glossary(path: Path, root: Path) -> tuple[dict[str, Term], list[Problem]]:
    """Read the glossary; a file that is not there is an empty one."""
    data, problems = read_toml(path, root)
    terms: dict[str, Term] = {}
    for slug, entry in data.get("term", {}).items():
        missing = [key for key in ("name", "text") if not str(entry.get(key, "")).strip()]
        if missing:
            line = line_of(path, f"[term.{slug}]") or line_of(path, f'[term."{slug}"]')
            what = f"The term '{slug}' has no {' and no '.join(missing)}."
            remedy = f'Add {missing[0]} = "…" below [term.{slug}].'
            problems.append(Problem(relative(path, root), line, what, remedy))
            continue
        text = " ".join(entry["text"].split())
        terms[slug] = Term(slug, entry["name"], text, tuple(entry.get("see", ())))
    return terms, problems
