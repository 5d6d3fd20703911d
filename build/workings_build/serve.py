"""`workings serve`: a static server for one's own machine, with live reload.

It sends what any plain static host would: no special headers, gzip where it is accepted. The one
thing it adds is a script of a few lines at the end of each page, which reloads it after a build.
"""

import gzip
import http.server
import mimetypes
import socketserver
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from workings_build.passes.press import PRESSED

HOST = "127.0.0.1"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".xml": "application/xml; charset=utf-8",
    ".zip": "application/zip",
}
RELOAD_PATH = "/_workings/reload.js"
VERSION_PATH = "/_workings/version"
RELOAD_TAG = f'<script type="module" src="{RELOAD_PATH}"></script>'.encode()
RELOAD_SCRIPT = b"""// Reloads the page after a build; only `workings serve` adds it.
let shown;
for (;;) {
  try {
    const reply = await fetch('/_workings/version' + (shown ? '?after=' + shown : ''));
    const version = await reply.text();
    if (shown && version !== shown) location.reload();
    shown = version;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
"""
WAIT_SECONDS = 25.0


class Served:
    """The folder being served and its version, which waiting pages are told of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = 1
        self._changed = threading.Condition()
        self._packed: dict[tuple[Path, int, int], bytes] = {}

    def show(self, folder: Path) -> None:
        """Serve a newly built folder and let the open pages reload."""
        with self._changed:
            self.folder = folder
            self.version += 1
            self._packed.clear()
            self._changed.notify_all()

    def wait(self, after: str) -> int:
        """Return the version as soon as it isn't `after`, or in a while anyway."""
        with self._changed:
            self._changed.wait_for(lambda: str(self.version) != after, WAIT_SECONDS)
            return self.version

    def packed(self, path: Path) -> bytes:
        """Return a file's content compressed; the work is done once a file."""
        stat = path.stat()
        key = (path, stat.st_mtime_ns, stat.st_size)
        if key not in self._packed:
            level = 1 if stat.st_size > 1_000_000 else 6
            self._packed[key] = gzip.compress(path.read_bytes(), level, mtime=0)
        return self._packed[key]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers GET and HEAD from the served folder."""

    protocol_version = "HTTP/1.1"
    server_version = "workings"
    served: Served
    live: bool

    def do_GET(self) -> None:
        """Send a file."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Send a file's headers."""
        self._answer(body=False)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the terminal is for problems in the pages."""

    def _answer(self, body: bool) -> None:
        address = urlsplit(self.path)
        if self.live and address.path == RELOAD_PATH:
            return self._send(HTTPStatus.OK, TYPES[".js"], RELOAD_SCRIPT, body=body)
        if self.live and address.path == VERSION_PATH:
            version = self.served.wait(address.query.removeprefix("after="))
            return self._send(HTTPStatus.OK, TYPES[".txt"], str(version).encode(), body=body)
        path = resolve(self.served.folder, address.path)
        if path is not None and path.is_dir():
            if not address.path.endswith("/"):
                location = address.path + "/" + (f"?{address.query}" if address.query else "")
                return self._send(
                    HTTPStatus.MOVED_PERMANENTLY, TYPES[".txt"], b"", {"Location": location}, body
                )
            path = path / "index.html"
        status = HTTPStatus.OK
        if path is None or not path.is_file():
            status, path = HTTPStatus.NOT_FOUND, self.served.folder / "404.html"
        self._send_file(status, path, body)

    def _send_file(self, status: HTTPStatus, path: Path, body: bool) -> None:
        kind = content_type(path)
        headers = {"Cache-Control": freshness(self.served.folder, path)}
        try:
            if path.suffix == ".html":
                content = path.read_bytes()
                if self.live:
                    content = content.replace(b"</body>", RELOAD_TAG + b"</body>", 1)
            elif path.suffix in PRESSED and self._takes_gzip():
                headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
                content = self.served.packed(path)
            else:
                content = path.read_bytes()
        except OSError:
            return self._send(HTTPStatus.NOT_FOUND, TYPES[".txt"], b"Not found.\n", body=body)
        if path.suffix == ".html" and self._takes_gzip():
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            content = gzip.compress(content, 6, mtime=0)
        return self._send(status, kind, content, headers, body)

    def _takes_gzip(self) -> bool:
        return "gzip" in self.headers.get("Accept-Encoding", "")

    def _send(
        self,
        status: HTTPStatus,
        kind: str,
        content: bytes,
        headers: dict[str, str] | None = None,
        body: bool = True,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in ({"Cache-Control": "no-cache"} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A server with a thread a connection, none of which keeps the process alive."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of browsers that go away in the middle of an answer."""


def start(
    served: Served, port: int, live: bool = True, tries: int = 20, bind: str = HOST
) -> tuple[Server, str]:
    """Start serving in a thread, on `port` or the next free one; return the server and its address.

    Raises
    ------
    OSError
        If none of `tries` ports is free.
    """
    handler = type("BoundHandler", (Handler,), {"served": served, "live": live})
    for candidate in range(port, port + tries) if port else [0]:
        try:
            server = Server((bind, candidate), handler)
        except OSError:
            continue
        threading.Thread(target=server.serve_forever, name="serve", daemon=True).start()
        return server, f"http://{bind}:{server.server_address[1]}/"
    raise OSError(f"No port from {port} to {port + tries - 1} is free: choose another with --port.")


def resolve(folder: Path, address: str) -> Path | None:
    """Turn an address's path into a file's below `folder`; None where it leaves it."""
    parts = [part for part in unquote(address).split("/") if part not in ("", ".")]
    if any(part == ".." or "\\" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)


def content_type(path: Path) -> str:
    """Name a file's type; text is always UTF-8."""
    return (
        TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )


def freshness(folder: Path, path: Path) -> str:
    """Let browsers keep what lies under a hash for good, and ask again for everything else."""
    folders = path.relative_to(folder).parts[:-1] if path.is_relative_to(folder) else ()
    hashed = folders[:1] in (("assets",), ("runtime",)) or bool({"states", "data"} & {*folders})
    return "public, max-age=31536000, immutable" if hashed else "no-cache"


Builder = Callable[[], Path | None]
"""Builds the site and returns the folder to serve, or None where there is nothing new to show."""
