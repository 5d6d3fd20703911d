"""A kernel's source on the page: numbered lines in chunks, each with its note beside it."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it.token import Token

from workings_build import highlight, kernel_source
from workings_build.kernel_source import KernelSource
from workings_build.markdown.context import Context, escape, slugify

if TYPE_CHECKING:
    from workings_build.markdown.directives import Call

NOTE = re.compile(r"^(?P<line>\d+)\s*:\s*(?P<text>\S.*)$")


@dataclass(frozen=True)
class Note:
    """A note on a line of the shown source, counted from 1; `row` is its place in the page."""

    line: int
    text: str
    row: int


@dataclass(frozen=True)
class View:
    """A kernel's source and the notes on it, in order of line."""

    kernel: KernelSource
    notes: tuple[Note, ...]


def prepare(context: Context, call: "Call") -> list[Token]:
    """Find the source and read the notes; return the notes' tokens, which inline rules will set."""
    try:
        kernel = kernel_source.find(call.argument, context.site.kernels)
    except kernel_source.KernelError as fault:
        context.problem(call.row, fault.what, fault.remedy)
        return []
    count = kernel.source.count("\n") + 1
    notes = _notes(context, call, count)
    context.place(f"The kernel '{call.argument}'", call.row)
    call.data = View(kernel, notes)
    context.kernels.append(call.argument)
    shown = highlight.lines(kernel.source)
    tokens: list[Token] = []
    for index, note in enumerate(notes):
        end = notes[index + 1].line - 1 if index + 1 < len(notes) else count
        opening = Token("note_open", "", 1, map=[note.row, note.row + 1])
        opening.content = _code(shown, note.line, end, noted=True)
        opening.meta = {"line": note.line}
        inline = Token("inline", "", 0, content=note.text, map=[note.row, note.row + 1])
        inline.children = []
        tokens += [opening, inline, Token("note_close", "", -1)]
    return tokens


def kernel_open(context: Context, call: "Call") -> str:
    """Open the figure, with its caption and what stands before the first note."""
    if not isinstance(call.data, View):
        return '<figure class="kernel">\n'
    kernel, notes = call.data.kernel, call.data.notes
    shown = highlight.lines(kernel.source)
    before = notes[0].line - 1 if notes else len(shown)
    chunk = f'<div class="chunk">{_code(shown, 1, before)}</div>\n' if before else ""
    name = escape(kernel.name)
    return (
        f'<figure class="kernel" id="{slugify(kernel.name)}" data-kernel="{name}">\n'
        f'<figcaption><code>{name}</code> <span class="kernel-file">{escape(kernel.file)}, '
        f"lines {kernel.first_line}–{kernel.last_line}</span></figcaption>\n{chunk}"
    )


def kernel_close(context: Context, call: "Call") -> str:
    """Close the figure."""
    return "</figure>\n"


def _code(shown: list[str], first: int, last: int, noted: bool = False) -> str:
    rows = []
    for number in range(first, last + 1):
        mark = " noted" if noted and number == first else ""
        rows.append(f'<span class="line{mark}" data-line="{number}">{shown[number - 1]}</span>')
    return '<pre class="code" tabindex="0"><code class="language-python">{}</code></pre>'.format(
        "\n".join(rows)
    )


def _notes(context: Context, call: "Call", count: int) -> tuple[Note, ...]:
    notes: dict[int, Note] = {}
    last: Note | None = None
    for index, text in enumerate(call.body.split("\n")):
        row = call.body_row + index
        if not text.strip():
            continue
        match = NOTE.match(text.strip())
        if not match:
            if last and text[:1].isspace():
                last = notes[last.line] = Note(last.line, f"{last.text} {text.strip()}", last.row)
                continue
            remedy = "Write each note as `12: what that line does`."
            context.problem(row, f"'{text.strip()}' is no note on a line.", remedy)
            continue
        line = int(match["line"])
        if not 1 <= line <= count:
            what = f"The note is on line {line}, but the shown source has {count}."
            context.problem(row, what, "Count lines from the first one shown.")
            continue
        if line in notes:
            context.problem(row, f"Line {line} has two notes.", "Join them.")
            continue
        last = notes[line] = Note(line, match["text"], row)
    return tuple(notes[line] for line in sorted(notes))
