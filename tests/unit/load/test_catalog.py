from pathlib import Path

import pytest
from workings_build.catalog import load_catalog, load_glossary

from tests.unit.load.folders import root_at

ROOT = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return root_at(tmp_path)


def test_the_catalogue_gives_fields_eras_and_planned_pages(root: Path):
    catalog, problems = load_catalog(root / "explainers/catalog.toml", root)
    assert problems == []
    assert catalog.fields == {"waves": "Waves"}
    assert catalog.eras == ("Early",)
    assert catalog.pages["planned"].short_title == "Planned"
    assert catalog.pages["planned"].year is None


def test_a_missing_catalogue_is_an_empty_one(tmp_path: Path):
    catalog, problems = load_catalog(tmp_path / "catalog.toml", tmp_path)
    assert (catalog.fields, catalog.pages, problems) == ({}, {}, [])


def test_an_entry_without_its_title_is_told(root: Path):
    path = root / "explainers/catalog.toml"
    path.write_text('page = [{ slug = "a", kind = "paper" }]')
    assert [str(problem) for problem in load_catalog(path, root)[1]] == [
        "explainers/catalog.toml: An entry has no 'title'.\n"
        "    Give every page slug, kind and title, every field slug and name, every era name."
    ]


def test_a_file_that_is_no_toml_is_told(root: Path):
    path = root / "explainers/glossary.toml"
    path.write_text("term = {")
    (problem,) = load_glossary(path, root)[1]
    assert problem.what.startswith("This is not TOML: ")
    assert problem.file == "explainers/glossary.toml"


def test_a_term_without_a_text_is_told(root: Path):
    path = root / "explainers/glossary.toml"
    path.write_text('[term.one]\nname = "one"\ntext = "Text."\n\n[term.two]\nname = "two"\n')
    terms, problems = load_glossary(path, root)
    assert list(terms) == ["one"]
    assert [str(problem) for problem in problems] == [
        "explainers/glossary.toml:5: The term 'two' has no text.\n"
        '    Add text = "…" below [term.two].'
    ]


def test_the_sites_catalogue_names_known_fields_and_each_page_once():
    path = ROOT / "explainers/catalog.toml"
    catalog, problems = load_catalog(path, ROOT)
    assert problems == []
    assert len(catalog.pages) == path.read_text("utf-8").count("kind = ")
    assert {page.field for page in catalog.pages.values()} == set(catalog.fields)
    assert {"attention", "rope", "solar-cells"} <= set(catalog.pages)


def test_the_sites_glossary_names_pages_of_the_catalogue():
    catalog, _ = load_catalog(ROOT / "explainers/catalog.toml", ROOT)
    terms, problems = load_glossary(ROOT / "explainers/glossary.toml", ROOT)
    assert problems == []
    assert len(terms) >= 25
    assert {slug for term in terms.values() for slug in term.see} <= set(catalog.pages)
