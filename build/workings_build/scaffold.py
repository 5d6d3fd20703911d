"""`workings new`: a page of its own that builds and passes at once, to be rewritten bit by bit."""

import datetime
import re
from collections.abc import Mapping
from pathlib import Path

from workings_build.catalog import load_catalog
from workings_build.passes.load import GROUPS, load

TEMPLATES = Path(__file__).with_name("scaffold_files")

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ScaffoldError(ValueError):
    """The page can't be made; says why and what to do."""


def scaffold(root: Path, slug: str, kind: str, date: str | None = None) -> Path:
    """Write the folder of a new page below `root/explainers`; return it.

    Parameters
    ----------
    date
        The page's date, as year-month-day; today's when not given.

    Raises
    ------
    ScaffoldError
        If the slug is none or taken, or the date is none.
    """
    if not SLUG.fullmatch(slug):
        raise ScaffoldError(
            f"{slug!r} can't be a slug: use small letters and digits joined by hyphens."
        )
    try:
        day = datetime.date.fromisoformat(date) if date else datetime.date.today()
    except ValueError as fault:
        raise ScaffoldError(f"{date!r} is no date: write it as 2026-11-22.") from fault
    taken = [folder for folder in (root / "explainers").glob(f"*/{slug}") if folder.is_dir()]
    if taken:
        raise ScaffoldError(f"{taken[0]} is there already: choose another slug, or edit it.")
    return write_page(root, slug, kind, day, _surroundings(root, slug))


def write_page(
    root: Path, slug: str, kind: str, day: datetime.date, surroundings: Mapping[str, str]
) -> Path:
    """Write a new page whose field, era and `builds_on` are given."""
    group = next(group for group, (its_kind, _) in GROUPS.items() if its_kind == kind)
    folder = root / "explainers" / group / slug
    folder.mkdir(parents=True)
    given = {
        "slug": slug,
        "kind": kind,
        "title": slug.replace("-", " ").capitalize(),
        "date": day.isoformat(),
        **surroundings,
    }
    for name in ("page.md", "exhibits.py"):
        text = (TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")
        for key, value in given.items():
            text = text.replace(f"@{key}@", value)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _surroundings(root: Path, slug: str) -> dict[str, str]:
    """Choose a field, an era and a page to build on that the site knows."""
    catalog, _ = load_catalog(root / "explainers" / "catalog.toml", root)
    pages = [page.slug for page in load(root) if page.slug != slug] or list(catalog.pages)
    return {
        "field": next(iter(catalog.fields), "foundations"),
        "era": next(iter(catalog.eras), "Transformer"),
        "builds_on": ", ".join(pages[:1]),
    }
