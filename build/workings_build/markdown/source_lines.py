"""Notes beside lines of shown source: read from a directive's body, set in chunks."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it.token import Token

from workings_build.markdown.context import Context

if TYPE_CHECKING:
    from workings_build.markdown.directives import Call

NOTE = re.compile(r"^(?P<line>\d+)\s*:\s*(?P<text>\S.*)$")


@dataclass(frozen=True)
class Note:
    """A note on a line of the shown source, counted from 1; `row` is its place in the page."""

    line: int
    text: str
    row: int


def read_notes(context: Context, call: "Call", count: int) -> tuple[Note, ...]:
    """Read the notes `12: …` of a body, in order of line; report what is none."""
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


def note_tokens(
    notes: Sequence[Note], count: int, code: Callable[[int, int, bool], str]
) -> list[Token]:
    """Return the notes' tokens, which inline rules will set.

    `code(first, last, noted)` sets lines as HTML.
    """
    tokens: list[Token] = []
    for index, note in enumerate(notes):
        end = notes[index + 1].line - 1 if index + 1 < len(notes) else count
        opening = Token("note_open", "", 1, map=[note.row, note.row + 1])
        opening.content = code(note.line, end, True)
        opening.meta = {"line": note.line}
        inline = Token("inline", "", 0, content=note.text, map=[note.row, note.row + 1])
        inline.children = []
        tokens += [opening, inline, Token("note_close", "", -1)]
    return tokens


def before_notes(notes: Sequence[Note], count: int, code: Callable[[int, int, bool], str]) -> str:
    """Set what stands before the first note, as a chunk."""
    last = notes[0].line - 1 if notes else count
    return f'<div class="chunk">{code(1, last, False)}</div>\n' if last else ""
