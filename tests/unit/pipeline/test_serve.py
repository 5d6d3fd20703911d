"""The server: files as any static host sends them, and the one thing that it adds."""

import gzip
import http.client
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from workings_build import serve
from workings_build.serve import Served, start

from tests.unit.pipeline.project import write

pytestmark = pytest.mark.slow


@pytest.fixture
def served(tmp_path: Path) -> Served:
    folder = tmp_path / "dist"
    write(folder / "index.html", "<html><body>Home</body></html>")
    write(folder / "404.html", "<html><body>Not here</body></html>")
    write(folder / "one" / "index.html", "<html><body>One</body></html>")
    write(folder / "one" / "states" / "a.1234.json", '{"a": 1}')
    write(folder / "assets" / "1" / "scripts" / "main.js", "x();" * 100)
    write(folder / "runtime" / "1" / "pyodide" / "p.mjs", "y();")
    write(folder / "runtime" / "1" / "pyodide" / "p.wasm", "wasm")
    write(folder / "runtime" / "1" / "pyodide" / "n.whl", "wheel")
    write(tmp_path / "secret.txt", "secret")
    return Served(folder)


@pytest.fixture
def address(served: Served) -> Iterator[str]:
    server, address = start(served, 0)
    yield address
    server.shutdown()
    server.server_close()


def get(
    address: str, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=given)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


@pytest.mark.parametrize(
    ("path", "kind", "freshness"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/one/", "text/html; charset=utf-8", "no-cache"),
        ("/one/states/a.1234.json", "application/json; charset=utf-8", "immutable"),
        ("/assets/1/scripts/main.js", "text/javascript; charset=utf-8", "immutable"),
        ("/runtime/1/pyodide/p.mjs", "text/javascript; charset=utf-8", "immutable"),
        ("/runtime/1/pyodide/p.wasm", "application/wasm", "immutable"),
        ("/runtime/1/pyodide/n.whl", "application/zip", "immutable"),
    ],
)
def test_types_and_freshness(address: str, path: str, kind: str, freshness: str) -> None:
    response, _ = get(address, path)
    assert response.status == 200
    assert response.headers["Content-Type"] == kind
    assert freshness in response.headers["Cache-Control"]


def test_it_listens_on_this_machine_only_and_sends_no_special_headers(address: str) -> None:
    assert address.startswith("http://127.0.0.1:")
    response, _ = get(address, "/")
    assert {name.lower() for name in response.headers} == {
        "server",
        "date",
        "content-type",
        "content-length",
        "cache-control",
    }


def test_gzip_where_it_is_accepted_and_worth_it(address: str) -> None:
    plain, body = get(address, "/assets/1/scripts/main.js")
    assert plain.headers["Content-Encoding"] is None
    packed, compressed = get(address, "/assets/1/scripts/main.js", Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(compressed) == body == b"x();" * 100
    assert len(compressed) < len(body)
    wheel, _ = get(address, "/runtime/1/pyodide/n.whl", Accept_Encoding="gzip")
    assert wheel.headers["Content-Encoding"] is None
    _, page = get(address, "/one/", Accept_Encoding="gzip")
    assert b"One" in gzip.decompress(page)


def test_a_folder_without_its_slash_is_redirected(address: str) -> None:
    response, _ = get(address, "/one?x=1")
    assert (response.status, response.headers["Location"]) == (301, "/one/?x=1")


@pytest.mark.parametrize(
    "path", ["/nothing", "/one/nothing/", "/../secret.txt", "/%2e%2e/secret.txt", "/one/..%2f..%2f"]
)
def test_what_is_not_below_the_folder_is_not_found(address: str, path: str) -> None:
    response, body = get(address, path)
    assert response.status == 404
    assert b"Not here" in body and b"secret" not in body


def test_head_sends_no_body(address: str) -> None:
    response, body = get(address, "/assets/1/scripts/main.js", "HEAD")
    assert body == b""
    assert response.headers["Content-Length"] == "400"


def test_only_pages_get_the_reload_script_and_the_files_stay_as_they_are(
    address: str, served: Served
) -> None:
    _, page = get(address, "/one/")
    assert page.count(serve.RELOAD_TAG) == 1
    assert serve.RELOAD_TAG not in (served.folder / "one" / "index.html").read_bytes()
    script, body = get(address, serve.RELOAD_PATH)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert b"location.reload()" in body


def test_without_live_reload_pages_are_sent_as_they_are(served: Served) -> None:
    server, address = start(served, 0, live=False)
    try:
        _, page = get(address, "/one/")
        assert page == (served.folder / "one" / "index.html").read_bytes()
        assert get(address, serve.RELOAD_PATH)[0].status == 404
    finally:
        server.shutdown()
        server.server_close()


def test_a_waiting_page_is_told_as_soon_as_another_folder_is_shown(
    address: str, served: Served, tmp_path: Path
) -> None:
    write(tmp_path / "next" / "index.html", "<html><body>Next</body></html>")
    _, version = get(address, serve.VERSION_PATH)
    told: list[bytes] = []
    waiting = threading.Thread(
        target=lambda: told.append(
            get(address, f"{serve.VERSION_PATH}?after={version.decode()}")[1]
        )
    )
    waiting.start()
    time.sleep(0.1)
    assert told == []
    served.show(tmp_path / "next")
    waiting.join(5)
    assert told and told != [version]
    assert b"Next" in get(address, "/")[1]


def test_a_taken_port_gives_way_to_the_next_free_one(served: Served) -> None:
    first, one = start(served, 0)
    port = first.server_address[1]
    second, other = start(served, port)
    try:
        assert urlsplit(other).port in range(port + 1, port + 20)
        assert b"Home" in get(other, "/")[1]
        with pytest.raises(OSError, match="choose another with --port"):
            start(served, port, tries=1)
    finally:
        for server in (first, second):
            server.shutdown()
            server.server_close()
    assert one != other
