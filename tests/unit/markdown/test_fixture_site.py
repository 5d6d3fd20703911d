"""The tiny site with one of everything: counted, and without a problem."""

from dataclasses import replace
from pathlib import Path

import pytest
from workings_build.katex import Katex
from workings_build.markdown import Document, Site, parse
from workings_build.markdown.directives import DIRECTIVES
from workings_build.markdown.roles import ROLES
from workings_build.passes.check import RULES, check
from workings_build.passes.load import PageSource, load

ROOT = Path(__file__).parents[2] / "fixture_site"


@pytest.fixture(scope="module")
def sources() -> list[PageSource]:
    return load(ROOT)


@pytest.fixture(scope="module")
def everything(sources: list[PageSource], katex: Katex) -> Document:
    source = next(source for source in sources if source.slug == "everything")
    return parse(source, Site.load(ROOT, sources, katex.render))


def test_it_is_sound(sources: list[PageSource], katex: Katex):
    assert check(sources, Site.load(ROOT, sources, katex.render)) == []


def test_it_has_every_kind_of_page(sources: list[PageSource]):
    assert {source.front.kind for source in sources} == set(RULES)


def test_it_uses_every_directive_and_role():
    text = (ROOT / "explainers/papers/everything/page.md").read_text("utf-8")
    assert {name for name in DIRECTIVES if f":::{{{name}}}" not in text} == set()
    assert {name for name in ROLES if f"{{{name}}}`" not in text} == set()


def test_one_of_everything_is_counted(everything: Document):
    kinds = [slot.kind for slot in everything.slots]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "exhibit": 3,
        "claim": 1,
        "mutants": 1,
        "claims": 1,
        "measured": 2,
    }
    assert everything.exhibits == ("bars", "wave", "constant")
    assert everything.formulas == 10
    assert everything.kernels == (
        "kernels.attention.rotary.rotate",
        "kernels.attention.core.dot_products",
        "kernels.attention.core.scale_scores",
    )
    assert everything.terms == ("turn", "angle")
    assert everything.pages == ("plain", "not-yet")
    assert [reference.key for reference in everything.references] == ["example1999", "su2021"]
    assert everything.maps == ("small-map",)
    assert [path.name for path in everything.files] == ["plane.svg"]
    assert [heading.id for heading in everything.toc] == [
        "pictures",
        "the-claims",
        "in-numbers",
        "the-code",
        "notes",
        "terms",
    ]


def test_setting_it_twice_gives_the_same(
    sources: list[PageSource], everything: Document, katex: Katex
):
    source = next(source for source in sources if source.slug == "everything")
    assert parse(source, Site.load(ROOT, sources, katex.render)) == everything


def test_the_sites_glossary_sets_without_a_problem(sources: list[PageSource], katex: Katex):
    project = ROOT.parents[1]
    site = Site.load(project, sources, katex.render)
    body = "\n\n".join(f"{{term}}`{slug}`" for slug in site.glossary)
    document = parse(replace(sources[0], body=body, lines={}, matter=None), site)
    assert set(document.terms) == set(site.glossary)
    assert document.problems == ()
