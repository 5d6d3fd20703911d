"""Comments go, lines keep their numbers, and nothing else changes."""

import re
import subprocess
from pathlib import Path

import pytest
from workings_build.trim import trim_script, trim_style
from workings_build.vendor import find_node

from tests.unit.pipeline.project import ROOT

SCRIPTS = sorted((ROOT / "site" / "scripts").glob("*.js"))


def test_lines_of_comments_are_emptied() -> None:
    text = "// one\nlet a = 1; // two\n/**\n * three\n */\n  // four\nlet b;\n/* five */ let c;\n"
    assert trim_script(text) == "\nlet a = 1; // two\n\n\n\n\nlet b;\n/* five */ let c;\n"


@pytest.mark.parametrize(
    "text",
    [
        "let a = `\n// not a comment\n/* nor this */\n`;\n",
        'let a = "// no";\n',
        "let a = 'it\\'s // no';\n",
        "let a = 4 / 2 / 1;\n",
        "  /** @type {T} */ (a).b();\nlet c = 1; /* end */\n",
        "let url = `https://${host}/`;\n",
        "let r = /\\/\\*/;\nlet b = 1;\n",
    ],
)
def test_what_only_looks_like_a_comment_stays(text: str) -> None:
    assert trim_script(text) == text


def test_styles_lose_their_comments_and_nothing_else() -> None:
    text = '/* a\n * b */\np { color: red; /* c */ }\nq::before { content: "/* d */" }\n'
    assert trim_style(text) == '\n\np { color: red;  }\nq::before { content: "/* d */" }\n'


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_script_of_the_site_is_the_same_code_afterwards(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    trimmed = trim_script(text)
    assert trimmed.count("\n") == text.count("\n")
    changed = [
        (old, new)
        for old, new in zip(text.split("\n"), trimmed.split("\n"), strict=True)
        if old != new
    ]
    for old, new in changed:
        assert new == "" and re.match(r"\s*(//|/\*|\*)", old), old
    copy = tmp_path / "copy.mjs"
    copy.write_text(trimmed, encoding="utf-8")
    subprocess.run([find_node(), "--check", str(copy)], check=True, timeout=60)
