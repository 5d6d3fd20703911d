"""What a page uses of jobs' files: found, named by content, in its key, told by its receipt."""

from pathlib import Path

import pytest
from workings_build.compute import page_key
from workings_build.page_assets import Assets, contents_digest, sent_bytes, used
from workings_build.passes.load import load_page
from workings_build.receipt_views import duration, receipt_views
from workings_build.settings import make_settings

from tests.browser.workbench import SOURCE
from tests.maps import make_map
from tests.unit.pipeline.project import ROOT, write

NUMBERS = "workbench-heights/heights.npy"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for path in (SOURCE / "kernels" / "assets").rglob("*.*"):
        target = tmp_path / path.relative_to(SOURCE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    write(
        tmp_path / "explainers" / "articles" / "page" / "exhibits.py",
        f'from workings import asset\nX = asset("{NUMBERS}")\n',
    )
    return tmp_path


def key(source: Path) -> str:
    page = load_page(source / "explainers" / "articles" / "page", source)
    return page_key(page, make_settings(ROOT, source=source), "environment")


def test_what_a_page_computes_depends_on_its_assets_alone(source: Path) -> None:
    before = key(source)
    folder = source / "kernels" / "assets" / "workbench-heights"
    (folder / "about.json").write_text("{}")
    assert key(source) == before
    (folder / "heights.npy").write_bytes(b"other")
    assert key(source) != before


def test_files_beside_the_pages_come_before_the_projects_own(source: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    own = project / "assets" / "workbench-heights"
    own.mkdir(parents=True)
    (own / "heights.npy").write_bytes(b"the project's")
    (own / "more.txt").write_bytes(b"more")
    assets = Assets.of(source, project)
    assert assets.file(NUMBERS) == source / "kernels" / "assets" / NUMBERS
    assert assets.file("workbench-heights/more.txt") == own / "more.txt"
    assert assets.file("workbench-heights/../workbench-heights/more.txt") is None
    assert assets.near("workbench-height/more.txt") == "workbench-heights/more.txt"


def test_a_files_name_on_the_page_says_its_content(source: Path) -> None:
    found = used([NUMBERS, "no/such.json"], (), Assets.of(source, ROOT / "kernels"))
    (name,) = found.published
    assert name.startswith("data/workbench-heights/") and name.endswith(".heights.npy")
    (entry,) = found.listed()
    assert (entry["name"], entry["url"], entry["bytes"]) == (NUMBERS, name, 272)
    assert found.sent() == 272
    (source / "kernels" / "assets" / NUMBERS).write_bytes(b"other")
    assert set(used([NUMBERS], (), Assets.of(source, ROOT)).published) != {name}


def test_text_is_sent_compressed_and_arrays_as_they_are() -> None:
    assert sent_bytes("job/rows.json", b"[1]" * 1000) < 100
    assert sent_bytes("job/weights.npz", b"[1]" * 1000) == 3000


def test_a_receipt_lists_what_the_page_uses(source: Path) -> None:
    assets = Assets.of(source, ROOT / "kernels")
    make_map(source / "kernels" / "assets", "demo-map", 2, 2, [f"w{i}" for i in range(80)])
    (numbers, shown) = receipt_views(used([NUMBERS], ["demo-map"], assets))
    assert [file.name for file in numbers.files] == ["heights.npy"]
    assert numbers.obtained == "counted"
    assert "no time was taken" in numbers.how
    facts = dict(numbers.facts)
    assert facts["device"] == "A processor, 2 cores, Linux x86_64"
    assert facts["tolerance"] == "exact: nothing is rounded"
    assert facts["seed"] == "7"
    assert facts["versions"] == "python 3.11.2, numpy 2.0.2"
    assert [file.name for file in shown.files] == ["map.json"]
    pictures = list((source / "kernels" / "assets" / "demo-map").rglob("*.png"))
    assert shown.tiles == len(pictures)
    assert shown.tiles_bytes == sum(path.stat().st_size for path in pictures)


def test_nothing_is_hashed_where_nothing_is_read(source: Path) -> None:
    assets = Assets.of(source, ROOT / "kernels")
    assert contents_digest([], assets) == contents_digest(["no/such.json"], assets)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.01, "0.01 s"), (51.2, "51 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_a_duration_is_said_as_a_person_would(seconds: float, said: str) -> None:
    assert duration(seconds) == said
