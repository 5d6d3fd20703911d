from pathlib import Path
from typing import Any

import pytest
from workings_build.passes.check import RULES, check
from workings_build.passes.load import PageSource
from workings_build.problems import Problem

from tests.unit.load.folders import BODY, EXHIBITS, FRONT, page_at, root_at

PAGE = "explainers/papers/demo/page.md"
PYTHON = "explainers/papers/demo/exhibits.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return root_at(tmp_path)


def told(*pages: PageSource) -> list[str]:
    return [str(problem) for problem in check(pages)]


def spoiled(root: Path, old: str, new: str, **more: Any) -> list[str]:
    assert old in FRONT
    return told(page_at(root, front=FRONT.replace(old, new), **more))


def test_a_sound_page_has_no_problems(root: Path):
    assert told(page_at(root)) == []


def test_nothing_to_check_is_no_problem():
    assert check([]) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "slug: demo",
            "slug: other",
            f"{PAGE}:6: The slug is 'other', but the folder is called 'demo'.\n"
            "    Write `slug: demo`, or rename the folder.",
        ),
        (
            "kind: paper",
            "kind: article",
            f"{PAGE}:5: The kind is 'article', but the folder lies in 'papers'.\n"
            "    Write `kind: paper`, or move the folder to explainers/articles.",
        ),
        (
            "field: waves",
            "field: wave",
            f"{PAGE}:11: Unknown field 'wave'.\n    Did you mean 'waves'?",
        ),
        (
            "field: waves",
            "field: knitting",
            f"{PAGE}:11: Unknown field 'knitting'.\n    The fields are waves.",
        ),
        (
            "era: [Early]",
            "era: [Earlier]",
            f"{PAGE}:12: Unknown era 'Earlier'.\n    Did you mean 'Early'?",
        ),
        (
            "builds_on: [planned]",
            "builds_on: [planed]",
            f"{PAGE}:14: Unknown page 'planed'.\n    Did you mean 'planned'?",
        ),
        (
            "builds_on: [planned]",
            "builds_on: [demo]",
            f"{PAGE}:14: The page builds on itself.\n    Delete the entry.",
        ),
        (
            "  - 2026-11-20: First published.",
            "  - 2026-11-19: First published.",
            f"{PAGE}:18: The change of 2026-11-19 is older than the page's date, 2026-11-20.\n"
            "    Put one of the two dates right.",
        ),
        (
            "authors: Ann Example\n",
            "",
            f"{PAGE}:5: A paper needs the key 'authors'.\n"
            "    Add `authors: …` to the front matter.",
        ),
        (
            "limits:\n  - A limit.\n",
            "limits: []\n",
            f"{PAGE}:19: A paper needs at least 1 limit; this one has none.\n"
            "    Say under `limits:` what the page does not show.",
        ),
        (
            "changes:\n  - 2026-11-20: First published.\n",
            "",
            f"{PAGE}:5: A paper needs at least 1 change; this one has none.\n"
            "    Add `- 2026-11-20: First published.` under `changes:`.",
        ),
        (
            '    bibtex: "@misc{one1999}"\n',
            "",
            f"{PAGE}:22: The reference 'one1999', which comes first and is the paper itself, "
            "has no BibTeX.\n    Add `bibtex: |` and the entry below it.",
        ),
        (
            "    doi: 10.1000/two\n",
            "",
            f"{PAGE}:26: The reference 'two2000' leads nowhere.\n"
            "    Add `arxiv:`, `doi:` or `url:` below it.",
        ),
        (
            "dek: One sentence.",
            "dek: It is 31% better.",
            f"{PAGE}:4: The number '31%' stands in 'dek', where it can have no source.\n"
            "    Say it in words, or in the text beside a {cite} or {claim}.",
        ),
    ],
)
def test_a_fault_of_the_front_matter_is_told(root: Path, old: str, new: str, message: str):
    assert spoiled(root, old, new) == [message]


def test_what_a_page_lacks_is_told(root: Path):
    body = "Text {cite}`one1999; two2000`.\n"
    assert told(page_at(root, body=body, exhibits="")) == [
        f"{PYTHON}: A paper needs at least 1 claim; this one has none.\n"
        '    Write a function with @claim("§…") that asserts what its docstring says.',
        f"{PYTHON}: A paper needs at least 1 mutant; this one has none.\n"
        '    Write a function with @breaks("CLAIM", replaces=…) and one fault.',
        f"{PAGE}:5: A paper needs at least 1 kernel; this one has none.\n"
        "    Show annotated source with `:::{kernel} kernels.…`.",
        f"{PAGE}:5: A paper needs at least 1 quote; this one has none.\n"
        "    Quote a sentence with `:::{quote}`, :source: and :locator:.",
        f"{PAGE}:5: A paper needs at least 2 exhibits; this one has none.\n"
        "    Write a function with @exhibit and place it with `:::{exhibit} NAME`.",
    ]


def test_an_exhibit_that_is_not_placed_is_told(root: Path):
    body = BODY.replace(":::{exhibit} second\n:::\n", "")
    assert told(page_at(root, body=body)) == [
        f"{PYTHON}:11: The exhibit 'second' is not placed in the text.\n"
        "    Add `:::{exhibit} second` to page.md, or delete the function.",
        f"{PAGE}:5: A paper needs at least 2 exhibits; this one has only 1.\n"
        "    Write a function with @exhibit and place it with `:::{exhibit} NAME`.",
    ]


def test_a_mutant_of_an_unknown_claim_is_told(root: Path):
    exhibits = EXHIBITS.replace('@breaks("doubled"', '@breaks("double"')
    assert told(page_at(root, exhibits=exhibits)) == [
        f"{PYTHON}:21: The mutant 'tripled' breaks the unknown claim 'double'.\n"
        "    Did you mean 'doubled'?"
    ]


def test_a_reference_that_is_never_cited_is_told(root: Path):
    body = BODY.replace("{cite}`one1999; two2000`", "{cite}`one1999`")
    assert told(page_at(root, body=body)) == [
        f"{PAGE}:26: The reference 'two2000' is never cited.\n"
        "    Cite it with {cite}`two2000 locator`, or delete it."
    ]


def test_two_pages_with_one_slug_are_told(root: Path):
    front = FRONT.replace("kind: paper", "kind: article")
    pages = [page_at(root), page_at(root, front=front, group="articles")]
    assert told(*pages) == [
        "explainers/articles/demo/page.md:6: The slug 'demo' is taken by "
        "explainers/papers/demo/page.md.\n    Rename the folder."
    ]


def test_a_broken_page_is_told_with_its_text_and_beside_others(root: Path):
    broken = page_at(root, front="title: [\n", body="It is 31%.\n", slug="broken")
    problems = check([broken, page_at(root)])
    assert {problem.file for problem in problems} == {
        "explainers/papers/broken/page.md",
        "explainers/papers/broken/exhibits.py",
    }
    assert any("'31%'" in problem.what for problem in problems)


def test_problems_are_in_order_and_told_once(root: Path):
    problems = check([page_at(root, front=FRONT.replace("year: 1999\n", ""), body="x\n")])
    assert problems == sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.what))
    assert all(isinstance(problem, Problem) for problem in problems)


def test_every_kind_of_page_has_a_rule():
    assert set(RULES) == {"paper", "article", "comparison", "course", "track"}
    assert all(rule.exhibits >= 2 and rule.claims >= 1 for rule in RULES.values())
