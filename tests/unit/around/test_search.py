"""The index of the search: what is in it, and that equal pages give equal bytes."""

import gzip
import json
from pathlib import Path

import pagefind_bin
import pytest
from workings_build.around import search
from workings_build.around.search import SearchFault, folder_of, index_of
from workings_build.cache import Cache

HEAD = '<!doctype html><html lang="en"><head><title>T</title></head><body>'
PAGES = {
    "attention/index.html": (
        f'{HEAD}<main><article data-pagefind-body data-pagefind-meta="kind:Paper">'
        '<h1 data-pagefind-meta="title">Attention</h1><p>Weights by softmax.</p>'
        '<h2 id="masks">Masks <a class="anchor" href="#masks">#</a></h2><p>Minus infinity.</p>'
        '<pre class="code">unfindable_name</pre><details class="check">alsohidden</details>'
        "</article></main></body></html>"
    ).encode(),
    "about/index.html": f"{HEAD}<main><p>Not marked.</p></main></body></html>".encode(),
}


def fragments(files: dict[str, bytes]) -> list[dict]:
    packed = [content for path, content in files.items() if path.endswith(".pf_fragment")]
    texts = [gzip.decompress(content).decode() for content in packed]
    return [json.loads(text.removeprefix("pagefind_dcd")) for text in texts]


def test_only_marked_text_is_indexed_with_title_kind_and_places(tmp_path):
    (page,) = fragments(index_of(PAGES, Cache(tmp_path)))
    assert page["url"] == "/attention/"
    assert page["meta"]["title"] == "Attention" and page["meta"]["kind"] == "Paper"
    assert "softmax" in page["content"] and "hidden" not in page["content"]
    assert "unfindable" not in page["content"] and "#" not in page["content"]
    assert "masks" in [anchor["id"] for anchor in page["anchors"]]


def test_equal_pages_give_equal_bytes_in_a_folder_named_after_them(tmp_path):
    one = index_of(PAGES, Cache(tmp_path / "one"))
    other = index_of(dict(reversed(PAGES.items())), Cache(tmp_path / "other"))
    assert one == other
    changed = {**PAGES, "attention/index.html": PAGES["attention/index.html"] + b"<!-- -->"}
    assert folder_of(index_of(changed, Cache(tmp_path / "one"))) == folder_of(one)
    longer = PAGES["attention/index.html"].replace(b"Weights", b"Heavier weights")
    later = index_of({"attention/index.html": longer}, Cache(tmp_path / "one"))
    assert folder_of(later) != folder_of(one)
    assert all(path.startswith(folder_of(one)) for path in one)


def test_what_a_search_needs_is_there_and_nothing_else(tmp_path):
    files = {Path(path).name for path in index_of(PAGES, Cache(tmp_path))}
    assert {"pagefind.js", "pagefind-worker.js", "pagefind-entry.json"} <= files
    assert not [name for name in files if name.endswith(".css") or "-ui" in name]


def test_pages_that_did_not_change_are_not_indexed_again(tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    files = index_of(PAGES, cache)
    monkeypatch.setattr(search, "_indexed", lambda pages: pytest.fail("indexed again"))
    assert index_of(PAGES, cache) == files


def test_a_failing_indexer_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(pagefind_bin, "get_executable", lambda: Path(tmp_path, "nothing"))
    with pytest.raises(SearchFault, match="did not run"):
        index_of(PAGES, Cache(tmp_path))


def test_an_indexer_that_writes_nothing_is_told_with_its_words(tmp_path, monkeypatch):
    program = tmp_path / "indexer"
    program.write_text("#!/bin/sh\necho 'no room' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(pagefind_bin, "get_executable", lambda: program)
    with pytest.raises(SearchFault, match=r"Pagefind failed \(3\): no room"):
        index_of(PAGES, Cache(tmp_path))
