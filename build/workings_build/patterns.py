"""Patterns of text controls, as a browser's `pattern` attribute wants them."""

import re

# What a class of a browser's patterns (the v flag) takes as syntax, and Python's takes as it is.
_SYNTAX = frozenset("()[{}/|")
_TOKEN = re.compile(r"\\.|.", re.DOTALL)


def html_pattern(pattern: str) -> str:
    r"""Escape what stands for itself in a Python class and is syntax in a browser's.

    `[a-z ,./{}]` becomes `[a-z ,.\/\{\}]`; outside of classes nothing changes. A hyphen at
    either end of a class, which Python takes as itself, is escaped too.
    """
    tokens = _TOKEN.findall(pattern)
    written = []
    start = None  # where the class that we are in has its first member
    for i, token in enumerate(tokens):
        if start is None:
            if token == "[":
                start = i + 2 if tokens[i + 1 : i + 2] == ["^"] else i + 1
        elif token == "]" and i > start:
            start = None
        elif token in _SYNTAX or token == "]" or (token == "-" and _at_end(tokens, i, start)):
            token = "\\" + token
        written.append(token)
    return "".join(written)


def _at_end(tokens: list[str], i: int, start: int) -> bool:
    return i == start or tokens[i + 1 : i + 2] == ["]"]
