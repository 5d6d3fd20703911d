"""What machines read of a site, checked: JSON-LD, sitemap and feeds against the pages there are."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as xml

from workings_build.problems import Problem

_JSONLD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)
_ATOM = "{http://www.w3.org/2005/Atom}"
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEEDED = {
    "LearningResource": ("name", "description", "inLanguage", "datePublished", "license"),
    "ScholarlyArticle": ("name", "author"),
    "CollectionPage": ("name", "description", "license"),
}
REPORT = "Report this; the builder writes it."


def verify_machines(folder: Path, pages: Iterable[str]) -> list[Problem]:
    """Check the files beside the pages; `pages` are paths of HTML files from the site's root."""
    html = list(pages)
    problems = [problem for path in html for problem in _jsonld(folder, path)]
    problems += _sitemap(folder, html)
    for name in ("atom.xml", "errata.xml"):
        problems += _atom(folder, name)
    return problems + _rss(folder)


def _jsonld(folder: Path, path: str) -> list[Problem]:
    """Check that what a page says of itself is JSON and says what its type must say."""
    problems = []
    for written in _JSONLD.findall((folder / path).read_text(encoding="utf-8")):
        try:
            value = json.loads(written)
        except ValueError as fault:
            problems.append(Problem(path, None, f"Its JSON-LD is no JSON: {fault}.", REPORT))
            continue
        waiting = [value]
        for thing in waiting:  # grows while it is read
            if not isinstance(thing, dict):
                continue
            waiting += thing.values()
            missing = [k for k in NEEDED.get(str(thing.get("@type")), ()) if not thing.get(k)]
            if missing:
                what = f"Its JSON-LD has a {thing['@type']} without {' and '.join(missing)}."
                remedy = "Fill in the page's front matter (title, dek, authors, date)."
                problems.append(Problem(path, None, what, remedy))
    return problems


def _sitemap(folder: Path, html: Iterable[str]) -> list[Problem]:
    """Check that the sitemap lists every page that is to be found, and nothing else."""
    tree, problems = _tree(folder, "sitemap.xml")
    if tree is None:
        return problems
    urls = [loc.text or "" for loc in tree.iter(f"{_SITEMAP}loc")]
    home = min(urls, key=len, default="")
    listed = {url.removeprefix(home) for url in urls}
    hidden = ("404.html",)
    there = {p.removesuffix("index.html") for p in html if p not in hidden and "/embed/" not in p}
    for path in sorted(there - listed):
        what = f"The page '{path}' is not in the sitemap."
        problems.append(Problem("sitemap.xml", None, what, REPORT))
    for path in sorted(listed - there):
        what = f"The sitemap lists '{path}', which is no page."
        problems.append(Problem("sitemap.xml", None, what, REPORT))
    return problems


def _atom(folder: Path, name: str) -> list[Problem]:
    """Check an Atom feed for what RFC 4287 demands of a feed and of each entry."""
    tree, problems = _tree(folder, name)
    if tree is None:
        return problems
    needed = ("id", "title", "updated")
    for thing in (tree, *tree.iter(f"{_ATOM}entry")):
        for child in needed:
            found = thing.findall(f"{_ATOM}{child}")
            if len(found) != 1 or not (found[0].text or "").strip():
                what = f"An element has no single <{child}>."
                problems.append(Problem(name, None, what, REPORT))
    ids = [entry.findtext(f"{_ATOM}id") for entry in tree.iter(f"{_ATOM}entry")]
    if name == "atom.xml" and len(ids) != len(set(ids)):
        problems.append(Problem(name, None, "Two entries have one id.", REPORT))
    return problems


def _rss(folder: Path) -> list[Problem]:
    """Check the RSS feed for what RSS 2.0 demands, and that each item leads to a page."""
    tree, problems = _tree(folder, "feed.xml")
    if tree is None:
        return problems
    for thing in (*tree.iter("channel"), *tree.iter("item")):
        for child in ("title", "link", "description"):
            if not (thing.findtext(child) or "").strip():
                what = f"A <{thing.tag}> has no <{child}>."
                problems.append(Problem("feed.xml", None, what, REPORT))
    base = urlsplit(tree.findtext("channel/link") or "").path
    for item in tree.iter("item"):
        path = urlsplit(item.findtext("link") or "").path.removeprefix(base)
        if not (folder / path / "index.html").is_file():
            what = f"An item leads to '{path}', which is no page."
            problems.append(Problem("feed.xml", None, what, REPORT))
    return problems


def _tree(folder: Path, name: str) -> tuple[xml.Element | None, list[Problem]]:
    path = folder / name
    if not path.is_file():
        return None, []
    try:
        return xml.fromstring(path.read_bytes()), []
    except xml.ParseError as fault:
        return None, [Problem(name, None, f"It is not well-formed: {fault}.", REPORT)]
