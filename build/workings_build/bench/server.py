"""A static server on the loopback address that compresses as a plain host does, and counts."""

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
    ".whl": "application/zip",
}
STATUS_LINES = 100  # bytes of the status line, Server and Date, about
PACKED = {".woff2", ".zip", ".whl", ".png"}  # compressed already


@lru_cache(maxsize=512)
def _body(path: Path, modified: int) -> tuple[bytes, bool]:
    data = path.read_bytes()
    if path.suffix in PACKED or len(data) < 256:
        return data, False
    return gzip.compress(data, 6, mtime=0), True


class Server:
    """Folders and single files under one origin; what left it, and what it lacked, on record."""

    def __init__(self, folders: Mapping[str, Path], files: Mapping[str, Path]) -> None:
        self.folders, self.files = folders, files
        self.sent: list[tuple[str, int]] = []
        self.missing: list[str] = []
        self.origin = ""

    def find(self, path: str) -> Path | None:
        """Find the file that answers a path."""
        if path in self.files:
            return self.files[path]
        for prefix, folder in self.folders.items():
            if path.startswith(prefix):
                inner = path.removeprefix(prefix)
                place = (folder / inner).resolve()
                if place.is_dir():
                    place = place / "index.html"
                if place.is_file() and place.is_relative_to(folder.resolve()):
                    return place
        return None

    def bytes(self, start: int = 0, *, runtime: bool | None = None) -> int:
        """Add up what was sent since record `start`: all, or (not) Python's own files."""
        return sum(
            count
            for path, count in self.sent[start:]
            if runtime is None or runtime == ("/runtime/" in path)
        )


@contextmanager
def serving(folders: Mapping[str, Path], files: Mapping[str, Path]) -> Iterator[Server]:
    """Serve until the block ends."""
    server = Server(folders, files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet: the record is enough."""

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            found = server.find(path)
            if found is None:
                server.missing.append(path)
                self.send_error(404)
                return
            modified = found.stat().st_mtime_ns
            etag = f'"{modified:x}"'
            if self.headers.get("If-None-Match") == etag:
                self._send(304, path, {"ETag": etag}, b"")
                return
            body, packed = _body(found, modified)
            head = {
                "Content-Type": TYPES.get(found.suffix, "application/octet-stream"),
                "Content-Length": str(len(body)),
                "Cache-Control": "max-age=600",
                "ETag": etag,
                "Last-Modified": formatdate(modified / 1e9, usegmt=True),
                **({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if packed else {}),
            }
            self._send(200, path, head, body)

        def _send(self, status: int, path: str, head: dict[str, str], body: bytes) -> None:
            """Answer; what will be sent is on record before it leaves."""
            self.send_response(status)
            for name, value in head.items():
                self.send_header(name, value)
            lines = sum(len(name) + len(value) + 4 for name, value in head.items())
            server.sent.append((path, STATUS_LINES + lines + len(body)))
            try:
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True  # the browser left

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.origin = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
