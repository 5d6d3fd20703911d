"""Assets in the reader's Python: fetched at its start, verified, kept, and nothing beyond them."""

import json

import pytest
from playwright.sync_api import Browser

from .conftest import Figure, Visit, Visiting
from .serving import Site
from .workbench import PAGE, manifest

pytestmark = pytest.mark.browser

READS = """
@exhibit
def kept(row: Annotated[int, Slider(0, 2)] = 0, factor: Annotated[float, Slider(0, 1)] = 1.0):
    said = [str(asset("workbench-heights/about.json")["rows"][2])]
    for attempt in (lambda: asset("workbench-heights/receipt.json"), lambda: HEIGHTS.sort()):
        try:
            attempt()
        except Exception as refused:
            said.append(str(refused))
    fig, table = bars(HEIGHTS[row])
    return fig, " | ".join(said), table
"""


def listed(visit: Visit) -> list[dict]:
    data = visit.page.locator("#workings-page").text_content()
    assert data
    return json.loads(data)["assets"]


def test_an_exhibit_answers_alike_from_every_rung(
    visiting: Visiting, each_browser: Browser, site: Site
):
    visit = visiting(each_browser).open()
    assert [entry["name"] for entry in listed(visit)] == [
        "workbench-heights/heights.npy",
        "workbench-heights/about.json",
    ]
    figure = visit.figure("kept")
    figure.wait_for_states()
    figure.set("row", 1)
    assert figure.sentence == "Second ends at 0.989."
    picture = figure.locator(".picture").inner_html()
    figure.press("run")
    visit.python()
    figure.wait_for_rung("live")
    assert figure.sentence == "Second ends at 0.989."
    assert figure.locator(".picture").inner_html() == picture
    figure.set("factor", 0.3)
    figure.wait_for_sentence("Second ends at 0.297.")
    for entry in listed(visit):
        assert site.requests[f"/{PAGE}{entry['url']}"] == 1, "fetched once, for page and worker"


def test_a_readers_code_reads_the_pages_own_assets_and_no_others(visit: Visit, figure: Figure):
    kept = visit.figure("kept")
    kept.run_code(READS)
    kept.wait_for_sentence("Third | ")
    _, missing, fixed = kept.sentence.split(" | ")
    assert missing.startswith('There is no asset "workbench-heights/receipt.json".')
    assert "read-only" in fixed


def test_python_does_not_start_on_wrong_bytes(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, service_workers="block")
    visit.page.route("**/data/**/*.about.json", lambda route: route.fulfill(body='{"rows": []}'))
    visit.open()
    visit.figure("kept").press("run")
    visit.python("failed")
    said = [line for line in visit.console if "Python could not start" in line]
    assert "about.json came with other bytes" in said[0]
    visit.page.unroute("**/data/**/*.about.json")
    visit.page.locator(".tray [data-action=start-python]").click()
    visit.python()
    visit.figure("kept").wait_for_sentence("First ends at 0.612.")


def test_the_bytes_of_assets_are_told_and_kept_with_the_page(visit: Visit, site: Site):
    visit.open()
    kept = json.loads((site.folder / manifest(site.folder)["lists"]).read_text())
    for entry in listed(visit):
        assert kept[PAGE][PAGE + entry["url"]] > 0
        assert (site.folder / PAGE / entry["url"]).stat().st_size == entry["bytes"]
    receipt = visit.page.locator("#receipt-workbench-heights")
    assert receipt.get_attribute("open") is None
    receipt.locator("summary").click()
    assert "counted" in receipt.inner_text()
    assert "heights.npy" in receipt.inner_text()
