"""What PyScript's worker runs: one page's `Session`, answering the page in JSON strings.

Before any code of a page or a reader runs, the worker gives up whatever could reach beyond it
(`give_up`). Its policy, inherited from the page, forbids other origins and `eval` in any case.
"""

import asyncio
import io
import json
import os
import sys
import warnings
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import js
import pyodide_js
from pyodide.ffi import JsProxy

__export__ = ["start", "answer", "claim", "edit", "download"]

MOST_PRINTED = 4_000
MOST_CHARACTERS = 8_000_000

GIVEN_UP = (
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "WebSocketStream",
    "WebTransport",
    "EventSource",
    "RTCPeerConnection",
    "importScripts",
    "Worker",
    "SharedWorker",
    "ServiceWorker",
    "ServiceWorkerContainer",
    "ServiceWorkerRegistration",
    "BroadcastChannel",
    "caches",
    "Cache",
    "CacheStorage",
    "indexedDB",
    "storage",
    "StorageManager",
    "cookieStore",
    "navigator",
    "WorkerNavigator",
    "postMessage",
    "close",
    "reportError",
    "FontFace",
    "fonts",
    "Notification",
    "PushManager",
    "FileReaderSync",
    "FileSystemHandle",
    "FileSystemFileHandle",
    "FileSystemDirectoryHandle",
    "FileSystemSyncAccessHandle",
    "webkitRequestFileSystem",
    "webkitRequestFileSystemSync",
    "webkitResolveLocalFileSystemURL",
    "webkitResolveLocalFileSystemSyncURL",
)

FROZEN = ("Event", "EventTarget", "MessageEvent", "MessagePort")


def _prototypes(scope: Any) -> list[Any]:
    """Return the worker's global object and everything that it inherits from."""
    chain = []
    while scope is not None:
        chain.append(scope)
        scope = js.Object.getPrototypeOf(scope)
    return chain


def give_up() -> None:
    """Take from the worker what reaches storage, the network or other workers, for good.

    A blob worker is of the page's origin: with `caches` it could poison what the service worker
    serves, with `Worker` it could start another that still has everything.

    Raises
    ------
    RuntimeError
        If the browser holds on to any of it; the worker then must not run a reader's code.
    """
    chain = _prototypes(js.globalThis)
    names = [
        *GIVEN_UP,
        *(n for n in js.Object.getOwnPropertyNames(js.globalThis) if n.startswith("IDB")),
    ]
    _forget([getattr(js, name) for name in names if hasattr(js, name)])
    for scope in chain:
        for name in names:
            js.Reflect.deleteProperty(scope, name)
    left = [name for name in names if js.Reflect.has(js.globalThis, name)]
    if left:
        raise RuntimeError(f"This browser does not let go of {', '.join(left)}.")
    # The channel to the page stays PyScript's own: nobody may look on as messages pass.
    for name in FROZEN:
        kind = getattr(js, name)
        js.Object.freeze(kind.prototype)
        js.Object.freeze(kind)
    pyodide_js.unregisterJsModule("polyscript")
    for name in [n for n in sys.modules if n.split(".")[0] in ("polyscript", "pyscript")]:
        del sys.modules[name]


def _forget(values: list[Any]) -> None:
    """Take these from every module that imported one of them, as `pyodide.http` does `fetch`."""
    for module in list(sys.modules.values()):
        held = getattr(module, "__dict__", {})
        for name, value in list(held.items()):
            if isinstance(value, JsProxy) and any(value == given for given in values):
                del held[name]


class _Capped(io.StringIO):
    """Takes what is printed, up to a limit; the rest is dropped."""

    def write(self, text: str) -> int:
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


class _Worker:
    """Holds the session between the calls."""

    session: Any = None


def _reply(method: str, request: str) -> str:
    printed = _Capped()
    with redirect_stdout(printed), redirect_stderr(printed):
        result = getattr(_Worker.session, method)(json.loads(request))
    if printed.getvalue():
        result["printed"] = printed.getvalue()
    text = json.dumps(result)
    if len(text) > MOST_CHARACTERS:
        return json.dumps(_refusal("The answer is too large to show; draw fewer things."))
    return text


def _refusal(message: str) -> dict[str, Any]:
    error = {"type": "WorkerError", "message": message, "line": None, "traceback": message}
    return {"ok": False, "error": error}


async def _fetched(url: str) -> bytes:
    response = await js.fetch(url)
    if not response.ok:
        raise OSError(f"{url}: HTTP {response.status}")
    content: bytes = (await response.arrayBuffer()).to_bytes()
    return content


async def start(options: str) -> str:
    """Unpack `workings` and `kernels`, fetch the page's assets, give up what reaches outside.

    Then execute the page's source.
    """
    given = json.loads(options)
    listed = given.get("assets", [])
    try:
        urls = [given["zip"], *(entry["url"] for entry in listed)]
        packed, *contents = await asyncio.gather(*(_fetched(url) for url in urls))
    except OSError as failure:
        return json.dumps(_refusal(str(failure)))
    zipfile.ZipFile(io.BytesIO(packed)).extractall("/home/pyodide/site")
    sys.path.insert(0, "/home/pyodide/site")
    from workings.assets import AssetError, provide, verified
    from workings.page import Page
    from workings.session import Session

    try:
        files = {
            entry["name"]: verified(entry["name"], content, entry["sha256"])
            for entry, content in zip(listed, contents, strict=True)
        }
    except AssetError as failure:
        return json.dumps(_refusal(str(failure)))
    provide(files)
    os.environ["MPLBACKEND"] = "agg"  # there is no document to draw into
    give_up()
    warnings.simplefilter("ignore")
    with redirect_stdout(_Capped()), redirect_stderr(_Capped()):
        _Worker.session = Session(Page.from_source(given["source"], given["name"]))
    return json.dumps({"ok": True})


def answer(request: str) -> str:
    """Draw one state of one exhibit."""
    return _reply("answer", request)


def claim(request: str) -> str:
    """Run one claim."""
    return _reply("claim", request)


def edit(request: str) -> str:
    """Take a reader's edit of an exhibit, or give it up."""
    return _reply("edit", request)


def download(request: str) -> str:
    """Write one state as a file."""
    return _reply("download", request)
