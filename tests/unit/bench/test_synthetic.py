from pathlib import Path

import pytest
from workings_build.bench.synthetic import KINDS, cold_build, synthetic_site
from workings_build.settings import find_root, make_settings

ROOT = find_root(Path(__file__))


def test_a_synthetic_site_has_pages_of_every_kind_and_no_two_alike(tmp_path: Path):
    synthetic_site(tmp_path, 5)
    pages = sorted(tmp_path.glob("explainers/*/*/exhibits.py"))
    assert len(pages) == 5 and len({page.read_text("utf-8") for page in pages}) == 5
    assert len({page.parents[1].name for page in pages}) == len(KINDS)


@pytest.mark.slow
def test_a_cold_build_and_one_after_an_edit_are_measured():
    built = cold_build(make_settings(ROOT), 1)
    assert built.pages == 1 and built.seconds > 0 and built.processor > 0 and built.peak > 20
    assert built.again > 0
    assert str(built.pages) in built.row()
