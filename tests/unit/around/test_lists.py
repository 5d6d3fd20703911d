from pathlib import Path

import pytest
from workings_build.around.entries import entries_of
from workings_build.around.lists import archive, library, most_built_upon, neighbours, tracks
from workings_build.catalog import Catalog, load_catalog
from workings_build.views import Entry, Link

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "explainers/catalog.toml", ROOT)[0]


@pytest.fixture(scope="module")
def entries(catalog: Catalog) -> tuple[Entry, ...]:
    links = {page.slug: Link(page.slug, page.name, None) for page in catalog.pages.values()}
    return entries_of(catalog, [], {}, links)


def test_every_page_of_the_catalogue_stands_on_one_shelf_of_the_library(catalog, entries):
    page = library(catalog, entries)
    shelved = [entry.slug for shelf in page.context["shelves"] for entry in shelf.entries]
    assert sorted(shelved) == sorted(catalog.pages) and page.context["total"] == len(shelved)
    for name in ("field", "kind", "status"):
        assert sum(option.count for option in page.context["options"][name]) == len(shelved)


def test_every_paper_stands_in_the_archive_under_its_eras_years(catalog, entries):
    page = archive(catalog, entries)
    shelved = {entry.slug for shelf in page.context["shelves"] for entry in shelf.entries}
    assert shelved == {p.slug for p in catalog.pages.values() if p.kind == "paper"}
    for shelf in page.context["shelves"]:
        years = [entry.year for entry in shelf.entries]
        assert years == sorted(years)
        assert shelf.years in (f"{years[0]} – {years[-1]}", str(years[0]))


def test_a_planned_page_has_no_address_and_is_not_counted_as_written(entries):
    assert all(entry.path is None and not entry.written for entry in entries)
    assert all(entry.question for entry in entries)


def test_a_track_shows_its_stages_in_order_and_what_helps_beforehand(catalog, entries):
    pages = {page.path: page for page in tracks(catalog, entries)}
    view = pages["tracks/the-transformer/"].context["track"]
    assert [entry.slug for entry in view.entries] == list(catalog.tracks["the-transformer"].pages)
    assert view.before and not {link.slug for link in view.before} & {e.slug for e in view.entries}
    assert len(pages) == 1 + len(catalog.tracks)


def test_a_page_knows_its_neighbours_on_every_path(catalog):
    links = {page.slug: Link(page.slug, page.name, None) for page in catalog.pages.values()}
    found = neighbours(catalog, links)
    for track in catalog.tracks.values():
        for place, slug in enumerate(track.pages):
            (own,) = [p for p in found[slug] if p["track"].slug == track.slug]
            assert own["place"] == place + 1 and own["of"] == len(track.pages)
            after = track.pages[place + 1] if place + 1 < len(track.pages) else None
            assert (own["next"].slug if own["next"] else None) == after


def test_most_built_upon_ranks_by_the_papers_and_articles_that_stand_on_it(entries):
    kinds = {entry.slug: entry.kind for entry in entries}
    counts = [
        sum(kinds[link.slug] in ("paper", "article") for link in entry.built_upon_by)
        for entry in most_built_upon(entries, 10)
    ]
    assert counts == sorted(counts, reverse=True) and counts[0] > 5
