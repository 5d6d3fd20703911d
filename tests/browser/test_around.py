"""What stands around the pages: search, filters, shortcuts, embedding, the home page's exhibit."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Figure, Visit, Visiting
from .serving import Site
from .workbench import PAGE

pytestmark = pytest.mark.browser


def go(visit: Visit, path: str) -> Page:
    """Open a page of the site."""
    visit.page.goto(visit.site.url(path))
    visit.page.wait_for_selector("html[data-script=ready]")
    return visit.page


def asked_of_index(site: Site) -> list[str]:
    return [path for path in site.requests if "/search/data/" in path]


def test_a_search_finds_places_and_fetches_nothing_before(
    visiting: Visiting, each_browser: Browser, site: Site
):
    page = go(visiting(each_browser), "search/")
    expect(page.locator("#search-words")).to_be_focused()
    assert asked_of_index(site) == []
    page.keyboard.type("softmax")
    first = page.locator(".found > li").first
    expect(first.locator("h2 a")).to_have_attribute("href", f"/{PAGE}")
    expect(page.locator("#search-said")).to_have_text("1 page")
    assert first.locator("mark").count() and asked_of_index(site)
    assert page.url.endswith("search/?q=softmax")
    page.keyboard.press("ArrowDown")
    expect(first.locator("h2 a")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#search-words")).to_be_focused()
    page.fill("#search-words", "zzyzx")
    expect(page.locator("#search-said")).to_have_text("Nothing found")
    expect(page.locator(".found > li")).to_have_count(0)


def test_an_address_with_words_is_a_search(visit: Visit):
    page = go(visit, "search/?q=softmax")
    expect(page.locator("#search-words")).to_have_value("softmax")
    page.locator(".found h2 a").first.click()
    page.wait_for_url(f"**/{PAGE}")


def test_the_search_says_what_to_do_without_a_script(visit: Visit, chromium: Browser):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(visit.site.url("search/"))
    assert page.locator(".without-script").is_visible()
    assert not page.locator("form[data-search]").is_visible()
    context.close()


def test_filters_combine_count_and_stand_in_the_address(visit: Visit):
    page = go(visit, "claims/")
    entries = page.locator(".entry")
    total = entries.count()
    kind = entries.first.get_attribute("data-kind")
    fitting = page.locator(f'.entry[data-kind="{kind}"]', has_text="softmax").count()
    assert total > fitting > 0
    page.select_option("select[name=kind]", kind)
    page.fill("input[name=q]", "Softmax")
    expect(page.locator(".filter-result output")).to_have_text(f"Showing {fitting} of {total}")
    expect(page.locator(".entry:visible")).to_have_count(fitting)
    page.reload()
    expect(page.locator(".entry:visible")).to_have_count(fitting)
    page.fill("input[name=q]", "no such words anywhere")
    expect(page.locator("[data-nothing]")).to_be_visible()
    page.locator("button[type=reset]").click()
    expect(page.locator(".entry:visible")).to_have_count(total)
    assert "?" not in page.url


def test_a_page_that_was_opened_is_offered_to_go_on_with_until_it_is_read(visit: Visit):
    visit.open()
    page = go(visit, "")
    expect(page.locator("[data-continue] a")).to_have_attribute("href", visit.site.url(PAGE))
    visit.open()
    page.locator(".site-footer").scroll_into_view_if_needed()
    page.wait_for_function(
        "() => (localStorage.getItem('workings-read') ?? '').includes('workbench')"
    )
    go(visit, "")
    expect(page.locator("[data-continue]")).to_be_hidden()


def test_the_home_page_has_an_exhibit_that_answers(visit: Visit):
    page = go(visit, "")
    name = page.locator("figure.exhibit").get_attribute("data-exhibit")
    figure = visit.figure(name)
    figure.wait_for_states()
    before = figure.sentence
    assert figure.set("d_k", 128)["sentence"] != before
    assert figure.rung == "baked"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])  # the second is of another domain
def test_an_exhibit_works_in_a_frame_on_another_site(
    chromium: Browser, site: Site, outsider: Site, host: str
):
    address = site.url(f"{PAGE}embed/scores/#exhibit-scores?d_k=256")
    Path(outsider.folder, "index.html").write_text(
        '<!doctype html><html lang="en"><title>Elsewhere</title><iframe title="An exhibit" '
        f'src="{address}" width="800" height="900" '
        'sandbox="allow-scripts allow-same-origin allow-downloads allow-popups"></iframe>',
        encoding="utf-8",
    )
    context = chromium.new_context()  # a private window: a frame of another domain has no storage
    page = context.new_page()
    page.goto(outsider.url("index.html").replace("127.0.0.1", host))
    frame = page.frame_locator("iframe")
    sentence = frame.locator("figcaption output")
    expect(sentence).to_contain_text("With d_k = 256 ")
    frame.locator("input[name=d_k]").fill("128")
    expect(sentence).to_contain_text("With d_k = 128 ")
    assert frame.locator(".embed-from a").get_attribute("target") == "_blank"
    frame.locator("input[name=d_k]").fill("100")
    expect(sentence).to_contain_text("With d_k = 100 ", timeout=60_000)
    context.close()


def test_the_list_of_shortcuts_is_fetched_when_it_is_asked_for(visit: Visit, site: Site):
    page = visit.open().page
    assert not [path for path in site.requests if path.endswith("shortcut-help.js")]
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("next exhibit")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_keys_lead_through_the_page_and_the_site(visit: Visit):
    page = visit.open().page
    figures = page.locator("main figure:is(.exhibit, .map)")
    for key, place in (("n", 0), ("n", 1), ("p", 0)):
        page.keyboard.press(key)
        expect(figures.nth(place)).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/claims/")
    page.wait_for_selector("html[data-script=ready]")
    page.keyboard.press("/")
    expect(page.locator("input[name=q]")).to_be_focused()
    page.keyboard.type("n/g?")
    expect(page.locator("input[name=q]")).to_have_value("n/g?")
    expect(page.locator("dialog.shortcuts")).to_have_count(0)


def test_shortcuts_rest_in_fields_and_can_be_switched_off(visit: Visit):
    page = visit.open().page
    text: Figure = visit.figure("wave")
    text.locator("input[name=text]").fill("")
    page.keyboard.type("gn")
    assert text.locator("input[name=text]").input_value() == "gn"
    visit.settings().locator("select[name=shortcuts]").select_option("off")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    for key in ("?", "n", "/"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert page.locator("dialog.shortcuts").count() == 0
    assert page.evaluate("document.activeElement.closest('figure') === null")
    assert page.url.partition("#")[0] == visit.site.url(PAGE)


def test_every_claim_has_a_link_to_itself(visit: Visit):
    page = visit.open().page
    rows = page.locator("table.claims tbody tr")
    for row in rows.all():
        own = row.get_attribute("id")
        assert row.locator(".claim-text > a.anchor").get_attribute("href") == f"#{own}"
