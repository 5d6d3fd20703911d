"""Offline: what was used or kept is there without a network, and an update never mixes versions."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .building import shared_site
from .conftest import Visit, Visiting, forgive
from .serving import Site, missing
from .workbench import NEWER_TITLE, PAGE, TITLE, cache_name, manifest, newer_source

pytestmark = pytest.mark.browser

CONTROLLED = "() => navigator.serviceWorker.controller !== null"


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory, workbench_folder: Path) -> Path:
    """Give the site as a later build makes it: another title, and so other fonts."""
    source = newer_source(tmp_path_factory.mktemp("newer"))
    folder = shared_site(tmp_path_factory, "newer-site", source)
    assert assets(folder) != assets(workbench_folder)
    return folder


def assets(folder: Path) -> str:
    """Return where a built site has its hashed files."""
    return manifest(folder)["immutable"][0]


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


def wait_for_cached(visit: Visit, part: str, cache: str = "") -> None:
    cache = cache or cache_name(visit.site.folder)
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
    button = visit.settings().locator(f"button[data-action=keep-{what}]")
    button.wait_for(state="visible")
    told = manifest(site.folder)
    bytes_ = sum(told["assets"].values())
    bytes_ += sum(told["runtime"][path] for path in told["first"])
    pages = [PAGE] if what == "page" else list(told["pages"])
    bytes_ += sum(told["pages"][page][1] for page in pages)
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
    assert visit.settings().get_by_role("button", name="Kept offline").count() == 1


def test_an_update_waits_and_never_mixes_versions(
    visiting: Visiting, chromium: Browser, site: Site, newer: Path
):
    folder = site.folder
    old, new = cache_name(folder), cache_name(newer)
    visit = visiting(chromium).open()
    visit.page.wait_for_function(CONTROLLED)
    visit.settings().locator("button[data-action=keep-page]").click()
    visit.page.get_by_role("button", name="Kept offline").wait_for(timeout=30_000)

    site.folder = newer
    visit.page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update())")
    wait_for_cached(visit, PAGE, cache=new)
    wait_for_cached(visit, "kept?", cache=new)
    held = caches(visit)
    assert not any(assets(newer) in path for path in held[old])
    assert not any(assets(folder) in path for path in held[new])
    runtime = [path for path in held[new] if "pyodide.asm.wasm" in path]
    assert runtime  # copied, for its hash is the same
    assert site.requests[f"/{runtime[0]}"] == 1

    # The old page still has its own files, with and without a network.
    assert visit.page.locator("h1").inner_text() == TITLE
    assert visit.page.evaluate(
        "(path) => fetch(path).then((response) => response.ok)",
        f"/{assets(folder)}scripts/editor.js",
    )
    visit.page.goto("about:blank")
    visit.page.wait_for_timeout(1500)  # no page of the old build is open: the update takes over
    site.down = True
    visit.open()
    assert visit.page.locator("h1").inner_text() == NEWER_TITLE
    assert list(caches(visit)) == [new]
    visit.figure().wait_for_states()
    assert visit.figure().set("d_k", 128)["sentence"].startswith("With d_k = 128 ")


def test_a_page_of_a_newer_build_is_shown_fresh_but_not_kept_with_the_old_files(
    visiting: Visiting, chromium: Browser, tmp_path: Path, site: Site, newer: Path
):
    visit = visiting(chromium).open()
    visit.page.wait_for_function(CONTROLLED)
    visit.page.reload()
    wait_for_cached(visit, PAGE)
    # A host that has everything of the newer build but its service worker.
    half = tmp_path / "half"
    shutil.copytree(newer, half, copy_function=os.link)
    (half / "sw.js").unlink()
    shutil.copyfile(site.folder / "sw.js", half / "sw.js")
    site.folder = half
    visit.page.reload()
    assert visit.page.locator("h1").inner_text() == NEWER_TITLE
    site.down = True
    visit.page.reload()
    assert visit.page.locator("h1").inner_text() == TITLE


def test_two_tabs_with_two_builds_both_work(
    visiting: Visiting, chromium: Browser, site: Site, newer: Path
):
    older = visiting(chromium).open()
    older.page.wait_for_function(CONTROLLED)
    older.start()
    wait_for_cached(older, "scripts/theme.js")  # the tools are kept, in the order of their names
    site.folder = newer
    later = Visit(older.context, older.context.new_page(), site).open()
    assert later.page.locator("h1").inner_text() == NEWER_TITLE
    for visit, d_k in ((later, 100), (older, 101), (later, 102)):
        figure = visit.figure()
        figure.wait_for_states()
        assert figure.set("d_k", 128)["sentence"].startswith("With d_k = 128 ")
        figure.set("d_k", d_k)
        figure.wait_for_sentence(f"With d_k = {d_k} ", timeout=60_000)
        assert figure.rung == "live"
    assert older.page.locator("h1").inner_text() == TITLE
    older.figure().press("edit")
    older.figure().locator(".cm-content").wait_for()


@pytest.mark.parametrize("worker", ["allow", "block"])
def test_a_page_left_open_over_a_deploy_says_so_and_a_reload_keeps_the_work(
    visiting: Visiting, chromium: Browser, site: Site, newer: Path, worker: str
):
    visit = visiting(chromium, service_workers=worker).open()
    visit.page.evaluate("localStorage.setItem('workings-python', 'never')")
    figure = visit.figure()
    figure.wait_for_states()
    figure.set("d_k", 128)
    figure.press("edit")
    figure.locator(".cm-content").wait_for()
    edited = f"{figure.source()}\n# mine\n"
    figure.type_code(edited)

    site.folder = newer  # and nothing of the older build is left
    figure.press("play")
    note = figure.locator(".rung-note", has_text="The site was published anew")
    note.wait_for()
    assert figure.sentence.startswith("With d_k = 128 ")
    note.get_by_role("button", name="Reload").click()
    visit.page.get_by_role("heading", level=1, name=NEWER_TITLE).wait_for()
    figure.wait_for_sentence("With d_k = 128 ")
    assert figure.locator("input[name=d_k]").input_value() == "128"
    figure.locator(".cm-content", has_text="# mine").wait_for()


def test_where_python_is_gone_with_a_deploy_the_status_offers_a_reload(
    visiting: Visiting, chromium: Browser, site: Site, newer: Path
):
    visit = visiting(chromium, service_workers="block").open()
    figure = visit.figure()
    figure.wait_for_states()
    site.folder, site.faults["*/runtime/*"] = newer, missing
    figure.set("d_k", 100)
    visit.python("failed")
    status = visit.page.locator(".python-status", has_text="The site was published anew")
    status.wait_for()
    assert figure.sentence.startswith("With d_k = 128 ")
    site.faults.clear()
    status.get_by_role("button", name="Reload").click()
    visit.page.get_by_role("heading", level=1, name=NEWER_TITLE).wait_for()
    visit.page.wait_for_selector("html[data-script=ready]")
    assert figure.locator("input[name=d_k]").input_value() == "100"
    forgive(visit)
