"""A kernel's source on the page: numbered lines in chunks, each with its note beside it."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from markdown_it.token import Token

from workings_build import highlight, kernel_source
from workings_build.kernel_source import KernelSource
from workings_build.markdown.context import Context, escape, slugify
from workings_build.markdown.source_lines import Note, before_notes, note_tokens, read_notes

if TYPE_CHECKING:
    from workings_build.markdown.directives import Call


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
    notes = read_notes(context, call, count)
    context.place(f"The kernel '{call.argument}'", call.row)
    call.data = View(kernel, notes)
    context.kernels.append(call.argument)
    return note_tokens(notes, count, partial(_code, highlight.lines(kernel.source)))


def kernel_open(context: Context, call: "Call") -> str:
    """Open the figure, with its caption and what stands before the first note."""
    if not isinstance(call.data, View):
        return '<figure class="kernel">\n'
    kernel, notes = call.data.kernel, call.data.notes
    shown = highlight.lines(kernel.source)
    chunk = before_notes(notes, len(shown), partial(_code, shown))
    name = escape(kernel.name)
    return (
        f'<figure class="kernel" id="{slugify(kernel.name)}" data-kernel="{name}">\n'
        f'<figcaption><code>{name}</code> <span class="kernel-file">{escape(kernel.file)}, '
        f"lines {kernel.first_line}–{kernel.last_line}</span></figcaption>\n{chunk}"
    )


def kernel_close(context: Context, call: "Call") -> str:
    """Close the figure."""
    return "</figure>\n"


def _code(shown: list[str], first: int, last: int, noted: bool) -> str:
    rows = []
    for number in range(first, last + 1):
        mark = " noted" if noted and number == first else ""
        rows.append(f'<span class="line{mark}" data-line="{number}">{shown[number - 1]}</span>')
    return '<pre class="code" tabindex="0"><code class="language-python">{}</code></pre>'.format(
        "\n".join(rows)
    )
