"""Scripts and styles without the comments that only their authors need.

Nothing else changes: lines keep their numbers, so what a browser reports can be found in the
sources, and the code stays as readable as it was written.
"""

import re

_STRING = r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
_TEMPLATE = r"`(?:\\.|[^`\\])*`"
_WHOLE_LINES = r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*$)"
_SCRIPT = re.compile(f"({_WHOLE_LINES})|{_TEMPLATE}|{_STRING}", re.M | re.S)
_STYLE = re.compile(rf"(/\*.*?\*/)|{_STRING}", re.S)


def trim_script(text: str) -> str:
    """Empty the lines of a script that hold nothing but comments."""
    return _SCRIPT.sub(_emptied, text)


def trim_style(text: str) -> str:
    """Take the comments out of a stylesheet."""
    return _STYLE.sub(_emptied, text)


def _emptied(match: re.Match[str]) -> str:
    comment = match[1]
    return match[0] if comment is None else "\n" * comment.count("\n")
