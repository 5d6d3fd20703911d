"""`workings new`: a page that builds and passes at once."""

import datetime
from pathlib import Path

import pytest
from workings_build.pipeline import build
from workings_build.scaffold import ScaffoldError, scaffold

from tests.unit.pipeline.project import settings_of

PLACES = {
    "paper": ("papers", ""),
    "article": ("articles", "articles/"),
    "comparison": ("comparisons", "compare/"),
    "course": ("course", "course/"),
}


def test_a_new_page_of_every_kind_builds_and_passes_at_once(project: Path) -> None:
    for kind, (group, _) in PLACES.items():
        folder = scaffold(project, f"new-{kind}", kind, "2026-11-22")
        assert folder == project / "explainers" / group / f"new-{kind}"
        assert sorted(path.name for path in folder.iterdir()) == ["exhibits.py", "page.md"]
    built = build(settings_of(project))
    assert built.problems == ()
    for kind, (_, path) in PLACES.items():
        html = (project / "dist" / path / f"new-{kind}" / "index.html").read_text()
        assert f"New {kind}" in html


def test_the_first_page_of_a_site_passes_too(project: Path) -> None:
    for page in ("papers/one", "articles/two"):
        for path in (project / "explainers" / page).iterdir():
            path.unlink()
        (project / "explainers" / page).rmdir()
    scaffold(project, "alone", "paper")
    assert build(settings_of(project)).problems == ()


def test_the_date_is_todays_unless_given(project: Path) -> None:
    text = (scaffold(project, "today", "paper") / "page.md").read_text()
    assert f"date: {datetime.date.today().isoformat()}" in text
    text = (scaffold(project, "then", "paper", "2020-02-29") / "page.md").read_text()
    assert "date: 2020-02-29" in text


@pytest.mark.parametrize(
    ("slug", "date", "says"),
    [
        ("Attention", None, "can't be a slug"),
        ("../outside", None, "can't be a slug"),
        ("a--b", None, "can't be a slug"),
        ("", None, "can't be a slug"),
        ("two", None, "is there already"),
        ("fine", "2020-02-30", "is no date"),
    ],
)
def test_what_can_not_be_a_page_is_refused_and_nothing_written(
    project: Path, slug: str, date: str | None, says: str
) -> None:
    before = sorted((project / "explainers").rglob("*"))
    with pytest.raises(ScaffoldError, match=says):
        scaffold(project, slug, "paper", date)
    assert sorted((project / "explainers").rglob("*")) == before
