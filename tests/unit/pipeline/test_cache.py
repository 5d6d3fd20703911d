"""The cache and the hashes that name its entries."""

import gzip
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workings_build.cache import Cache, compressed_size, digest, digest_folder, write_whole


def test_a_value_comes_back_as_it_was_put(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.get("run", "abc") is None
    cache.put("run", "abc", {"a": (1, 2.5, None)})
    assert Cache(tmp_path).get("run", "abc") == {"a": (1, 2.5, None)}
    assert cache.get("bake", "abc") is None
    assert (cache.hits, cache.misses) == (0, 2)


def test_a_spoilt_entry_is_a_miss(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("run", "abc", list(range(1000)))
    entry = next(tmp_path.rglob("*.pickle"))
    entry.write_bytes(entry.read_bytes()[:40])
    assert cache.get("run", "abc") is None
    cache.put("run", "abc", [1])
    assert cache.get("run", "abc") == [1]


def test_only_what_was_not_used_for_long_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("run", "old", 1)
    cache.put("run", "used", 2)
    for entry in tmp_path.rglob("*.pickle"):
        os.utime(entry, (time.time() - 90 * 86400,) * 2)
    assert cache.get("run", "used") == 2
    assert cache.prune(days=30) == 1
    assert cache.get("run", "old") is None
    assert cache.get("run", "used") == 2


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_parts_never_run_into_each_other(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_a_folders_hash_knows_names_and_content_but_no_caches(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    first = digest_folder(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    os.utime(tmp_path / "a.txt", (0, 0))
    assert digest_folder(tmp_path) == first
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert digest_folder(tmp_path) != first


def test_the_compressed_size_is_that_of_gzip_at_its_best() -> None:
    content = b"workings " * 1000
    assert compressed_size(content) == len(gzip.compress(content, 9, mtime=0)) < 100


def test_what_can_not_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_whole(tmp_path / "taken", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
