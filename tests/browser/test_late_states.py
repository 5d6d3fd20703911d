"""A control that is moved before its baked states have arrived."""

import pytest
from playwright.sync_api import Browser

from .conftest import Visiting

pytestmark = pytest.mark.browser


def test_states_that_come_late_answer_while_python_is_still_starting(
    visiting: Visiting, chromium: Browser
):
    # What a service worker fetches can't be held up from here.
    visit = visiting(chromium, service_workers="block")
    held = []
    visit.page.route("**/states/scores.*.json", lambda route: held.append(route))
    visit.page.route("**/*.wasm", lambda route: None)  # Python never gets that far
    visit.open()
    figure = visit.figure()
    assert figure.set("d_k", 128)["rung"] == "html"
    visit.python("starting")
    visit.page.wait_for_timeout(100)
    assert held
    for route in held:
        route.continue_()
    figure.wait_for_rung("baked")
    assert figure.sentence.startswith("With d_k = 128 ")
    assert visit.page.locator("html").get_attribute("data-python") == "starting"
