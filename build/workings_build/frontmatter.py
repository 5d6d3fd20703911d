"""Front matter: YAML at the head of `page.md`, read into a typed value that knows its lines."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
)

from workings_build import frontmatter_faults as told
from workings_build.problems import Problem

Kind = Literal["paper", "article", "comparison", "course", "track"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _date(value: str) -> str:
    datetime.date.fromisoformat(value)
    return value


def _change(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.items()))
    return value


Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][\w-]*$")]
Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_date)]
Change = Annotated[tuple[Date, Line], BeforeValidator(_change)]


class Model(BaseModel):
    """What all front matter shares: no unknown keys, and values that don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Model):
    """A cited work."""

    text: Line
    arxiv: Annotated[str, StringConstraints(pattern=r"^(\d{4}\.\d{4,5}|[a-z-]+/\d{7})$")] = ""
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,}/\S+$")] = ""
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] = ""
    bibtex: str = ""

    @property
    def link(self) -> str | None:
        """The address to send a reader to: the given one, else arXiv, else the DOI."""
        if self.url:
            return self.url
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return f"https://doi.org/{self.doi}" if self.doi else None


class FrontMatter(Model):
    """What a page says about itself before its prose begins."""

    title: Line
    short_title: Line
    dek: Line
    kind: Kind
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    authors: str = ""
    organisation: str = ""
    venue: str = ""
    year: int | None = None
    field: Line
    era: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    builds_on: tuple[Line, ...] = ()
    why: Line
    date: Date
    changes: tuple[Change, ...] = ()
    limits: tuple[Line, ...] = ()
    references: dict[Key, Source] = {}

    @property
    def subject(self) -> Source | None:
        """The work that the page is about: the first of its references."""
        return next(iter(self.references.values()), None)


class _Loader(yaml.SafeLoader):
    """YAML without dates: they stay the text that the author wrote."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        start: [(tag, pattern) for tag, pattern in pairs if not tag.endswith(":timestamp")]
        for start, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True)
class Read:
    """What came of reading front matter: the value unless it is broken, and where its keys are."""

    front: FrontMatter | None
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def split(text: str) -> tuple[str, str, int] | None:
    """Part a page into its YAML, its body and the line at which the body starts.

    `None` where the text does not start with a line of three hyphens or has no second one.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    return None


def read(yaml_text: str, file: str, first_line: int = 2) -> Read:
    """Read and check front matter that starts at `first_line` of `file`."""
    loader = _Loader(yaml_text)
    try:
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else {}
    except yaml.YAMLError as fault:
        return Read(None, {}, (told.syntax(fault, file, first_line),))
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        what = "The front matter is not a list of keys and values."
        return Read(None, {}, (Problem(file, first_line, what, "Write `title: …` and so on."),))
    lines: dict[str, int] = {}
    problems = [] if node is None else _walk(node, "", lines, file, first_line)
    try:
        front = FrontMatter.model_validate(_named(data))
    except ValidationError as fault:
        found = [
            told.invalid(error, _known(error), file, lines, first_line) for error in fault.errors()
        ]
        return Read(None, lines, (*problems, *found))
    return Read(front, lines, tuple(problems))


def _known(error: Any) -> tuple[str, ...]:
    """Return the keys that may stand where an error is."""
    model = Source if error["loc"][0] == "references" else FrontMatter
    return tuple(model.model_fields)


def _named(value: Any) -> Any:
    """Turn keys into text, such as a year that stands as a key."""
    if isinstance(value, dict):
        return {str(key): _named(item) for key, item in value.items()}
    return [_named(item) for item in value] if isinstance(value, list) else value


def _walk(
    node: yaml.Node, path: str, lines: dict[str, int], file: str, first: int
) -> list[Problem]:
    """Note each key's line as `references.key.text` or `limits.0`; report keys that stand twice."""
    problems: list[Problem] = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{path}.{key.value}" if path else str(key.value)
            line = key.start_mark.line + first
            if name in lines:
                what = f"The key '{key.value}' stands twice, first on line {lines[name]}."
                problems.append(Problem(file, line, what, "Keep one of the two."))
            lines.setdefault(name, line)
            problems += _walk(value, name, lines, file, first)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[f"{path}.{index}"] = item.start_mark.line + first
            problems += _walk(item, f"{path}.{index}", lines, file, first)
    return problems
