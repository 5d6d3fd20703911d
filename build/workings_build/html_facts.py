"""What verification wants to know of an HTML page, read in one pass over its tags."""

import json
from dataclasses import asdict, dataclass, field
from html.parser import HTMLParser
from typing import Any

DATA_SCRIPTS = ("application/json", "application/ld+json")
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
URL_ATTRIBUTES = ("src", "href", "poster", "action", "formaction", "data", "xlink:href")


@dataclass
class Place:
    """Something that was found, and on which line of the page."""

    value: str
    line: int


@dataclass
class ExhibitFacts:
    """What lies in one `<figure class="exhibit">`."""

    name: str
    id: str
    rung: str
    states: str
    line: int
    forms: int = 0
    pictures: int = 0
    drawings: int = 0
    outputs: int = 0
    sentence: str = ""
    schema: str = ""
    inputs: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)


@dataclass
class Facts:
    """Everything that verification asks of a page."""

    ids: list[Place] = field(default_factory=list)
    links: list[Place] = field(default_factory=list)  # <a href>
    resources: list[Place] = field(default_factory=list)  # what the browser fetches by itself
    stylesheets: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    preloads: list[str] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    inline: list[Place] = field(default_factory=list)  # what the policy forbids
    exhibits: list[ExhibitFacts] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)  # each `class` attribute that shows, once
    lang: str = ""
    title: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Facts":
        """Take facts back from JSON."""
        read = dict(plain)
        for name in ("ids", "links", "resources", "inline"):
            read[name] = [Place(**place) for place in read[name]]
        read["exhibits"] = [ExhibitFacts(**exhibit) for exhibit in read["exhibits"]]
        return cls(**read)


def facts_of(html: str) -> Facts:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.facts


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.facts = Facts()
        self.open: list[str] = []
        self.exhibit: ExhibitFacts | None = None
        self.exhibit_depth = 0
        self.folded: list[int] = []  # how deep each <details> is that starts closed
        self.keeping = ""  # which text is being kept: sentence, schema, title

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        if tag not in VOID:
            self.open.append(tag)
        if "id" in given:
            self.facts.ids.append(Place(given["id"], line))
        self._classes(tag, given)
        self._forbidden(tag, given, line)
        self._addresses(tag, given, line)
        if tag == "html":
            self.facts.lang = given.get("lang", "")
        if tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.facts.policies.append(given.get("content", ""))
        if tag == "title" and "svg" not in self.open:
            self.keeping = "title"
        self._exhibit(tag, given, line)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            return
        while self.open.pop() != tag:
            pass
        while self.folded and len(self.open) < self.folded[-1]:
            self.folded.pop()
        if tag in ("output", "script", "title"):
            self.keeping = ""
        if self.exhibit is not None and len(self.open) < self.exhibit_depth:
            self.exhibit = None

    def handle_data(self, data: str) -> None:
        if self.keeping == "title":
            self.facts.title += data
        elif self.keeping and self.exhibit is not None:
            setattr(self.exhibit, self.keeping, getattr(self.exhibit, self.keeping) + data)

    def _classes(self, tag: str, given: dict[str, str]) -> None:
        if tag == "details" and "open" not in given:
            self.folded.append(len(self.open))
        shows = not self.folded or "summary" in self.open
        if shows and given.get("class") and given["class"] not in self.facts.classes:
            self.facts.classes.append(given["class"])

    def _forbidden(self, tag: str, given: dict[str, str], line: int) -> None:
        found = []
        if tag == "style":
            found.append("a <style> element")
        if tag == "script" and "src" not in given and given.get("type") not in DATA_SCRIPTS:
            found.append("an inline <script>")
        if tag in ("iframe", "object", "embed", "base", "foreignobject"):
            found.append(f"a <{tag}> element")
        for name, value in given.items():
            if name == "style":
                found.append(f'style="{value[:40]}" on <{tag}>')
            if name.startswith("on"):
                found.append(f"the handler {name} on <{tag}>")
            if name in URL_ATTRIBUTES and value.strip().lower().startswith("javascript:"):
                found.append(f"a javascript: address on <{tag}>")
        self.facts.inline += [Place(what, line) for what in found]

    def _addresses(self, tag: str, given: dict[str, str], line: int) -> None:
        if tag == "a" and "href" in given:
            self.facts.links.append(Place(given["href"], line))
            return
        kinds = given.get("rel", "").lower().split()
        if tag == "link":
            if "stylesheet" in kinds:
                self.facts.stylesheets.append(given.get("href", ""))
            if "preload" in kinds or "modulepreload" in kinds:
                self.facts.preloads.append(given.get("href", ""))
            if {"canonical", "license", "author"} & set(kinds):
                return
        if tag == "script" and given.get("src"):
            self.facts.scripts.append(given["src"])
        for name in ("data-states", "data-map"):
            if given.get(name):
                self.facts.resources.append(Place(given[name], line))
        for name in URL_ATTRIBUTES:
            value = given.get(name, "")
            if value and not value.startswith("data:"):
                self.facts.resources.append(Place(value, line))
        for candidate in given.get("srcset", "").split(","):
            if candidate.strip():
                self.facts.resources.append(Place(candidate.split()[0], line))

    def _exhibit(self, tag: str, given: dict[str, str], line: int) -> None:
        classes = given.get("class", "").split()
        if tag == "figure" and "exhibit" in classes:
            self.exhibit = ExhibitFacts(
                given.get("data-exhibit", ""),
                given.get("id", ""),
                given.get("data-rung", ""),
                given.get("data-states", ""),
                line,
            )
            self.exhibit_depth = len(self.open)
            self.facts.exhibits.append(self.exhibit)
            return
        if self.exhibit is None:
            return
        if tag == "form":
            self.exhibit.forms += 1
        elif tag == "output" and given.get("aria-live"):
            self.exhibit.outputs += 1
            self.keeping = "sentence"
        elif tag == "svg" and "figure" in classes:
            self.exhibit.drawings += 1
        elif tag == "script" and "exhibit-schema" in classes:
            self.keeping = "schema"
        elif "picture" in classes:
            self.exhibit.pictures += 1
        if tag in ("input", "select") and given.get("name"):
            self.exhibit.inputs.append(given["name"])
        if given.get("data-action"):
            self.exhibit.actions.append(given["data-action"])


def controls_of(schema: str) -> list[str] | None:
    """Return the names of the controls that an exhibit's schema lists; None if it isn't JSON."""
    try:
        return [control["name"] for control in json.loads(schema)["controls"]]
    except (ValueError, KeyError, TypeError):
        return None
