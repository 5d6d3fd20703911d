"""Pages that the site means to have: `explainers/catalog.toml` and the paths of `tracks.toml`.

A page that isn't written yet can be named by others: it is set as plain text until it exists.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from workings_build.problems import Problem, relative, suggestion
from workings_build.toml_files import Row, line_of, read_rows, read_toml

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
PlannedKind = Literal["paper", "article", "comparison", "track", "course"]


class Field(Row):
    """A field of work, as the library shelves pages."""

    slug: Slug
    name: Line
    blurb: str = ""


class Era(Row):
    """An era of the archive; its years are those of its papers."""

    name: Line
    blurb: str = ""


class Planned(Row):
    """A page of the plan: what is known of it before it is written."""

    slug: Slug
    kind: PlannedKind
    title: Line
    short_title: str = ""
    byline: str = ""
    organisation: str = ""
    venue: str = ""
    year: int | None = None
    appeared: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d\d)?$")] = ""
    arxiv: Annotated[str, StringConstraints(pattern=r"^(\d{4}\.\d{4,5}|[a-z-]+/\d{7})?$")] = ""
    field: str = ""
    era: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    builds_on: tuple[Slug, ...] = ()
    compares: tuple[Slug, ...] = ()
    about: tuple[Slug, ...] = ()
    chapter: int | None = None
    question: str = ""

    @property
    def name(self) -> str:
        """The short title, or the whole one where there is none."""
        return self.short_title or self.title


class Stage(Row):
    """A stage of a track: pages to read, in order."""

    title: Line
    pages: tuple[Slug, ...]


class Track(Row):
    """A reading path."""

    slug: Slug
    title: Line
    stage: tuple[Stage, ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """All its pages, in order of reading."""
        return tuple(slug for stage in self.stage for slug in stage.pages)


@dataclass(frozen=True)
class Catalog:
    """Fields and planned pages by slug, eras by name, tracks by slug, each in the file's order."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    eras: Mapping[str, Era] = field(default_factory=dict)
    pages: Mapping[str, Planned] = field(default_factory=dict)
    tracks: Mapping[str, Track] = field(default_factory=dict)


def load_catalog(path: Path, root: Path) -> tuple[Catalog, list[Problem]]:
    """Read the catalogue and, beside it, `tracks.toml`; a file that isn't there is an empty one."""
    data, problems = read_toml(path, root)
    reader = _Reader(path, root, problems)
    fields = reader.rows(data, "field", Field)
    eras = reader.rows(data, "era", Era)
    pages = reader.rows(data, "page", Planned)
    reader.unknown_tables(data, ("field", "era", "page"))
    catalog = Catalog(
        reader.by(fields, "slug"), reader.by(eras, "name"), reader.by(pages, "slug"), {}
    )
    reader.references(catalog)
    beside, more = read_toml(path.parent / "tracks.toml", root)
    tracks = _Reader(path.parent / "tracks.toml", root, more)
    rows = tracks.rows(beside, "track", Track)
    tracks.unknown_tables(beside, ("track",))
    whole = Catalog(catalog.fields, catalog.eras, catalog.pages, tracks.by(rows, "slug"))
    for track in rows:
        tracks.known(track.slug, "stage", track.pages, catalog.pages)
    return whole, [*problems, *more]


class _Reader:
    """Collects the problems of one file."""

    def __init__(self, path: Path, root: Path, problems: list[Problem]) -> None:
        self.path, self.file, self.problems = path, relative(path, root), problems

    def tell(self, key: str | None, what: str, remedy: str) -> None:
        line = line_of(self.path, key) if key else None
        self.problems.append(Problem(self.file, line, what, remedy))

    def rows(self, data: Mapping[str, Any], name: str, kind: type[Any]) -> list[Any]:
        found, faults = read_rows(data.get(name, []), kind, _key, self.file)
        for place, what, remedy in faults:
            self.tell(place, what, remedy)
        return found

    def unknown_tables(self, data: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for name in data:
            if name not in known:
                remedy = suggestion(name, known, f"The tables are {', '.join(known)}.")
                self.tell(f"[[{name}]]", f"Unknown table '{name}'.", remedy)

    def by(self, rows: Iterable[Any], key: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for row in rows:
            value = getattr(row, key)
            if value in found:
                what = f"'{value}' is listed twice."
                self.tell(f'{key} = "{value}"', what, "Take one of the two out.")
            found[value] = row
        return found

    def known(self, slug: str, key: str, named: Iterable[str], among: Iterable[str]) -> None:
        there = set(among)
        for name in named:
            if name not in there:
                what = f"'{key}' of '{slug}' names '{name}', which the catalogue doesn't have."
                remedy = suggestion(name, there, "Add it, or name another.")
                self.tell(f'slug = "{slug}"', what, remedy)

    def references(self, catalog: Catalog) -> None:
        for page in catalog.pages.values():
            self.known(page.slug, "field", [page.field] if page.field else [], catalog.fields)
            self.known(page.slug, "era", page.era, catalog.eras)
            for key in ("builds_on", "compares", "about"):
                self.known(page.slug, key, getattr(page, key), catalog.pages)


def _key(row: Mapping[str, Any]) -> str | None:
    name = next((key for key in ("slug", "name", "title") if isinstance(row.get(key), str)), None)
    return f'{name} = "{row[name]}"' if name else None
