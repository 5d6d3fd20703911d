"""A static server for tests: counts what was asked for, as a plain host would serve it."""

import gzip
import threading
from collections import Counter
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
        super().do_GET()

    def end_headers(self):
        hashed = any(f"/{part}/" in self.path for part in ("assets", "runtime", "states", "data"))
        value = "max-age=31536000, immutable" if hashed else "no-cache"
        self.send_header("Cache-Control", value)
        super().end_headers()

    def log_message(self, *args):
        pass


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
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, site=self))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def url(self, path: str = "") -> str:
        """Return the address of a path."""
        return f"{self.origin}/{path}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def compressed(folder: Path, pattern: str) -> int:
    """Return how many bytes the matching files are together, each gzipped."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in folder.glob(pattern))
