from datetime import date
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as xml

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workings_build.around.feeds import ATOM, Item, atom, rss

URL = "https://example.org/site/"
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="￾￿"))
ITEMS = st.lists(
    st.builds(
        Item,
        title=TEXT,
        path=st.from_regex(r"[a-z]{1,8}/", fullmatch=True),
        date=st.dates(min_value=date(1970, 1, 1)).map(lambda day: day.isoformat()),
        summary=TEXT,
        tags=st.tuples(TEXT),
    ),
    max_size=4,
)


@given(items=ITEMS)
def test_atom_says_all_that_it_must_of_every_item(items: list[Item]):
    feed = xml.fromstring(atom("Workings", "Papers", URL, "atom.xml", items).encode())
    space = {"a": ATOM}
    for name in ("id", "title", "updated"):
        assert len(feed.findall(f"a:{name}", space)) == 1
    entries = feed.findall("a:entry", space)
    assert [e.findtext("a:title", None, space) or "" for e in entries] == [i.title for i in items]
    for entry, item in zip(entries, items, strict=True):
        assert entry.findtext("a:id", None, space) == URL + item.path
        assert entry.findtext("a:updated", None, space) == f"{item.date}T12:00:00Z"
        assert entry.find("a:link", space).get("href") == URL + item.path


@pytest.mark.slow
@given(items=ITEMS)
def test_rss_says_all_that_it_must_of_every_item(items: list[Item]):
    feed = xml.fromstring(rss("Workings", "Papers", URL, "feed.xml", items).encode())
    channel = feed.find("channel")
    assert feed.get("version") == "2.0"
    assert [bool(channel.findtext(name)) for name in ("title", "link", "description")] == [True] * 3
    for told, item in zip(channel.findall("item"), items, strict=True):
        assert told.findtext("guid") == told.findtext("link") == URL + item.path
        assert parsedate_to_datetime(told.findtext("pubDate")).date().isoformat() == item.date
        assert (told.findtext("description") or "") == item.summary
