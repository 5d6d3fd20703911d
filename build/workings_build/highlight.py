"""Source code as HTML: Pygments' classes under the prefix `hl-`, line by line."""

import html
from typing import Any

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

PREFIX = "hl-"
STYLED = frozenset(["c", "c1", "cm", "sd", "k", "kn", "kc", "kd", "ow", "nd", "nf", "nc"])
"""The classes that styles know; every other token is plain text, which is less to send."""

PLAIN = ("", "text", "none", "plain")


def lines(source: str, language: str = "python") -> list[str]:
    """Highlight source; each line is HTML of its own, with no tag left open.

    Raises
    ------
    ValueError
        If Pygments does not know the language.
    """
    source = source.rstrip("\n")
    if language in PLAIN:
        return [html.escape(line, quote=False) for line in source.split("\n")]
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=True)
    except ClassNotFound:
        raise ValueError(f"No highlighter knows the language '{language}'.") from None
    done: list[str] = []
    current: list[str] = []
    for token, value in lex(source, lexer):
        name = _class(token)
        for index, piece in enumerate(value.split("\n")):
            if index:
                done.append("".join(current))
                current = []
            if piece:
                text = html.escape(piece, quote=False)
                current.append(f'<span class="{PREFIX}{name}">{text}</span>' if name else text)
    return done


def code(source: str, language: str = "python") -> str:
    """Highlight source as the content of a `<code>` element."""
    return "\n".join(lines(source, language))


def _class(token: Any) -> str:
    while token not in STANDARD_TYPES and token.parent is not None:
        token = token.parent
    name = str(STANDARD_TYPES.get(token, ""))
    return name if name in STYLED else ""
