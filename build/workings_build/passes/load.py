"""Load: read `explainers/` into `PageSource`s. A broken page brings its problems along."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workings_build import declared, frontmatter
from workings_build.declared import Declared
from workings_build.frontmatter import FrontMatter
from workings_build.problems import Problem, relative, suggestion

GROUPS = {
    "papers": ("paper", ""),
    "articles": ("article", "articles/"),
    "comparisons": ("comparison", "compare/"),
    "course": ("course", "course/"),
    "tracks": ("track", "tracks/"),
}
"""Each group's folder: the kind of its pages and where they stand on the site."""

IGNORED = ("__pycache__", ".")


@dataclass(frozen=True)
class PageSource:
    """One explainer's folder as it was read.

    `body_line` is the line of `page.md` on which the body starts, counted from 1. `files` are what
    else lies in the folder. `matter` is `None` when the front matter is broken: then `problems`
    say why, and `front` must not be asked for.
    """

    root: Path
    group: str
    slug: str
    folder: Path
    page_path: str
    matter: FrontMatter | None
    body: str
    body_line: int
    exhibits_path: Path
    exhibits_source: str
    files: tuple[Path, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    declared: Declared = field(default_factory=Declared)
    problems: tuple[Problem, ...] = ()

    @property
    def front(self) -> FrontMatter:
        """The front matter; raises `ValueError` where it is broken."""
        if self.matter is None:
            raise ValueError(f"{self.page_file} has broken front matter; see its problems.")
        return self.matter

    @property
    def page_file(self) -> str:
        """`page.md` as messages name it."""
        return relative(self.folder / "page.md", self.root)

    @property
    def exhibits_file(self) -> str:
        """`exhibits.py` as messages name it."""
        return relative(self.exhibits_path, self.root)

    def line_of(self, *keys: str) -> int:
        """Return the line of the first of these front-matter keys that is there."""
        return next((self.lines[key] for key in keys if key in self.lines), 1)


def load(root: Path) -> list[PageSource]:
    """Read every page below `root/explainers`, in order of group and slug."""
    explainers = root / "explainers"
    return [
        load_page(folder, root)
        for group in GROUPS
        for folder in sorted((explainers / group).glob("*"))
        if folder.is_dir() and not folder.name.startswith(IGNORED)
    ]


def stray(root: Path) -> list[Problem]:
    """Report folders of `explainers/` that are no group."""
    return [
        Problem(
            relative(folder, root),
            None,
            f"'{folder.name}' is no group of pages.",
            suggestion(folder.name, GROUPS, f"The groups are {', '.join(GROUPS)}."),
        )
        for folder in sorted((root / "explainers").glob("*"))
        if folder.is_dir() and folder.name not in GROUPS and not folder.name.startswith(IGNORED)
    ]


def load_page(folder: Path, root: Path) -> PageSource:
    """Read one folder; whatever is wrong with it becomes a problem of the page."""
    problems: list[Problem] = []
    page, exhibits = folder / "page.md", folder / "exhibits.py"
    matter, lines, body, body_line = None, {}, "", 1
    text = _text(page, root, "Write the page's front matter and prose there.", problems)
    if text is not None:
        parts = frontmatter.split(text)
        if parts is None:
            what = "The page does not start with front matter."
            remedy = "Start it with a line `---`, the keys, and another line `---`."
            problems.append(Problem(relative(page, root), 1, what, remedy))
            body = text
        else:
            head, body, body_line = parts
            read = frontmatter.read(head, relative(page, root))
            matter, lines = read.front, dict(read.lines)
            problems += read.problems
    source = _text(exhibits, root, "Write the page's exhibits and claims there.", problems) or ""
    names, faults = declared.read(source, relative(exhibits, root))
    problems += faults
    group, slug = folder.parent.name, folder.name
    return PageSource(
        root=root,
        group=group,
        slug=slug,
        folder=folder,
        page_path=f"{GROUPS[group][1]}{slug}/",
        matter=matter,
        body=body,
        body_line=body_line,
        exhibits_path=exhibits,
        exhibits_source=source,
        files=_others(folder),
        lines=lines,
        declared=names,
        problems=tuple(problems),
    )


def _text(path: Path, root: Path, remedy: str, problems: list[Problem]) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        problems.append(Problem(relative(path, root), None, "The file is missing.", remedy))
    except UnicodeDecodeError as fault:
        line = path.read_bytes()[: fault.start].count(b"\n") + 1
        what = "The file is not UTF-8."
        problems.append(Problem(relative(path, root), line, what, "Save it as UTF-8."))
    return None


def _others(folder: Path) -> tuple[Path, ...]:
    return tuple(
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path not in (folder / "page.md", folder / "exhibits.py")
        and not any(part.startswith(IGNORED) for part in path.relative_to(folder).parts)
    )
