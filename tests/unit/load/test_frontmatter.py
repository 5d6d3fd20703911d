import pytest
from workings_build.frontmatter import read, split

from tests.unit.load.folders import FRONT


def told(text: str) -> list[str]:
    return [str(problem) for problem in read(text, "page.md").problems]


def replaced(old: str, new: str) -> list[str]:
    assert old in FRONT
    return told(FRONT.replace(old, new))


def test_sound_front_matter_is_read_with_its_lines():
    found = read(FRONT, "page.md")
    assert found.problems == ()
    front = found.front
    assert front is not None
    assert (front.slug, front.year, front.era) == ("demo", 1999, ("Early",))
    assert front.date == "2026-11-20"
    assert front.changes == (("2026-11-20", "First published."),)
    assert front.subject is front.references["one1999"]
    assert found.lines["title"] == 2
    assert found.lines["changes.0"] == 18
    assert found.lines["references.one1999.arxiv"] == 24


def test_a_reference_leads_to_its_address_arxiv_or_doi():
    front = read(FRONT, "page.md").front
    assert front is not None
    assert front.references["one1999"].link == "https://arxiv.org/abs/1706.03762"
    assert front.references["two2000"].link == "https://doi.org/10.1000/two"
    own = read(FRONT.replace("doi: 10.1000/two", "url: https://example.org/two"), "page.md").front
    assert own is not None
    assert own.references["two2000"].link == "https://example.org/two"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "short_title: Page",
            "short_titel: Page",
            [
                "page.md:2: The key 'short_title' is missing.\n"
                "    Add `short_title: …` to the front matter.",
                "page.md:3: Unknown key 'short_titel'.\n    Did you mean 'short_title'?",
            ],
        ),
        (
            "year: 1999",
            "year: late",
            [
                "page.md:10: 'year' must be a whole number, not the text 'late'.\n"
                "    Write the year alone, such as 2017."
            ],
        ),
        (
            "title: A Page\n",
            "title: 1984\n",
            [
                "page.md:2: 'title' must be text, not the number 1984.\n"
                '    Put it in quotes: title: "1984".'
            ],
        ),
        (
            "dek: One sentence.",
            "dek:",
            ["page.md:4: 'dek' must be text, not empty.\n    Fill in `dek: …`."],
        ),
        (
            "dek: One sentence.",
            'dek: " "',
            ["page.md:4: The key 'dek' is empty.\n    Fill it in."],
        ),
        (
            "kind: paper",
            "kind: papers",
            [
                "page.md:5: 'kind' can't be 'papers'.\n"
                "    Use one of paper, article, comparison, course, track."
            ],
        ),
        (
            "slug: demo",
            "slug: Demo Page",
            [
                "page.md:6: 'slug' can't be 'Demo Page'.\n"
                "    Use small letters and digits joined by hyphens, the same as the folder's name."
            ],
        ),
        (
            "tags: [Tag]",
            "tags: Tag",
            [
                "page.md:13: 'tags' must be a list, not the text 'Tag'.\n"
                "    Write it as a list: tags: [one, two]."
            ],
        ),
        (
            "date: 2026-11-20",
            "date: 2026-13-20",
            [
                "page.md:16: 'date' can't be '2026-13-20'.\n"
                "    Write it as year-month-day, such as 2026-11-22."
            ],
        ),
        (
            "- A limit.",
            "- A limit: with a colon.",
            [
                "page.md:20: Entry 1 of 'limits' must be text, not a mapping.\n"
                "    Put the whole line in quotes: a colon and a space start a mapping."
            ],
        ),
        (
            'arxiv: "1706.03762"',
            "arxiv: 1706.03762",
            [
                "page.md:24: 'references.one1999.arxiv' must be text, not the number 1706.03762.\n"
                '    Put it in quotes: arxiv: "1706.03762".'
            ],
        ),
        (
            'arxiv: "1706.03762"',
            "arxiv: https://arxiv.org/abs/1706.03762",
            [
                "page.md:24: 'references.one1999.arxiv' can't be "
                "'https://arxiv.org/abs/1706.03762'.\n"
                '    Write the identifier alone and in quotes, such as "1706.03762".'
            ],
        ),
        (
            "doi: 10.1000/two",
            "dio: 10.1000/two",
            ["page.md:28: Unknown key 'references.two2000.dio'.\n    Did you mean 'doi'?"],
        ),
        (
            "  two2000:",
            "  two 2000:",
            [
                "page.md:26: The key 'two 2000' can't name a reference.\n"
                "    Use letters, digits, hyphens and underscores, starting with a letter."
            ],
        ),
        (
            "  - 2026-11-20: First published.",
            "  - First published.",
            [
                "page.md:18: Entry 1 of 'changes' must be a list, "
                "not the text 'First published.'.\n"
                "    Write each change as `- 2026-11-22: What changed.`"
            ],
        ),
        (
            "field: waves\n",
            "field: waves\nfield: turns\n",
            [
                "page.md:12: The key 'field' stands twice, first on line 11.\n"
                "    Keep one of the two."
            ],
        ),
    ],
)
def test_a_fault_is_named_with_line_and_remedy(old: str, new: str, message: list[str]):
    assert replaced(old, new) == message


SYNTAX = "    Put a value that holds a colon, a quote or a # in quotes, and check the indentation."


def test_yaml_that_does_not_parse_is_told_where_it_begins():
    assert told('title: "A\nb: c\n') == [
        f"page.md:2: The front matter is not YAML: found unexpected end of stream.\n{SYNTAX}"
    ]
    assert told("title: A\nwhy: a: b\n") == [
        f"page.md:3: The front matter is not YAML: mapping values are not allowed here.\n{SYNTAX}"
    ]


def test_several_faults_are_told_at_once():
    spoiled = FRONT.replace("kind: paper", "kind: x").replace("year: 1999", "year: x")
    assert len(told(spoiled)) == 2


def test_a_list_is_no_front_matter():
    assert told("- title") == [
        "page.md:2: The front matter is not a list of keys and values.\n"
        "    Write `title: …` and so on."
    ]


def test_empty_front_matter_lacks_every_required_key():
    assert len(told("")) == 8


def test_the_body_starts_behind_the_second_line_of_hyphens():
    assert split("---\na: b\n---\nText\n") == ("a: b", "Text\n", 4)


@pytest.mark.parametrize("text", ["", "Text", "---\na: b\n", " ---\na: b\n---\n"])
def test_text_without_front_matter_is_not_parted(text: str):
    assert split(text) is None
