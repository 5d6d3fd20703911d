"""Expand fences such as `:::{aside}` into directive tokens with their bodies parsed inside."""

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from workings_build.markdown import diff_view, directives, kernel_view, sides
from workings_build.markdown.context import Context, Env, context_of
from workings_build.markdown.directives import DIRECTIVES, Call

FENCES = ("fence", "colon_fence")


def expand_rule(state: StateCore) -> None:
    """Replace directives by their tokens; runs between block and inline parsing."""
    context = context_of(state.env)
    state.tokens = _expand(state.tokens, state.src.split("\n"), 0, state.md, state.env, context)


def _expand(
    tokens: list[Token], lines: list[str], shift: int, md: MarkdownIt, env: Env, context: Context
) -> list[Token]:
    """Expand tokens parsed from `lines`, whose first is row `shift`, and move them there."""
    done: list[Token] = []
    for token in tokens:
        first, last = token.map or (0, 0)
        if token.map:
            token.map = [first + shift, last + shift]
        if token.type not in FENCES:
            done.append(token)
            continue
        if not _closed(lines[last - 1], token.markup):
            what = f"The block '{token.markup}{token.info.strip()}' is never closed."
            remedy = f"End it with a line `{token.markup}`."
            context.problem(first + shift, what, remedy)
        if token.type == "fence" and not token.info.strip().startswith("{"):
            done.append(token)
        else:
            done += _directive(token, md, env, context)
    return done


def _closed(line: str, markup: str) -> bool:
    """Say whether the last line of a fence ends it; quote marks and list indents may precede."""
    end = line.strip().lstrip("> ")
    return len(end) >= len(markup) and not end.strip(markup[0])


def _directive(token: Token, md: MarkdownIt, env: Env, context: Context) -> list[Token]:
    row = token.map[0] if token.map else 0
    call = directives.read(token.info, token.content, row, context)
    if call is None:
        return []
    opening = Token("directive_open", "", 1, map=[row, row + 1], block=True)
    closing = Token("directive_close", "", -1, block=True)
    opening.meta = closing.meta = {"call": call}
    body = DIRECTIVES[call.name].body
    inner: list[Token] = []
    if body == "notes":
        view = diff_view if call.name == "diff" else kernel_view
        inner = view.prepare(context, call)
    elif body in ("blocks", "steps", "sides"):
        nested: list[Token] = []
        md.block.parse(call.body, md, env, nested)
        inner = _expand(nested, call.body.split("\n"), call.body_row, md, env, context)
        inner = _steps(inner, call, context) if body == "steps" else inner
        inner = sides.prepare(context, call, inner) if body == "sides" else inner
    return [opening, *inner, closing]


def _steps(tokens: list[Token], call: Call, context: Context) -> list[Token]:
    """Part each step of a derivation into what it says and why, which is folded away.

    A step says its first paragraph and the formulas right below it; the rest is the explanation.
    """
    tops = [token for token in tokens if token.level == 0 and token.nesting >= 0]
    if len(tops) != 1 or tops[0].type != "ordered_list_open":
        remedy = "Write its steps as one numbered list: `1. …`, with explanations indented below."
        context.problem(call.row, "The derivation is not one numbered list.", remedy)
        return tokens
    tops[0].attrJoin("class", "derivation")
    done: list[Token] = []
    number, explaining, said = 0, False, False
    for token in tokens:
        if token.type == "list_item_open" and token.level == 1:
            number, explaining, said = number + 1, False, False
        elif token.type == "list_item_close" and token.level == 1 and explaining:
            done.append(Token("why_close", "", -1))
        elif token.level == 2 and token.nesting >= 0 and number and not explaining:
            if said and not token.type.startswith("math_block"):
                explaining = True
                done.append(Token("why_open", "", 1, meta={"step": number}))
            said = True
        done.append(token)
    return done
