"""Every claim of the site holds, and every mutant is caught by the claim that it names."""

import pytest
from workings.session import Session

from tests.explainers import claim_names, mutant_names, pages


@pytest.mark.parametrize(("slug", "name"), claim_names())
def test_claim_holds(slug, name):
    verdict = Session(pages()[slug]).claim({"name": name})
    assert verdict["ok"], verdict["message"]


@pytest.mark.parametrize(("slug", "name"), mutant_names())
def test_mutant_is_caught_by_its_claim(slug, name):
    page = pages()[slug]
    caught_by = page.mutants[name].claim
    verdict = Session(page).claim({"name": caught_by, "mutants": [name]})
    assert not verdict["ok"], f"{caught_by} holds although {name} is switched on"
    assert verdict["message"]


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "name"), mutant_names())
def test_mutant_shows_in_a_picture(slug, name):
    page = pages()[slug]
    session = Session(page)
    changed = [
        exhibit
        for exhibit in page.exhibits
        if session.answer({"exhibit": exhibit})
        != session.answer({"exhibit": exhibit, "mutants": [name]})
    ]
    assert changed, "a reader who switches the fault on must see something change"
