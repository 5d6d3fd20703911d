"""Offline: what was used or kept is there without a network, and an update never mixes versions."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .conftest import Visit, Visiting
from .handmade import write_site, write_worker
from .serving import Site

pytestmark = pytest.mark.browser

CONTROLLED = "() => navigator.serviceWorker.controller !== null"


def caches(visit: Visit) -> dict[str, list[str]]:
    return visit.page.evaluate(
        """async () => {
          const held = {};
          for (const name of await caches.keys())
            held[name] = (await (await caches.open(name)).keys())
              .map((request) => request.url.slice(location.origin.length + 1));
          return held;
        }"""
    )


def wait_for_cached(visit: Visit, part: str, cache: str = "workings-one") -> None:
    for _ in range(150):
        if any(part in path for path in caches(visit).get(cache, [])):
            return
        visit.page.wait_for_timeout(200)
    raise AssertionError(f"{part} was not kept in {cache}")


def test_a_second_visit_starts_python_without_a_network(visit: Visit, site: Site):
    visit.open()
    visit.page.wait_for_function(CONTROLLED)
    visit.start()
    wait_for_cached(visit, "workings.zip")
    visit.page.reload()  # the page itself is kept when it is next opened
    visit.page.wait_for_selector("html[data-script=ready]")
    visit.figure().wait_for_states()
    site.down = True
    visit.page.reload()
    visit.page.wait_for_selector("html[data-script=ready]")
    figure = visit.figure()
    figure.wait_for_states()
    assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")
    figure.set("d_k", 100)
    visit.python()
    figure.wait_for_sentence("With d_k = 100 ")
    assert figure.rung == "live"


@pytest.mark.parametrize("what", ["page", "site"])
def test_a_button_keeps_everything_and_states_the_bytes(visit: Visit, site: Site, what: str):
    visit.open()
    button = visit.page.locator(f"button[data-action=keep-{what}]")
    button.wait_for(state="visible")
    manifest = json.loads(
        re.search(r"\[(\{.*\})\]\[0\]", (site.folder / "sw.js").read_text(encoding="utf-8"))[1]
    )
    bytes_ = sum(manifest["assets"].values())
    bytes_ += sum(manifest["runtime"][path] for path in manifest["first"])
    bytes_ += sum(sum(files.values()) for files in manifest["pages"].values())
    name = "this page" if what == "page" else "the whole site"
    assert button.inner_text() == f"Keep {name} offline ({bytes_ / 1e6:.1f} MB)"
    button.click()
    visit.page.get_by_role("button", name="Kept offline").wait_for(timeout=30_000)
    site.down = True
    visit.page.reload()
    visit.page.wait_for_selector("html[data-script=ready]")
    figure = visit.figure()
    figure.wait_for_states()
    figure.set("d_k", 100)
    visit.python()
    figure.wait_for_sentence("With d_k = 100 ")
    assert visit.page.get_by_role("button", name="Kept offline").count() == 1


def test_an_update_waits_and_never_mixes_versions(
    visiting: Visiting, chromium: Browser, tmp_path: Path, site: Site
):
    folder = write_site(tmp_path / "site")
    site.folder = folder
    visit = visiting(chromium).open()
    visit.page.wait_for_function(CONTROLLED)
    visit.page.locator("button[data-action=keep-page]").click()
    visit.page.get_by_role("button", name="Kept offline").wait_for(timeout=30_000)

    # A new build: the styles changed, and with them the hash of the folder.
    (folder / "assets/0123abcd").rename(folder / "assets/9999ffff")
    page = folder / "handmade/index.html"
    page.write_text(
        page.read_text(encoding="utf-8")
        .replace("assets/0123abcd/", "assets/9999ffff/")
        .replace("<h1>A hand-made page", "<h1>A newer page"),
        encoding="utf-8",
    )
    write_worker(folder, "two", assets="assets/9999ffff/")
    visit.page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update())")
    wait_for_cached(visit, "handmade/", cache="workings-two")
    held = caches(visit)
    assert not any("9999ffff" in path for path in held["workings-one"])
    assert not any("0123abcd" in path for path in held["workings-two"])
    runtime = [path for path in held["workings-two"] if "pyodide.asm.wasm" in path]
    assert runtime  # copied, for its hash is the same
    assert site.requests["/runtime/4567cdef/pyodide/pyodide.asm.wasm"] == 1

    # The old page still has its own files, with and without a network.
    assert visit.page.locator("h1").inner_text() == "A hand-made page"
    assert visit.page.evaluate(
        "fetch('../assets/0123abcd/scripts/editor.js').then((response) => response.ok)"
    )
    visit.page.goto("about:blank")
    visit.page.wait_for_timeout(1500)  # no page of the old build is open: the update takes over
    site.down = True
    visit.open()
    assert visit.page.locator("h1").inner_text() == "A newer page"
    assert list(caches(visit)) == ["workings-two"]
    visit.figure().wait_for_states()
    assert visit.figure().set("d_k", 128)["sentence"].startswith("With d_k = 128 ")


def test_a_page_of_a_newer_build_is_shown_fresh_but_not_kept_with_the_old_files(
    visiting: Visiting, chromium: Browser, tmp_path: Path, site: Site
):
    site.folder = write_site(tmp_path / "site")
    visit = visiting(chromium).open()
    visit.page.wait_for_function(CONTROLLED)
    visit.page.reload()
    wait_for_cached(visit, "handmade/")
    page = site.folder / "handmade/index.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text.replace("<h1>A hand-made page", "<h1>A newer page")
        .replace("0123abcd", "9999ffff")
        .replace("4567cdef", "8888eeee"),
        encoding="utf-8",
    )
    visit.page.reload()
    assert visit.page.locator("h1").inner_text() == "A newer page"
    site.down = True
    visit.page.reload()
    assert visit.page.locator("h1").inner_text() == "A hand-made page"
