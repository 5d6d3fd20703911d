import re

import pytest
from workings_build.patterns import html_pattern


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"[a-z ]*", r"[a-z ]*"),
        (r"[A-Za-z ,./]*", r"[A-Za-z ,.\/]*"),
        (r"[A-Za-z {},.]*", r"[A-Za-z \{\},.]*"),
        (r"[^()|]+(ab|[c[])", r"[^\(\)\|]+(ab|[c\[])"),
        (r"[-a]|[a-]|[^-a]", r"[\-a]|[a\-]|[^\-a]"),
        (r"[]a]", r"[\]a]"),
        (r"\[[\]\-/]", r"\[[\]\-\/]"),
        (r"a{1,3}/(b)", r"a{1,3}/(b)"),
    ],
)
def test_classes_are_written_as_browsers_want_them(pattern: str, written: str):
    assert html_pattern(pattern) == written
    for text in ("a", "b", "-", "/", "{", "[", "]", "(", "ab", "a/b", "aaa/b", "[-", "[]"):
        assert bool(re.fullmatch(pattern, text)) == bool(re.fullmatch(written, text)), text
