"""Directives: blocks such as `:::{exhibit} scores`. To add one, write an entry of `DIRECTIVES`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from workings_build.markdown import diff_view, kernel_view, map_view, pictures
from workings_build.markdown.context import Context, escape
from workings_build.markdown.document import Quote
from workings_build.markdown.roles import citation
from workings_build.markdown.slots import closing, opening

INFO = re.compile(r"^\{(?P<name>[^}]*)\}\s*(?P<argument>.*)$")
OPTION = re.compile(r"^:(?P<name>[\w-]+):\s*(?P<value>.*)$")

Body = Literal["blocks", "steps", "sides", "notes", "none"]


@dataclass
class Call:
    """A directive as it stands in a page; `data` is its own while it is set."""

    name: str
    argument: str
    row: int
    options: dict[str, str] = field(default_factory=dict)
    body: str = ""
    body_row: int = 0
    data: Any = None

    @property
    def quotes(self) -> bool:
        """Whether the body is someone else's words."""
        return self.name == "quote"


@dataclass(frozen=True)
class Directive:
    """How a directive is written and set.

    `argument` says what stands behind the name ("" for nothing, with a "?" where it may be left
    out), `options` which `:option:` lines may follow (required ones with a "!").
    """

    open: Callable[[Context, Call], str]
    close: Callable[[Context, Call], str] = lambda context, call: ""
    argument: str = ""
    options: tuple[str, ...] = ()
    body: Body = "none"


def read(info: str, content: str, row: int, context: Context) -> Call | None:
    """Read a fence's first line and options; report what is wrong with them."""
    match = INFO.match(info.strip())
    if not match or not match["name"].strip():
        what = f"'{info.strip()}' is no directive." if info.strip() else "A directive has no name."
        context.problem(row, what, f"Write `:::{{name}}` with one of {', '.join(DIRECTIVES)}.")
        return None
    name, argument = match["name"].strip(), match["argument"].strip()
    if name not in DIRECTIVES:
        context.unknown(row, "directive", name, list(DIRECTIVES))
        return None
    call = Call(name, argument, row)
    lines = content.split("\n")
    count = _options(call, lines, context)
    call.body = "\n".join(lines[count:])
    call.body_row = row + 1 + count
    return call if _check(call, DIRECTIVES[name], context) else None


def _options(call: Call, lines: list[str], context: Context) -> int:
    """Read the `:option:` lines at the head of the body; return how many there are."""
    known = [option.rstrip("!") for option in DIRECTIVES[call.name].options]
    for count, line in enumerate(lines):
        match = OPTION.match(line.strip())
        if not match:
            return count
        if match["name"] not in known:
            context.unknown(
                call.row + 1 + count, f"option of {{{call.name}}}", match["name"], known
            )
        call.options[match["name"]] = match["value"].strip()
    return len(lines)


def _check(call: Call, directive: Directive, context: Context) -> bool:
    shown = f"{{{call.name}}}"
    if directive.argument and not directive.argument.endswith("?") and not call.argument:
        what = f"The directive {shown} has no {directive.argument}."
        context.problem(call.row, what, f"Write `:::{shown} {directive.argument.upper()}`.")
        return False
    if not directive.argument and call.argument:
        what = f"The directive {shown} takes nothing behind its name, not '{call.argument}'."
        context.problem(call.row, what, f"Write `:::{shown}` alone on the line.")
    for option in directive.options:
        if option.endswith("!") and not call.options.get(option[:-1]):
            what = f"The directive {shown} has no :{option[:-1]}: option."
            remedy = f"Add a line `:{option[:-1]}: …` right below the first."
            context.problem(call.row, what, remedy)
            return False
    if directive.body == "none" and call.body.strip():
        remedy = "Move the text out of the directive."
        context.problem(call.body_row, f"The directive {shown} takes no text.", remedy)
    return True


def _exhibit(context: Context, call: Call) -> str:
    exhibits = context.source.declared.exhibits
    if call.argument not in exhibits:
        context.unknown(call.row, "exhibit", call.argument, list(exhibits))
        call.data = "missing"
        return '<div class="missing">'
    context.place(f"The exhibit '{call.argument}'", call.row)
    return opening("exhibit", call.argument)


def _exhibit_close(context: Context, call: Call) -> str:
    return "</div>\n" if call.data == "missing" else closing()


def _claim(context: Context, call: Call) -> str:
    claims = context.source.declared.claims
    if call.argument not in claims:
        context.unknown(call.row, "claim", call.argument, list(claims))
        return ""
    context.place(f"The claim '{call.argument}'", call.row)
    return opening("claim", call.argument) + closing()


def _claims(context: Context, call: Call) -> str:
    context.place("The table of claims", call.row)
    return opening("claims") + closing()


def _mutants(context: Context, call: Call) -> str:
    context.place("The list of mutants", call.row)
    return opening("mutants") + closing()


def _quote(context: Context, call: Call) -> str:
    key, locator = call.options["source"], call.options.get("locator", "")
    text = " ".join(call.body.split())
    if not text:
        context.problem(call.row, "The quotation is empty.", "Write the quoted words below.")
    call.data = citation(context, key, locator, call.row)
    context.quotes.append(Quote(key, locator, text, context.line(call.row)))
    return f'<blockquote class="quote" data-source="{escape(key)}">\n'


def _quote_close(context: Context, call: Call) -> str:
    references = context.source.matter.references if context.source.matter else {}
    entry = references.get(call.options["source"])
    text = f"<cite>{escape(entry.text.rstrip('.'))}</cite> " if entry else ""
    return f"<footer>{text}{call.data}</footer>\n</blockquote>\n"


def _aside(context: Context, call: Call) -> str:
    title = f'<p class="aside-title">{escape(call.argument)}</p>\n' if call.argument else ""
    return f'<aside class="aside" role="note">\n{title}'


DIRECTIVES: dict[str, Directive] = {
    "aside": Directive(
        _aside, lambda context, call: "</aside>\n", argument="title?", body="blocks"
    ),
    "claim": Directive(_claim, argument="name"),
    "claims": Directive(_claims),
    "derivation": Directive(
        lambda context, call: '<div class="steps">\n',
        lambda context, call: "</div>\n",
        body="steps",
    ),
    "diff": Directive(
        diff_view.diff_open, diff_view.diff_close, argument="before after", body="notes"
    ),
    "exhibit": Directive(_exhibit, _exhibit_close, argument="name", body="blocks"),
    "figure": Directive(
        pictures.figure_open,
        pictures.figure_close,
        argument="path",
        options=("alt!",),
        body="blocks",
    ),
    "kernel": Directive(
        kernel_view.kernel_open, kernel_view.kernel_close, argument="name", body="notes"
    ),
    "map": Directive(map_view.map_open, map_view.map_close, argument="job", body="blocks"),
    "mutants": Directive(_mutants),
    "quote": Directive(_quote, _quote_close, options=("source!", "locator"), body="blocks"),
    "sides": Directive(
        lambda context, call: '<div class="sides">\n',
        lambda context, call: "</div>\n",
        body="sides",
    ),
}
