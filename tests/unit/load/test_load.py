from pathlib import Path

import pytest
from workings_build.passes.load import load, load_page, stray

from tests.unit.load.folders import FRONT, first_row, page_at, root_at


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return root_at(tmp_path)


def test_a_page_is_read_whole(root: Path):
    page = page_at(root, body="Hello.\n")
    assert page.problems == ()
    assert (page.group, page.slug, page.page_path) == ("papers", "demo", "demo/")
    assert page.front.title == "A Page"
    assert page.body == "Hello.\n"
    assert page.body_line == first_row()
    assert page.exhibits_source.startswith("from kernels")
    assert list(page.declared.exhibits) == ["first", "second"]
    assert page.declared.claims["doubled"].locator == "§1"
    assert page.declared.claims["doubled"].sentence == "Two ones are two."
    assert page.declared.mutants["tripled"].claim == "doubled"


def test_each_group_has_its_place_on_the_site(root: Path):
    for group in ("papers", "articles", "comparisons", "course"):
        page_at(root, group=group, slug=f"in-{group}")
    assert [page.page_path for page in load(root)] == [
        "in-papers/",
        "articles/in-articles/",
        "compare/in-comparisons/",
        "course/in-course/",
    ]


def test_a_broken_page_does_not_stop_the_others(root: Path):
    page_at(root, slug="broken", front="title: [\n")
    page_at(root, slug="sound")
    broken, sound = load(root)
    assert broken.matter is None
    assert len(broken.problems) == 1
    assert sound.front.title == "A Page"
    with pytest.raises(ValueError, match=r"broken/page\.md has broken front matter"):
        _ = broken.front


def test_missing_files_are_problems(root: Path):
    (root / "explainers/papers/empty").mkdir(parents=True)
    (page,) = load(root)
    assert [str(problem) for problem in page.problems] == [
        "explainers/papers/empty/page.md: The file is missing.\n"
        "    Write the page's front matter and prose there.",
        "explainers/papers/empty/exhibits.py: The file is missing.\n"
        "    Write the page's exhibits and claims there.",
    ]


def test_a_page_without_front_matter_is_a_problem(root: Path):
    page_at(root)
    folder = root / "explainers/papers/demo"
    (folder / "page.md").write_text("# Hello\n")
    assert [str(problem) for problem in load_page(folder, root).problems] == [
        "explainers/papers/demo/page.md:1: The page does not start with front matter.\n"
        "    Start it with a line `---`, the keys, and another line `---`."
    ]


def test_a_file_in_another_encoding_is_a_problem(root: Path):
    page_at(root)
    folder = root / "explainers/papers/demo"
    (folder / "page.md").write_bytes(f"---\n{FRONT}---\nfine\n".encode() + b"na\xefve\n")
    assert [str(problem) for problem in load_page(folder, root).problems] == [
        f"explainers/papers/demo/page.md:{first_row() + 1}: The file is not UTF-8.\n"
        "    Save it as UTF-8."
    ]


def test_python_that_does_not_parse_is_a_problem(root: Path):
    page = page_at(root, exhibits="x = 1\ndef broken(:\n")
    assert [str(problem) for problem in page.problems] == [
        "explainers/papers/demo/exhibits.py:2: This is not Python: invalid syntax.\n"
        "    Put the syntax right."
    ]


def test_other_files_of_the_folder_are_listed_without_caches(root: Path):
    page_at(root)
    folder = root / "explainers/papers/demo"
    for name in ("plane.svg", "data/points.csv", "__pycache__/exhibits.pyc", ".hidden"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    names = [path.relative_to(folder).as_posix() for path in load_page(folder, root).files]
    assert names == ["data/points.csv", "plane.svg"]


def test_a_folder_that_is_no_group_is_reported(root: Path):
    (root / "explainers/paper").mkdir()
    assert [str(problem) for problem in stray(root)] == [
        "explainers/paper: 'paper' is no group of pages.\n    Did you mean 'papers'?"
    ]
