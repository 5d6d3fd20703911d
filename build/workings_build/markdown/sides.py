"""Two sides in one table: each cell is measured by a claim, or cited with its place."""

import re
from typing import TYPE_CHECKING

from markdown_it.token import Token

from workings_build.markdown.context import Context
from workings_build.markdown.roles import ROLE

if TYPE_CHECKING:
    from workings_build.markdown.directives import Call

NOTHING = re.compile(r"[–—-]")
LOCATED = re.compile(r"\S+\s+\S")


def prepare(context: Context, call: "Call", tokens: list[Token]) -> list[Token]:
    """Check that the body is one table whose cells have sources; name its rows.

    The first cell of a row says what is compared; every other one holds a number that a claim has
    measured, a claim, a citation with its locator, or a dash.
    """
    tables = [token for token in tokens if token.type == "table_open"]
    others = [t for t in tokens if t.level == 0 and t.nesting >= 0 and t.type != "table_open"]
    if len(tables) != 1 or others:
        remedy = "Write `| what | one | other |` and its rows, and nothing else."
        context.problem(call.row, "The sides are not one table.", remedy)
        return tokens
    column = 0
    for index, token in enumerate(tokens):
        if token.type == "tr_open":
            column = 0
        elif token.type in ("td_open", "th_open"):
            column += 1
            if token.type == "td_open" and column == 1:
                _name_row(token, tokens[index + 2])
            elif token.type == "td_open":
                _check(context, tokens[index + 1], call.row)
        elif token.type == "thead_close" and column < 3:
            remedy = "Give the table a column for what is compared, and one for each side."
            context.problem(call.row, "The table has fewer than two sides.", remedy)
    return tokens


def _name_row(opening: Token, closing: Token) -> None:
    opening.type, closing.type = "th_open", "th_close"
    opening.tag = closing.tag = "th"
    opening.meta["scope"] = "row"


def _check(context: Context, cell: Token, row: int) -> None:
    text = cell.content.strip()
    if NOTHING.fullmatch(text) or any(_vouches(m[1], m[3]) for m in ROLE.finditer(text)):
        return
    what = f"The cell '{text}' says nothing of where it comes from."
    remedy = "Add {measured}`claim: number`, {claim}`name` or {cite}`key locator`."
    context.problem(cell.map[0] if cell.map else row, what, remedy)


def _vouches(role: str, content: str) -> bool:
    if role == "cite":
        return all(LOCATED.match(part.strip()) for part in content.split(";"))
    return role in ("measured", "claim")
