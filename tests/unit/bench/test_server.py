"""What the bench serves, and what it counts."""

import gzip
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from workings_build.bench.server import serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("<p>" + "words " * 500)
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "one.whl").write_bytes(bytes(2000))
    return tmp_path


def get(url: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10)


def test_text_is_compressed_and_its_bytes_are_counted(folder: Path):
    with serving({"/site/": folder}, {}) as server:
        with get(f"{server.origin}/site/page/") as answer:
            body = answer.read()
            assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(body).startswith(b"<p>words")
        assert len(body) < server.bytes() < len(body) + 500


def test_archives_are_sent_as_they_are_and_counted_as_pythons(folder: Path):
    with serving({"/site/": folder}, {}) as server:
        with get(f"{server.origin}/site/runtime/one.whl") as answer:
            assert answer.headers["Content-Encoding"] is None
            assert len(answer.read()) == 2000
        assert server.bytes(runtime=True) > 2000
        assert server.bytes(runtime=False) == 0


def test_single_files_go_before_folders(folder: Path, tmp_path: Path):
    other = tmp_path / "other.html"
    other.write_text("other")
    with (
        serving({"/site/": folder}, {"/site/page/index.html": other}) as server,
        get(f"{server.origin}/site/page/index.html") as answer,
    ):
        assert answer.read() == b"other"


def test_a_file_that_the_browser_has_is_not_sent_again(folder: Path):
    with serving({"/site/": folder}, {}) as server:
        with get(f"{server.origin}/site/page/") as answer:
            etag = answer.headers["ETag"]
        first = server.bytes()
        with pytest.raises(urllib.error.HTTPError, match="304") as caught:
            get(f"{server.origin}/site/page/", **{"If-None-Match": etag})
        caught.value.close()
        assert server.bytes() - first < 200


@pytest.mark.parametrize("path", ["/site/none.html", "/site/..%2f..%2fetc/passwd", "/else"])
def test_nothing_else_is_served(folder: Path, path: str):
    with serving({"/site/": folder}, {}) as server:
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            get(server.origin + path)
        caught.value.close()
        assert len(server.missing) == 1
