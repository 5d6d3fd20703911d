"""The site's own templates, on the tiny site with one of everything and on new pages."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from workings_build.pipeline import Built, build
from workings_build.scaffold import scaffold
from workings_build.settings import make_settings

from tests.unit.pipeline.project import ROOT

pytestmark = pytest.mark.slow

KINDS = ("paper", "article", "comparison", "course")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    place = tmp_path_factory.mktemp("site")
    for room in ("explainers", "kernels"):
        shutil.copytree(ROOT / "tests" / "fixture_site" / room, place / room)
    for kind in KINDS:
        scaffold(place, f"new-{kind}", kind, "2026-11-22")
    settings = make_settings(ROOT, source=place, out=place / "dist", cache=place / "cache", jobs=2)
    return build(settings)


def test_everything_that_a_page_can_have_builds_and_passes(built: Built) -> None:
    assert built.problems == ()
    assert built.out is not None
    assert (built.out / "everything" / "index.html").is_file()


def test_new_pages_of_every_kind_pass_with_the_sites_own_templates(built: Built) -> None:
    assert built.out is not None
    paths = {page["slug"]: page["path"] for page in listed(built.out)["pages"]}
    for kind in KINDS:
        assert (built.out / paths[f"new-{kind}"] / "index.html").is_file()


def test_the_list_of_pages_keeps_to_its_schema(built: Built) -> None:
    assert built.out is not None
    schema = json.loads((built.out / "site.schema.json").read_text())
    jsonschema.validate(listed(built.out), schema)


def test_a_picture_of_the_page_is_put_beside_it(built: Built) -> None:
    assert built.out is not None
    html = (built.out / "everything" / "index.html").read_text()
    assert 'src="plane.svg"' in html
    assert (built.out / "everything" / "plane.svg").is_file()


def test_a_map_and_its_receipt_are_put_beside_the_page(built: Built) -> None:
    assert built.out is not None
    page = built.out / "everything"
    html = (page / "index.html").read_text()
    (plan,) = page.glob("data/small-map/*/map.json")
    assert f'data-map="{plan.relative_to(page).as_posix()}"' in html
    assert f'src="{plan.with_name("overview.png").relative_to(page).as_posix()}"' in html
    assert 'id="receipt-small-map"' in html
    assert "styles/map.css" in html
    (kept,) = built.out.glob("data/offline.*.json")
    assert f"everything/{plan.relative_to(page).as_posix()}" in kept.read_text()


def listed(out: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads((out / "site.json").read_text())
    return found
