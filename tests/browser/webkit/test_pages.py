"""In WebKit: every page of the site is complete without script, baked and live."""

import pytest
from workings.session import Session

from tests.browser.real.conftest import Built
from tests.browser.real.test_ladder import far
from tests.browser.serving import Site
from tests.explainers import pages

from .conftest import Reading
from .driving import WebKit

pytestmark = [pytest.mark.browser, pytest.mark.webkit]


@pytest.mark.parametrize("slug", sorted(pages()))
def test_the_three_rungs_show_the_same(
    built: Built, real: Site, webkit: WebKit, scriptless: WebKit, slug: str
):
    source = pages()[slug]
    path = next(page["path"] for page in built.pages if page["slug"] == slug)
    session = Session(source)
    states = {
        name: {control.name: far(control) for control in exhibit.controls[:1]}
        for name, exhibit in source.exhibits.items()
    }
    plain = Reading(scriptless, real)
    scriptless.open(real.url(path))
    for name in states:
        shown = plain.read(name)
        assert shown["picture"], name
        assert shown["sentence"] == session.answer({"exhibit": name})["sentence"], name
    reading = Reading(webkit, real).open(path)
    seen = {}
    for name, state in states.items():
        reading.wait_for_states(name)
        reading.set(name, state)
        seen[name] = reading.read(name)
        assert seen[name]["rung"] == "baked", (name, state)
        answer = session.answer({"exhibit": name, "state": state})
        assert seen[name]["sentence"] == answer["sentence"], (name, state)
    reading.start()
    for name, state in states.items():  # each was moved, so each goes live
        live = reading.wait_for(name, "live", seen[name]["sentence"])
        assert live["picture"] == seen[name]["picture"], (name, state)
