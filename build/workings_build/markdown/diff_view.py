"""What changes from one kernel to another: a unified diff of the source of both, as it runs.

Docstrings are left out, since what is compared is what runs. A line that goes is marked by a minus
and a shade of its own, one that comes by a plus and another; the signs are text, so that they are
read aloud and copied.
"""

import ast
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from typing import TYPE_CHECKING, Literal

from markdown_it.token import Token

from workings_build import highlight, kernel_source
from workings_build.kernel_source import KernelSource
from workings_build.markdown.context import Context, escape, slugify
from workings_build.markdown.source_lines import Note, before_notes, note_tokens, read_notes

if TYPE_CHECKING:
    from workings_build.markdown.directives import Call

Change = Literal["same", "removed", "added"]
SIGNS: dict[Change, str] = {"same": " ", "removed": "\u2212", "added": "+"}
ELEMENTS: dict[Change, str] = {"same": "span", "removed": "del", "added": "ins"}


@dataclass(frozen=True)
class Line:
    """A line of the diff, as highlighted HTML."""

    change: Change
    html: str


@dataclass(frozen=True)
class View:
    """The two kernels, the lines of their diff, and the notes on these."""

    before: KernelSource
    after: KernelSource
    lines: tuple[Line, ...]
    notes: tuple[Note, ...]


def without_docstrings(source: str) -> list[str]:
    """Return the lines of a definition, docstrings left out."""
    gone: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(
            node, clean=False
        ):
            first = node.body[0]
            gone |= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return [line for number, line in enumerate(source.split("\n"), 1) if number not in gone]


def unified(before: str, after: str) -> tuple[Line, ...]:
    """Compare two definitions line by line; what goes stands above what comes in its place."""
    one, two = without_docstrings(before), without_docstrings(after)
    old, new = (highlight.lines("\n".join(lines)) for lines in (one, two))
    done: list[Line] = []
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            done += [Line("same", html) for html in new[start:end]]
        else:
            done += [Line("removed", html) for html in old[first:last]]
            done += [Line("added", html) for html in new[start:end]]
    return tuple(done)


def prepare(context: Context, call: "Call") -> list[Token]:
    """Find both sources, compare them and read the notes; return the notes' tokens."""
    names = call.argument.split()
    if len(names) != 2:
        remedy = "Write `:::{diff} kernels.a.before kernels.b.after`."
        context.problem(call.row, f"A diff compares two kernels, not {len(names)}.", remedy)
        return []
    try:
        before, after = (kernel_source.find(name, context.site.kernels) for name in names)
    except kernel_source.KernelError as fault:
        context.problem(call.row, fault.what, fault.remedy)
        return []
    lines = unified(before.source, after.source)
    if all(line.change == "same" for line in lines):
        what = f"There is nothing between '{before.name}' and '{after.name}'."
        context.problem(call.row, what, "Name two kernels whose source differs.")
        return []
    context.place(f"The diff '{call.argument}'", call.row)
    notes = read_notes(context, call, len(lines))
    call.data = View(before, after, lines, notes)
    context.kernels += names
    return note_tokens(notes, len(lines), partial(_code, lines))


def diff_open(context: Context, call: "Call") -> str:
    """Open the figure, with its caption and what stands before the first note."""
    if not isinstance(call.data, View):
        return '<figure class="kernel diff">\n'
    view = call.data
    counts = {change: sum(line.change == change for line in view.lines) for change in SIGNS}
    return (
        f'<figure class="kernel diff" id="{slugify(f"{view.before.name} {view.after.name}")}">\n'
        f"<figcaption>{_named('removed', view.before)}\n{_named('added', view.after)}\n"
        f'<span class="diff-count">{_lines(counts["removed"])} go, {counts["added"]} come, '
        f"{counts['same']} stay; docstrings are left out.</span></figcaption>\n"
        f"{before_notes(view.notes, len(view.lines), partial(_code, view.lines))}"
    )


def diff_close(context: Context, call: "Call") -> str:
    """Close the figure."""
    return "</figure>\n"


def _named(change: Change, kernel: KernelSource) -> str:
    name = escape(kernel.name).replace(".", ".<wbr>")
    return (
        f'<span class="diff-side"><span class="sign">{SIGNS[change]}</span>\u00a0'
        f'<code>{name}</code> <span class="kernel-file">{escape(kernel.file)}, '
        f"lines {kernel.first_line}–{kernel.last_line}</span></span>"
    )


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _code(lines: tuple[Line, ...], first: int, last: int, noted: bool) -> str:
    rows = []
    for number in range(first, last + 1):
        line = lines[number - 1]
        element = ELEMENTS[line.change]
        changed = "" if line.change == "same" else f" {line.change}"
        mark = " noted" if noted and number == first else ""
        rows.append(
            f'<{element} class="line{changed}{mark}" data-line="{number}">'
            f'<span class="sign">{SIGNS[line.change]}</span> {line.html}</{element}>'
        )
    return '<pre class="code" tabindex="0"><code class="language-python">{}</code></pre>'.format(
        "\n".join(rows)
    )
