"""Feeds: what was published (RSS and Atom), and what was put right (Atom).

A feed names everything by its whole address, so it is made only where the site's own is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree as xml

ATOM = "http://www.w3.org/2005/Atom"
RIGHTS = "CC BY 4.0"


@dataclass(frozen=True)
class Item:
    """Something to tell of: a page, or a change of one."""

    title: str
    path: str  # from the site's root, perhaps with an anchor
    date: str  # "2026-11-22"
    summary: str
    author: str = ""
    tags: tuple[str, ...] = ()


def atom(
    title: str, subtitle: str, url: str, own: str, items: Sequence[Item], about: str = ""
) -> str:
    """Write an Atom feed (RFC 4287); items are newest first.

    `own` is the feed's path, `about` that of the page which says the same to people.
    """
    feed = xml.Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _text(feed, "title", title)
    _text(feed, "subtitle", subtitle)
    _text(feed, "id", url + own)
    xml.SubElement(feed, "link", rel="self", href=url + own, type="application/atom+xml")
    xml.SubElement(feed, "link", rel="alternate", href=url + about, type="text/html")
    _text(feed, "updated", _instant(max((item.date for item in items), default="1970-01-01")))
    author = xml.SubElement(feed, "author")
    _text(author, "name", title.split(":")[0])
    _text(feed, "rights", RIGHTS)
    for item in items:
        entry = xml.SubElement(feed, "entry")
        _text(entry, "title", item.title)
        _text(entry, "id", url + item.path)
        xml.SubElement(entry, "link", rel="alternate", href=url + item.path, type="text/html")
        _text(entry, "updated", _instant(item.date))
        _text(entry, "published", _instant(item.date))
        for tag in item.tags:
            xml.SubElement(entry, "category", term=tag)
        _text(entry, "summary", item.summary)
    return _written(feed)


def rss(title: str, subtitle: str, url: str, own: str, items: Sequence[Item]) -> str:
    """Write an RSS 2.0 feed."""
    top = xml.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = xml.SubElement(top, "channel")
    _text(channel, "title", title)
    _text(channel, "link", url)
    _text(channel, "description", subtitle)
    _text(channel, "language", "en")
    xml.SubElement(channel, "atom:link", rel="self", href=url + own, type="application/rss+xml")
    if items:
        _text(channel, "lastBuildDate", _rfc822(max(item.date for item in items)))
    for item in items:
        told = xml.SubElement(channel, "item")
        _text(told, "title", item.title)
        _text(told, "link", url + item.path)
        guid = xml.SubElement(told, "guid", isPermaLink="true")
        guid.text = url + item.path
        _text(told, "pubDate", _rfc822(item.date))
        for tag in item.tags:
            _text(told, "category", tag)
        _text(told, "description", item.summary)
    return _written(top)


def _text(parent: xml.Element, name: str, text: str) -> None:
    xml.SubElement(parent, name).text = text


def _noon(date: str) -> datetime:
    """Take a day's noon: whatever the reader's time zone, it is the same day."""
    return datetime.fromisoformat(date).replace(hour=12, tzinfo=UTC)


def _instant(date: str) -> str:
    return _noon(date).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rfc822(date: str) -> str:
    return format_datetime(_noon(date), usegmt=True)


def _written(root: xml.Element) -> str:
    xml.indent(root, space=" ")
    text = xml.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'
