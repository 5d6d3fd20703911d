"""A mirror on the loopback address that misbehaves on demand, and pins for it to serve."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from workings_build.vendor import Package, Pin, Pins


def body_of(name: str, size: int = 300_000) -> bytes:
    """Bytes that differ with the name and don't repeat."""
    block = b"".join(hashlib.sha256(f"{name}/{i}".encode()).digest() for i in range(size // 32))
    return block[:size]


NAMES = ("pyodide/one.wasm", "pyscript/two.js", "fonts/three.woff2")
BODIES = {name: body_of(name) for name in NAMES}
PACKAGE = Package("carrier", "npm", "carrier@1.0.0", 1, "sha512-none")


def pins_for(bodies: dict[str, bytes] = BODIES) -> Pins:
    """Pins of what a faultless mirror serves."""
    return Pins(
        tuple(
            Pin(
                name,
                name.partition("/")[0],
                len(body),
                hashlib.sha256(body).hexdigest(),
                "carrier",
                f"package/{name}",
            )
            for name, body in bodies.items()
        ),
        {"carrier": PACKAGE},
    )


@dataclass
class Mirror:
    """What the server does, and what it was asked."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: dict(BODIES))
    cut: dict[str, list[int]] = field(default_factory=dict)  # stop after so many bytes, once each
    ranges: bool = True
    said_range: str | None = None  # instead of the range that is sent
    status: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Mirror]:
    """Serve a mirror until the block ends."""
    mirror = Mirror()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            name = self.path.lstrip("/")
            wanted = self.headers.get("Range")
            mirror.asked.append((name, wanted))
            if code := mirror.status.get(name):
                self.send_error(code)
                return
            if name not in mirror.files:
                self.send_error(404)
                return
            body, start = mirror.files[name], 0
            if wanted and mirror.ranges:
                start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
                if start >= len(body):
                    self.send_error(416)
                    return
                self.send_response(206)
                sent = f"bytes {start}-{len(body) - 1}/{len(body)}"
                said = sent if mirror.said_range is None else mirror.said_range
                self.send_header("Content-Range", said)
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            stops = mirror.cut.get(name)
            piece = body[start : start + stops.pop(0)] if stops else body[start:]
            self.wfile.write(piece)
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mirror.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
