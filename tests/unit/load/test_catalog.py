from pathlib import Path

import pytest
from workings_build.catalog import load_catalog
from workings_build.glossary import load_glossary

from tests.unit.load.folders import root_at

ROOT = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return root_at(tmp_path)


def test_the_catalogue_gives_fields_eras_and_planned_pages(root: Path):
    catalog, problems = load_catalog(root / "explainers/catalog.toml", root)
    assert problems == []
    assert {slug: field.name for slug, field in catalog.fields.items()} == {"waves": "Waves"}
    assert list(catalog.eras) == ["Early"]
    assert catalog.pages["planned"].short_title == "Planned"
    assert catalog.pages["planned"].year is None


def test_a_missing_catalogue_is_an_empty_one(tmp_path: Path):
    catalog, problems = load_catalog(tmp_path / "catalog.toml", tmp_path)
    assert (catalog.fields, catalog.pages, problems) == ({}, {}, [])


def test_an_entry_without_its_title_is_told(root: Path):
    path = root / "explainers/catalog.toml"
    path.write_text('page = [{ slug = "a", kind = "paper" }]')
    assert [str(problem) for problem in load_catalog(path, root)[1]] == [
        "explainers/catalog.toml: The entry 'a' has no 'title'.\n    Add `title = …` to it."
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


def catalogue(root: Path, text: str, tracks: str = "") -> list[str]:
    """Write a catalogue and return what is wrong with it."""
    path = root / "explainers/catalog.toml"
    path.write_text(text)
    (path.parent / "tracks.toml").write_text(tracks)
    return [str(problem) for problem in load_catalog(path, root)[1]]


def test_names_that_lead_nowhere_are_told_with_their_line(root: Path):
    text = '[[page]]\nslug = "a"\nkind = "paper"\ntitle = "A"\nfield = "waves"\nbuilds_on = ["b"]\n'
    where = "explainers/catalog.toml:5: "
    assert catalogue(root, '[[field]]\nslug = "wave"\nname = "Waves"\n' + text) == [
        f"{where}'field' of 'a' names 'waves', which the catalogue doesn't have.\n"
        "    Did you mean 'wave'?",
        f"{where}'builds_on' of 'a' names 'b', which the catalogue doesn't have.\n"
        "    Add it, or name another.",
    ]


def test_an_unknown_key_a_wrong_type_and_a_double_are_told(root: Path):
    entry = '[[page]]\nslug = "a"\nkind = "paper"\ntitle = "A"\n'
    other = entry.replace('"a"', '"b"')
    told = catalogue(root, f'{entry}yaer = 1999\n{other}year = "old"\n')
    assert "The entry 'a' has an unknown key 'yaer'." in told[0]
    assert "Did you mean 'year'?" in told[0]
    assert "'year' of 'b' must be a whole number." in told[1]
    assert any("'a' is listed twice." in one for one in catalogue(root, entry + entry))


def test_a_track_names_pages_of_the_catalogue(root: Path):
    entry = '[[page]]\nslug = "a"\nkind = "paper"\ntitle = "A"\n'
    track = '[[track]]\nslug = "t"\ntitle = "T"\n[[track.stage]]\ntitle = "S"\npages = ["a", "z"]\n'
    (told,) = catalogue(root, entry, track)
    assert told.startswith("explainers/tracks.toml:2: 'stage' of 't' names 'z'")


def test_the_sites_tracks_are_pages_of_the_catalogue_with_a_question_each():
    catalog, problems = load_catalog(ROOT / "explainers/catalog.toml", ROOT)
    assert problems == []
    planned = {page.slug for page in catalog.pages.values() if page.kind == "track"}
    assert planned == set(catalog.tracks)
    assert all(page.question.endswith("?") for page in catalog.pages.values())
    papers = [page for page in catalog.pages.values() if page.kind == "paper"]
    assert all(page.era and page.tags and page.year for page in papers)


def test_a_table_that_the_catalogue_does_not_know_is_told(root: Path):
    path = root / "explainers/catalog.toml"
    path.write_text('pages = [{ slug = "a" }]')
    (problem,) = load_catalog(path, root)[1]
    assert (problem.what, problem.remedy) == ("Unknown table 'pages'.", "Did you mean 'page'?")
