"""Receipts, glossary and errata: what stands on many pages, gathered on one."""

from pathlib import Path

import pytest
from workings_build.around.errata import errata_page
from workings_build.around.receipts import receipts_page
from workings_build.around.terms import glossary_page
from workings_build.glossary import Term
from workings_build.markdown import Site, definitions
from workings_build.page_assets import Assets, used
from workings_build.page_views import Computed, authors_jsonld
from workings_build.passes.load import PageSource, load
from workings_build.receipt_views import HOW
from workings_build.views import Link

from tests.explainers import ROOT


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets((ROOT / "kernels/assets",))


@pytest.fixture(scope="module")
def sources() -> list[PageSource]:
    return [source for source in load(ROOT) if source.matter is not None]


def computed(assets: Assets, *names: str) -> Computed:
    return Computed({"exhibits": [], "claims": [], "mutants": []}, {}, b"", used(names, (), assets))


def held_by(page) -> dict:
    return {held.view.job: held for shelf in page.context["shelves"] for held in shelf.receipts}


def test_every_receipt_stands_under_its_kind_of_evidence(assets):
    page = receipts_page(assets, [])
    left = {path.parent.name for path in (ROOT / "kernels/assets").glob("*/receipt.json")}
    assert set(held_by(page)) == left and page.context["total"] == len(left)
    for shelf in page.context["shelves"]:
        assert shelf.how == HOW[shelf.obtained]
        assert {held.view.obtained for held in shelf.receipts} == {shelf.obtained}


def test_a_receipt_lists_all_its_files_and_names_the_pages_that_show_it(assets, sources):
    source = sources[0]
    page = receipts_page(assets, [(source, computed(assets, "digits-data/digits.npz"))])
    held = held_by(page)
    files = assets.receipt("digits-data")["files"]
    assert [file.name for file in held["digits-data"].view.files] == [f["name"] for f in files]
    assert [link.slug for link in held["digits-data"].pages] == [source.slug]
    assert "digits-classifier" in held["digits-data"].feeds
    assert held["digits-classifier"].pages == ()
    (option,) = page.context["options"]["of"]
    assert option.value == source.slug and option.count == 1


def test_a_site_without_assets_has_no_page_of_receipts(tmp_path):
    assert receipts_page(Assets((tmp_path,)), []) is None


def test_a_glossary_lists_its_terms_by_name_with_their_pages(tmp_path):
    terms = {
        "softmax": Term("softmax", "Softmax", "Weights of $x$, used in {term}`attention`."),
        "attention": Term("attention", "attention", "An average.", ("attention",)),
    }
    links = {"attention": Link("attention", "Attention", "attention/")}
    prose = definitions(Site(tmp_path, Path("kernels"), glossary=terms, links=links))
    assert not prose.problems
    page = glossary_page(terms, prose, [(links["attention"], ("softmax",))])
    first, second = page.context["terms"]
    assert (first.slug, second.slug) == ("attention", "softmax")
    assert 'href="../attention/"' in first.text and first.pages == ()
    assert 'href="#term-attention"' in second.text and "<code>x</code>" in second.text
    assert second.pages == (links["attention"],)


def test_a_definition_that_leads_nowhere_is_a_problem(tmp_path):
    terms = {"softmax": Term("softmax", "softmax", "See {page}`nowhere`.")}
    (problem,) = definitions(Site(tmp_path, Path("kernels"), glossary=terms)).problems
    assert problem.file == "explainers/glossary.toml" and "nowhere" in problem.what


def test_an_empty_glossary_has_no_page(tmp_path):
    assert glossary_page({}, definitions(Site(tmp_path, Path("kernels"))), []) is None


@pytest.mark.slow
def test_changes_stand_newest_first_and_a_first_publication_is_told_apart(assets, sources):
    page = errata_page([(source, computed(assets)) for source in sources])
    days = [day for day, _ in page.context["days"]]
    assert days == sorted(set(days), reverse=True)
    lines = [change for _, changes in page.context["days"] for change in changes]
    assert len(lines) == sum(len(source.front.changes) for source in sources)
    first = [change.slug for change in lines if change.kind == "published"]
    assert sorted(first) == sorted(source.slug for source in sources if source.front.changes)
    assert page.context["corrected"] == len(lines) - len(first)


def test_authors_are_named_one_by_one_for_search_engines():
    found = authors_jsonld("Ashish Vaswani, DeepSeek-AI", "DeepSeek-AI")
    assert found == [
        {"@type": "Person", "name": "Ashish Vaswani"},
        {"@type": "Organization", "name": "DeepSeek-AI"},
    ]
