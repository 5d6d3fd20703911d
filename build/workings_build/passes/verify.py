"""The verify pass: the finished site, read as a browser would, against what every page promises."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from workings_build.budgets import Files, named_by, over_budget, target_of
from workings_build.cache import Cache, digest
from workings_build.html_facts import ExhibitFacts, Facts, Place, controls_of, facts_of
from workings_build.passes.verify_machines import verify_machines
from workings_build.problems import Problem

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self' blob:; worker-src 'self' blob:; "
    "form-action 'none'; base-uri 'none'"
)
OUTSIDE = ("https", "http", "mailto")


@dataclass(frozen=True)
class Expected:
    """What a page should hold, and where its text comes from (for messages)."""

    path: str  # "attention/index.html"
    exhibits: tuple[str, ...] = ()
    file: str = ""  # page.md, as messages name it
    text: str = ""
    base: str = (
        ""  # "/site/" for a page that hosts show at any address, and so names all from there
    )


@dataclass
class _Site:
    files: Files
    pages: dict[str, Facts] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)


def verify(folder: Path, expected: Iterable[Expected], cache: Cache) -> list[Problem]:
    """Check links, policy, budgets, the exhibits' contract and unique ids of all pages."""
    known = {page.path: page for page in expected}
    site = _Site(Files(folder))
    code = digest(Path(__file__).with_name("verify.py").read_bytes(), _reader_source())
    for path in sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.html")):
        if path.split("/")[0] in ("assets", "runtime"):
            continue
        content = (folder / path).read_bytes()
        site.pages[path] = _facts(content, code, cache)
        site.ids[path] = {place.value for place in site.pages[path].ids}
    problems: list[Problem] = []
    for path, facts in site.pages.items():
        page = known.get(path, Expected(path))
        facts = _from_base(facts, page.base)
        for check in (_links, _resources, _policy, _ids, _exhibits, _basics):
            problems += check(site, page, facts)
        for what, remedy in over_budget(site.files, path, facts):
            problems.append(Problem(page.file or path, None, what, remedy))
    problems += verify_machines(folder, [path for path in site.pages if path in known])
    missing = [path for path in known if path not in site.pages]
    problems += [Problem(p, None, "The page wasn't written.", "Report this.") for p in missing]
    return problems


def _reader_source() -> bytes:
    return Path(__file__).parents[1].joinpath("html_facts.py").read_bytes()


def _facts(content: bytes, code: str, cache: Cache) -> Facts:
    key = digest(code, content)
    stored: Any = cache.get("facts", key)
    if stored is None:
        stored = facts_of(content.decode("utf-8")).plain()
        cache.put("facts", key, stored)
    return Facts.of(stored)


def _from_base(facts: Facts, base: str) -> Facts:
    """Take the site's own path off addresses, so that they are relative to its root."""

    def cut(address: str) -> str:
        if not base or not address.startswith(base):
            return address
        return "./" + address.removeprefix(base)  # so that a fragment alone is of the home page

    return replace(
        facts,
        links=[Place(cut(link.value), link.line) for link in facts.links],
        resources=[Place(cut(found.value), found.line) for found in facts.resources],
        stylesheets=[cut(address) for address in facts.stylesheets],
        scripts=[cut(address) for address in facts.scripts],
        preloads=[cut(address) for address in facts.preloads],
    )


def _links(site: _Site, page: Expected, facts: Facts) -> list[Problem]:
    problems = []
    for link in facts.links:
        address = urlsplit(link.value)
        if address.scheme in OUTSIDE:
            continue
        if address.scheme or address.netloc or address.path.startswith("/"):
            what = f"The link {link.value} doesn't stay below the site's own folder."
            remedy = "Link relatively, or with https:// to another site."
            problems.append(_at(page, link.value, link.line, what, remedy))
            continue
        target = target_of(page.path, address.path)
        if target.startswith("../") or not (site.files.folder / target).is_file():
            what = f"The link {link.value} leads to nothing."
            remedy = "Mend the address, or use a {page} role, which knows planned pages."
            problems.append(_at(page, link.value, link.line, what, remedy))
        elif not _has_anchor(site, target, address.fragment):
            what = f"The link {link.value} names a place that isn't on its page."
            problems.append(_at(page, link.value, link.line, what, "Name the id of a heading."))
    return problems


def _has_anchor(site: _Site, target: str, fragment: str) -> bool:
    name = unquote(fragment).split("?")[0].split(";")[0]
    return not name or name == "top" or target not in site.ids or name in site.ids[target]


