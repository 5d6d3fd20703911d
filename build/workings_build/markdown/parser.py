"""Markdown-it set up for pages, and rows noted on inline tokens so that messages can name lines."""

import re
from collections.abc import Callable
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from workings_build.markdown.context import Context, context_of
from workings_build.markdown.expand import expand_rule
from workings_build.markdown.headings import headings_rule
from workings_build.markdown.numbers import check_numbers
from workings_build.markdown.renderer import PageRenderer
from workings_build.markdown.roles import role_rule

InlineRule = Callable[[StateInline, bool], bool]

HTML = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>|<!--")
UNDEFINED = re.compile(r"\[\^([^\]\s]+)\]")


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the one parser; what belongs to a page travels in its `env`."""
    md = MarkdownIt(
        "commonmark",
        {"html": False, "typographer": True, "xhtmlOut": False},
        renderer_cls=PageRenderer,
    )
    md.enable(["table", "smartquotes", "strikethrough"])
    md.use(colon_fence_plugin).use(deflist_plugin)
    md.use(footnote_plugin, inline=False)
    md.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    md.inline.ruler.before("backticks", "role", role_rule)
    for rule in md.inline.ruler.__rules__:
        rule.fn = _with_rows(rule.fn)
    md.inline.ruler.__compile__()
    md.core.ruler.after("block", "directives", expand_rule)
    md.core.ruler.after("inline", "headings", headings_rule)
    md.core.ruler.after("inline", "inspect", _inspect_rule)
    for name in [name for name in PageRenderer.__dict__ if not name.startswith("_")]:
        md.renderer.rules[name] = getattr(md.renderer, name)  # type: ignore[attr-defined]
    return md


def _with_rows(rule: InlineRule) -> InlineRule:
    """Wrap an inline rule so that the tokens it makes know their row within the block."""

    def noting(state: StateInline, silent: bool) -> bool:
        before, start = len(state.tokens), state.pos
        found = rule(state, silent)
        if found and not silent:
            for token in state.tokens[before:]:
                token.meta.setdefault("row", state.src.count("\n", 0, start))
        return found

    return noting


def _inspect_rule(state: StateCore) -> None:
    """Make rows absolute, then look at the text: raw HTML, unknown footnotes, numbers."""
    context = context_of(state.env)
    for token in state.tokens:
        if token.type == "inline":
            _rows(token)
            _inspect(token, context)
    check_numbers(state.tokens, context)


def _rows(inline: Token) -> None:
    first = inline.map[0] if inline.map else 0
    row = first
    for child in inline.children or []:
        row = first + child.meta["row"] if "row" in child.meta else row
        child.meta["row"] = row
        if child.type in ("softbreak", "hardbreak"):
            row += 1


def _inspect(inline: Token, context: Context) -> None:
    for child in inline.children or []:
        if child.type != "text":
            continue
        if match := HTML.search(child.content):
            what = f"Raw HTML is not read here: '{match[0]}'."
            remedy = "Use Markdown or a directive; to show it as text, put it in backticks."
            context.problem(child.meta["row"], what, remedy)
        if match := UNDEFINED.search(child.content):
            what = f"The footnote '{match[1]}' is not written."
            remedy = f"Add a paragraph `[^{match[1]}]: …`."
            context.problem(child.meta["row"], what, remedy)
