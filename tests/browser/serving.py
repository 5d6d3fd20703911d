"""A static server for tests: counts what was asked for, as a plain host would serve it."""

import gzip
import threading
import time
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatch
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
        ".whl": "application/zip",
    }

    def __init__(self, *args, site: "Site", **more):
        self.site = site
        super().__init__(*args, directory=str(site.folder), **more)

    def do_GET(self):
        path = urlsplit(self.path).path
        self.site.requests[path] += 1
        self.directory = str(self.site.folder)  # a connection outlives a change of folder
        if self.site.down:
            self.close_connection = True
            self.connection.close()
            return
        for pattern, fault in self.site.faults.items():
            if fnmatch(path, pattern):
                fault(self)
                return
        super().do_GET()

    def end_headers(self):
        hashed = any(f"/{part}/" in self.path for part in ("assets", "runtime", "states", "data"))
        value = "max-age=31536000, immutable" if hashed else "no-cache"
        self.send_header("Cache-Control", value)
        for name, content in self.site.headers.items():
            self.send_header(name, content)
        super().end_headers()

    def log_message(self, *args):
        pass


Fault = Callable[[_Handler], None]


def _begin(handler: _Handler) -> bytes:
    """Send the head that the file would have, and return its content."""
    path = Path(handler.translate_path(handler.path))
    content = path.read_bytes()
    handler.send_response(200)
    handler.send_header("Content-Type", handler.guess_type(str(path)))
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    return content


def missing(handler: _Handler) -> None:
    """Answer 404."""
    handler.send_error(404)


def truncated(handler: _Handler) -> None:
    """Send half of the file and hang up."""
    content = _begin(handler)
    handler.wfile.write(content[: len(content) // 2])
    handler.close_connection = True


def spoilt(handler: _Handler) -> None:
    """Send as many bytes as the file has, of something else."""
    handler.wfile.write(b"<" * len(_begin(handler)))


def slow(handler: _Handler, rate: int = 10_000) -> None:
    """Send so many bytes a second, until the site is closed or the reader goes."""
    content = _begin(handler)
    step = rate // 10
    for start in range(0, len(content), step):
        if handler.site.closed or handler.site.down:
            handler.close_connection = True
            return
        handler.wfile.write(content[start : start + step])
        handler.wfile.flush()
        time.sleep(0.1)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Browsers drop connections as they please; that is no fault of the test's."""


class Site:
    """A folder being served on a loopback port of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.requests: Counter[str] = Counter()
        self.down = False
        self.closed = False
        self.headers: dict[str, str] = {}  # beside those that every answer has
        self.faults: dict[str, Fault] = {}  # what befalls the paths that match a pattern
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, site=self))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def url(self, path: str = "") -> str:
        """Return the address of a path."""
        return f"{self.origin}/{path}"

    def close(self) -> None:
        """Stop serving."""
        self.closed = True
        self._server.shutdown()
        self._server.server_close()


def compressed(folder: Path, pattern: str) -> int:
    """Return how many bytes the matching files are together, each gzipped."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in folder.glob(pattern))