def _resources(site: _Site, page: Expected, facts: Facts) -> list[Problem]:
    problems = []
    for resource in facts.resources:
        address = urlsplit(resource.value)
        if address.scheme or address.netloc or address.path.startswith("/"):
            what = f"The page fetches {resource.value}: nothing may come from elsewhere."
            remedy = "Put the file beside the page and name it relatively."
        elif not address.path:
            if address.fragment in site.ids[page.path]:
                continue
            what = f"{resource.value} names no element of the page."
            remedy = "Give the element that is meant this id."
        else:
            target = target_of(page.path, address.path)
            if not target.startswith("../") and (site.files.folder / target).is_file():
                continue
            what = f"The page needs {resource.value}, which isn't there."
            remedy = "Put the file in place or mend its name."
        problems.append(_at(page, resource.value, resource.line, what, remedy))
    for style in dict.fromkeys(target_of(page.path, href) for href in facts.stylesheets):
        for name in named_by(site.files, style):
            if name.startswith("../") or not (site.files.folder / name).is_file():
                what = f"The stylesheet names {name}, which isn't there."
                problems.append(Problem(style, None, what, "Mend the name, or vendor the file."))
    return problems


def _policy(site: _Site, page: Expected, facts: Facts) -> list[Problem]:
    problems = []
    if [" ".join(policy.split()) for policy in facts.policies] != [POLICY]:
        what = "The page's content security policy isn't the one that every page has."
        problems.append(Problem(page.path, 1, what, f"Put it into base.html once: {POLICY}"))
    for found in facts.inline:
        what = f"The page has {found.value}, which its policy forbids."
        remedy = "Use a class and a stylesheet, or a module of site/scripts/."
        problems.append(Problem(page.path, found.line, what, remedy))
    return problems


def _ids(site: _Site, page: Expected, facts: Facts) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for place in facts.ids:
        if place.value in first or not place.value or " " in place.value:
            what = f'The id "{place.value}" stands twice or is none'
            what += f" (first on line {first.get(place.value, place.line)})."
            problems.append(_at(page, place.value, place.line, what, "Give each its own id."))
        first.setdefault(place.value, place.line)
    return problems


def _exhibits(site: _Site, page: Expected, facts: Facts) -> list[Problem]:
    problems = []
    found = [exhibit.name for exhibit in facts.exhibits]
    if sorted(found) != sorted(page.exhibits):
        missing = [name for name in page.exhibits if name not in found]
        twice = sorted({name for name in found if found.count(name) > 1})
        what = f"The page shows the exhibits {', '.join(found) or 'none'}"
        what += f"; missing: {', '.join(missing)}" if missing else ""
        what += f"; set twice: {', '.join(twice)}" if twice else ""
        remedy = "Set each exhibit of exhibits.py once, with the {exhibit} directive."
        problems.append(Problem(page.file or page.path, None, what + ".", remedy))
    for exhibit in facts.exhibits:
        for fault in _faults(exhibit):
            what = f"The exhibit {exhibit.name} {fault}."
            remedy = "Keep to the page's contract in docs/architecture.md."
            problems.append(Problem(page.path, exhibit.line, what, remedy))
    return problems


def _faults(exhibit: ExhibitFacts) -> list[str]:
    controls = controls_of(exhibit.schema)
    checks: list[tuple[bool, str]] = [
        (exhibit.id == f"exhibit-{exhibit.name}", f"has the id {exhibit.id!r}"),
        (exhibit.rung == "html", f"starts with data-rung={exhibit.rung!r}"),
        (exhibit.forms == 1, f"has {exhibit.forms} forms"),
        (exhibit.pictures == 1, f"has {exhibit.pictures} elements of class picture"),
        (exhibit.drawings >= 1, "has no SVG in its picture"),
        (exhibit.outputs == 1, f"has {exhibit.outputs} live outputs"),
        (bool(exhibit.sentence.strip()), "has no sentence"),
        (controls is not None, "has no readable schema"),
        (set(controls or []) <= set(exhibit.inputs), "lacks an input for one of its controls"),
    ]
    return [fault for holds, fault in checks if not holds]


def _basics(site: _Site, page: Expected, facts: Facts) -> list[Problem]:
    problems = []
    if not facts.lang:
        problems.append(Problem(page.path, 1, "<html> has no lang.", "Set it in base.html."))
    if not facts.title.strip():
        problems.append(Problem(page.path, 1, "The page has no title.", "Give it a <title>."))
    return problems


def _at(page: Expected, needle: str, line: int, what: str, remedy: str) -> Problem:
    """Name the author's line where the text has what was found, else the page's own."""
    for number, text in enumerate(page.text.splitlines(), start=1):
        if needle and needle in text:
            return Problem(page.file, number, what, remedy)
    return Problem(page.path, line, what, remedy)
