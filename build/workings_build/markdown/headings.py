"""Headings: ids that stay the same, the table of contents, and an orderly outline."""

import re
from collections.abc import Sequence

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from workings_build.markdown.context import context_of
from workings_build.markdown.roles import parts
from workings_build.views import Heading

GIVEN = re.compile(r"\s*\{#(?P<id>[a-z][a-z0-9-]*)\}\s*$")
LISTED = (2, 3)
"""The levels that the table of contents shows."""


def headings_rule(state: StateCore) -> None:
    """Give headings ids, list them, and check their levels; runs after inline parsing."""
    context = context_of(state.env)
    level = 1
    for token, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if token.type != "heading_open" or token.level:
            continue
        row = token.map[0] if token.map else 0
        own = int(token.tag[1])
        given = _given(inline)
        title = plain(inline.children or [])
        if own == 1:
            remedy = "Start sections with ##: the front matter's title is the page's heading."
            context.problem(row, f"The heading '{title}' is on the first level.", remedy)
        elif own > level + 1:
            remedy = f"Write it with {'#' * (level + 1)}."
            what = f"The heading '{title}' is on level {own}, but the one before on level {level}."
            context.problem(row, what, remedy)
        level = max(own, 2) if own > 1 else level
        identity = context.identify(given or title)
        token.attrSet("id", identity)
        if own in LISTED:
            context.toc.append(Heading(identity, title, own))


def _given(inline: Token) -> str | None:
    """Take `{#id}` off a heading's end."""
    last = inline.children[-1] if inline.children else None
    if last is None or last.type != "text" or not (match := GIVEN.search(last.content)):
        return None
    last.content = last.content[: match.start()]
    return match["id"]


def plain(tokens: Sequence[Token]) -> str:
    """Return inline tokens as plain text; formulas as they were written."""
    text = ""
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            text += " "
        elif token.type == "role":
            text += (
                ""
                if token.meta["name"] == "cite"
                else parts(token.content)[0] or parts(token.content)[1]
            )
        else:
            text += token.content
    return " ".join(text.split())
