"""What hosts are told about caching, by each of the samples, for every file of a real site."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from workings_build.around.hosting import FOREVER, HASHED, headers_file
from workings_build.cache import Cache
from workings_build.passes.press import press
from workings_build.reporting import Silent

SAMPLES = Path(__file__).parents[3] / "docs" / "hosting"

KEPT = (
    "assets/0a1b2c3d4e5f/styles/main.css",
    "runtime/0a1b2c3d4e5f/pyodide/pyodide.asm.wasm",
    "data/offline.0a1b2c3d.json",
    "rope/states/clocks.0a1b2c3d.json",
    "attention/data/minilm-attention/0a1b2c3d4e5f/tiles/0-1.png",
    "articles/solar-cells/states/exhibits.0a1b2c3d.py",
    "search/data/0a1b2c3d4e5f/pagefind.js",
)
ASKED_FOR = (
    "index.html",
    "sw.js",
    "site.json",
    "feed.xml",
    "rope/index.html",
    "rope/index.md",
    "rope/card.png",
    "articles/solar-cells/embed/cell/index.html",
    "claims/index.html",
)


def by_headers_file(path: str) -> bool:
    """Whether Netlify and Cloudflare Pages tell browsers to keep a path for good."""
    patterns = [re.sub(r":\w+", "[^/]+", rule.replace("*", ".*")) for rule in HASHED]
    return any(re.fullmatch(pattern, f"/{path}") for pattern in patterns)


def by_nginx(path: str) -> bool:
    text = (SAMPLES / "nginx.conf").read_text()
    rules = re.findall(rf'"~(\S+)"\s+"{re.escape(FOREVER)}";', text)
    assert len(rules) == 2
    return any(re.search(rule, f"/{path}") for rule in rules)


def by_object_store(path: str) -> bool:
    text = (SAMPLES / "object-store.sh").read_text()
    assert f"forever='{FOREVER}'" in text
    (hashed,) = re.findall("^hashed='(.+)'$", text, re.MULTILINE)
    return bool(re.search(hashed, path))


@pytest.mark.parametrize("told", [by_headers_file, by_nginx, by_object_store])
def test_what_has_a_hash_is_kept_and_the_rest_asked_for_again(told) -> None:
    assert [path for path in KEPT if not told(path)] == []
    assert [path for path in ASKED_FOR if told(path)] == []


def test_no_path_is_told_twice_how_long_it_may_be_kept() -> None:
    lines = headers_file().splitlines()
    general = lines[1 : lines.index(HASHED[0])]
    assert not any("Cache-Control" in line for line in general)
    assert sum(FOREVER in line for line in lines) == len(HASHED)
    assert all(rule.count("*") == 1 and rule.endswith("*") for rule in HASHED)


def test_compressed_files_lie_beside_those_that_gain(tmp_path: Path) -> None:
    folder, cache = tmp_path / "site", Cache(tmp_path / "cache")
    folder.mkdir()
    page = b"<p>words and words</p>" * 100
    for name, content in {"a.html": page, "b.png": page, "c.txt": b"short"}.items():
        (folder / name).write_bytes(content)
    press(folder, 2, cache, Silent())
    beside = {path.name for path in folder.iterdir()}
    assert beside == {"a.html", "a.html.br", "a.html.gz", "b.png", "c.txt"}
    assert brotli.decompress((folder / "a.html.br").read_bytes()) == page
    assert gzip.decompress((folder / "a.html.gz").read_bytes()) == page
    before = {path: path.read_bytes() for path in folder.iterdir()}
    press(folder, 1, cache, Silent())
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
