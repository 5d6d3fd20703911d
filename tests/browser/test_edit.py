"""Editing an exhibit: errors at their line, links that carry code, and a keyboard that gets out."""

import pytest
from playwright.sync_api import Browser

from .conftest import Figure, Visit, Visiting

pytestmark = pytest.mark.browser


def test_an_error_is_shown_at_its_line_with_the_last_good_picture_kept(figure: Figure):
    picture = figure.locator(".picture").inner_html()
    figure.run_code(figure.source().replace("softmax(products)", "softmax(product)"))
    error = figure.locator(".editor-error")
    error.wait_for()
    wrong = next(
        i for i, line in enumerate(figure.source().split("\n"), 1) if "softmax(products)" in line
    )
    assert error.inner_text() == (
        f"line {wrong}, in scores: weights = softmax(product)\n"
        "NameError: name 'product' is not defined"
    )
    assert "softmax(product)" in figure.locator(".cm-error-line").inner_text()
    assert figure.locator(".picture").inner_html() == picture
    assert figure.note == "The code has an error; the picture is the last good one."
    figure.run_code(figure.source().replace('f"With', 'f"Again with'))
    figure.wait_for_sentence("Again with d_k = 64 ")
    assert not error.is_visible()
    assert figure.locator(".cm-error-line").count() == 0


def test_a_syntax_error_is_shown_at_its_line(figure: Figure):
    figure.run_code("@exhibit\ndef scores(:\n    pass\n")
    figure.locator(".editor-error").wait_for()
    assert "SyntaxError" in figure.locator(".editor-error").inner_text()
    assert figure.locator(".cm-error-line").inner_text() == "def scores(:"


def test_what_the_code_prints_is_shown_and_capped(figure: Figure):
    source = figure.source().replace("    weights = ", '    print("ink" * 100_000)\n    weights = ')
    figure.run_code(source)
    printed = figure.locator(".editor-printed")
    printed.wait_for()
    text = printed.inner_text()
    assert text.startswith("inkink")
    assert len(text) <= 4_000


def test_an_edit_may_change_the_controls(figure: Figure):
    source = figure.source().replace("Slider(1, 512,", "Slider(1, 8192,")
    first = "    scaled: bool = True,"
    source = source.replace(first, f"{first}\n    extra: bool = False,")
    figure.run_code(source)
    figure.locator("input[name=extra]").wait_for()
    figure.set("d_k", 4096)
    figure.wait_for_sentence("With d_k = 4096 ")
    figure.press("reset")
    figure.wait_for_sentence("With d_k = 64 ")
    assert figure.locator("input[name=extra]").count() == 0
    assert figure.locator("input[name=d_k]").get_attribute("max") == "512"
    assert figure.locator("input[value=causal]").is_checked()


def test_the_editor_is_no_keyboard_trap(visit: Visit, figure: Figure):
    figure.press("edit")
    figure.locator(".cm-content").wait_for()
    figure.locator(".cm-content").click()
    visit.page.keyboard.type("x")
    before = figure.locator(".cm-content").inner_text()
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.dataset.editor") == "run-code"
    visit.page.keyboard.press("Shift+Tab")
    assert visit.page.evaluate("document.activeElement.className") == "editor-code"
    visit.page.keyboard.press("Shift+Tab")
    assert visit.page.evaluate("document.activeElement.className") != "editor-code"
    assert figure.locator(".cm-content").inner_text() == before


def test_code_in_a_link_is_shown_and_waits_for_run(visiting: Visiting, chromium: Browser):
    first = visiting(chromium, permissions=["clipboard-read", "clipboard-write"]).open()
    first.start()
    figure = first.figure()
    figure.run_code(figure.source().replace('f"With', 'f"Linked with'))
    figure.wait_for_sentence("Linked with d_k = 64 ")
    figure.set("d_k", 50)
    figure.wait_for_sentence("Linked with d_k = 50 ")
    figure.press("link")
    figure.locator(".rung-note", has_text="Link copied.").wait_for()
    link = first.page.evaluate("navigator.clipboard.readText()")
    assert "#exhibit-scores?d_k=50&code=" in link

    second = visiting(chromium).open(link[link.index("#") :])
    figure = second.figure()
    figure.locator(".cm-content", has_text="Linked with").wait_for()
    assert figure.locator(".editor-printed").inner_text().startswith("This code came with the link")
    assert second.page.evaluate("document.documentElement.dataset.python") == "off"
    second.start()
    second.page.wait_for_timeout(300)
    assert figure.sentence.startswith("With d_k = 50 ")  # Python runs, the linked code does not
    figure.locator("[data-editor=run-code]").click()
    figure.wait_for_sentence("Linked with d_k = 50 ")


def test_the_editor_has_its_styles_under_the_policy(visiting: Visiting, each_browser: Browser):
    visit = visiting(each_browser).open()
    figure = visit.figure()
    figure.press("edit")
    gutter = figure.locator(".cm-gutters")
    gutter.wait_for()
    assert gutter.evaluate("(element) => getComputedStyle(element).display") == "flex"
    keyword = figure.locator(".cm-line span", has_text="def").first
    assert keyword.evaluate("(element) => getComputedStyle(element).fontWeight") == "600"


def test_a_control_moved_under_an_edit_is_answered_by_the_edit(figure: Figure):
    figure.run_code(figure.source().replace('f"With', 'f"Edited with'))
    figure.wait_for_sentence("Edited with d_k = 64 ")
    after = figure.set("d_k", 128)
    assert after["sentence"].startswith("Edited")  # no baked state in between
    figure.wait_for_sentence("Edited with d_k = 128 ")
    assert figure.rung == "live"


def test_an_editor_whose_code_cannot_be_fetched_says_so_and_opens_later(
    visiting: Visiting, chromium: Browser
):
    visit = visiting(chromium, service_workers="block")  # routes don't see what it fetches
    visit.page.route("**/states/exhibits.*.py", lambda route: route.fulfill(status=404, body="no"))
    visit.open()
    figure = visit.figure()
    figure.press("edit")
    figure.locator(".rung-note", has_text="The code could not be fetched").wait_for()
    edit = figure.locator("button[data-action=edit]")
    assert edit.get_attribute("aria-expanded") == "false"
    assert not figure.locator(".editor").is_visible()
    visit.page.unroute("**/states/exhibits.*.py")
    figure.press("edit")
    figure.locator(".cm-content").wait_for()
    assert figure.locator(".cm-content").inner_text().startswith("@exhibit")
