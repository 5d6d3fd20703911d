"""The tokens as HTML that needs neither inline styles nor handlers."""

from collections.abc import MutableMapping, Sequence
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from workings_build import highlight
from workings_build.markdown.context import context_of, escape
from workings_build.markdown.directives import DIRECTIVES
from workings_build.markdown.headings import plain
from workings_build.markdown.roles import render_role

Tokens = Sequence[Token]
EnvType = MutableMapping[str, Any]


SHORT = 24
"""How many characters of LaTeX a formula has that is never broken over two lines."""

WORD_JOINER = "\u2060"
CLOSING = frozenset(",.;:!?)’”")


class PageRenderer(RendererHTML):
    """A method for each type of token that markdown-it would set otherwise or not at all."""

    def directive_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a directive."""
        call = tokens[idx].meta["call"]
        return DIRECTIVES[call.name].open(context_of(env), call)

    def directive_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close a directive."""
        call = tokens[idx].meta["call"]
        return DIRECTIVES[call.name].close(context_of(env), call)

    def note_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a chunk of a kernel's source that has a note."""
        token = tokens[idx]
        number = token.meta["line"]
        return (
            f'<div class="chunk">{token.content}<p class="note">'
            f'<span class="note-line">Line {number}</span> '
        )

    def note_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close a note and its chunk."""
        return "</p></div>\n"

    def why_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open the explanation of a step."""
        return f"<details>\n<summary>Why step {tokens[idx].meta['step']} holds</summary>\n"

    def why_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close the explanation of a step."""
        return "</details>\n"

    def role(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Set a role."""
        token = tokens[idx]
        return render_role(context_of(env), token.meta["name"], token.content, token.meta["row"])

    def math_inline(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Set a formula in running text; a short one keeps to its line."""
        token = tokens[idx]
        html = context_of(env).formula(token.content, token.meta["row"], display=False)
        short = len(token.content) <= SHORT and html.startswith("<span")
        return f'<span class="together">{html}</span>' if short else html

    def text(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Set text; the comma after a formula does not start a line."""
        html = super().text(tokens, idx, options, env)
        after_formula = idx > 0 and tokens[idx - 1].type == "math_inline"
        return WORD_JOINER + html if after_formula and html[:1] in CLOSING else html

    def math_inline_double(
        self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Set a displayed formula that stands within a paragraph."""
        token = tokens[idx]
        return context_of(env).formula(token.content, token.meta["row"], display=True)

    def math_block(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Set a displayed formula."""
        token = tokens[idx]
        row = token.map[0] if token.map else 0
        html = context_of(env).formula(token.content, row, display=True)
        name = f' id="{escape(token.info)}"' if token.type == "math_block_label" else ""
        return f'<div class="formula" tabindex="0"{name}>{html}</div>\n'

    math_block_label = math_block

    def heading_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close a heading with a link to itself."""
        opening = next(t for t in reversed(tokens[:idx]) if t.type == "heading_open")
        identity = opening.attrGet("id")
        link = ""
        if identity:
            link = f' <a class="anchor" href="#{identity}" aria-label="Link to this section">#</a>'
        return f"{link}</{tokens[idx].tag}>\n"

    def table_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a table in a box that scrolls sideways; it is named after its columns."""
        context = context_of(env)
        context.tables += 1
        end = next(i for i in range(idx, len(tokens)) if tokens[i].type == "thead_close")
        cells = [plain(token.children or []) for token in tokens[idx:end] if token.type == "inline"]
        name = escape(f"Table {context.tables}: {', '.join(cell for cell in cells if cell)}")
        return f'<div class="table" role="region" tabindex="0" aria-label="{name}">\n<table>\n'

    def table_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close a table and its box."""
        return "</table>\n</div>\n"

    def th_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open the heading of a column, or of a row."""
        scope = tokens[idx].meta.get("scope", "col")
        return f'<th scope="{scope}"{_aligned(tokens[idx])}>'

    def td_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a cell."""
        return f"<td{_aligned(tokens[idx])}>"

    def fence(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Set a block of code."""
        token = tokens[idx]
        language = token.info.strip().split(" ")[0]
        try:
            code = highlight.code(token.content, language)
        except ValueError as fault:
            row = token.map[0] if token.map else 0
            remedy = "Name another language behind the fence, or none."
            context_of(env).problem(row, str(fault), remedy)
            code = highlight.code(token.content, "text")
        named = f' class="language-{escape(language)}"' if language else ""
        return f'<pre class="code" tabindex="0"><code{named}>{code}</code></pre>\n'

    def code_block(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Set an indented block of code."""
        return self.fence(tokens, idx, options, env)

    def image(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Refuse an image: pictures are figures or computed."""
        token = tokens[idx]
        remedy = "Use :::{figure} with :alt: and a caption, or an exhibit."
        context_of(env).problem(token.meta["row"], "An image stands in running text.", remedy)
        return escape(plain(token.children or []))

    def link_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a link; one that leaves the site tells the other side nothing."""
        href = str(tokens[idx].attrGet("href") or "")
        away = ' rel="external noopener noreferrer"' if "://" in href else ""
        title = tokens[idx].attrGet("title")
        titled = f' title="{escape(str(title))}"' if title else ""
        return f'<a href="{escape(href)}"{titled}{away}>'

    def footnote_ref(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Set the mark of a footnote."""
        number, mark = _note(tokens[idx])
        return (
            f'<sup class="footnote-ref"><a href="#note-{number}" id="note-ref-{mark}" '
            f'role="doc-noteref" aria-label="Note {number}">{number}</a></sup>'
        )

    def footnote_block_open(
        self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Open the notes at the end of the text."""
        return (
            '<section class="footnotes" role="doc-endnotes" aria-labelledby="notes">\n'
            '<h2 id="notes">Notes</h2>\n<ol>\n'
        )

    def footnote_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open one note."""
        return f'<li id="note-{tokens[idx].meta["id"] + 1}">'

    def footnote_anchor(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Lead back from a note to its mark."""
        number, mark = _note(tokens[idx])
        return (
            f' <a class="footnote-back" href="#note-ref-{mark}" role="doc-backlink" '
            f'aria-label="Back to the text at note {number}">↩\ufe0e</a>'
        )


def _aligned(token: Token) -> str:
    """Return a class in place of the `style` that markdown-it gives to aligned columns."""
    style = str(token.attrGet("style") or "")
    side = style.removeprefix("text-align:")
    return f' class="{side}"' if side in ("left", "center", "right") else ""


def _note(token: Token) -> tuple[int, str]:
    """Return a note's number, and its mark's, which differs where a note has several marks."""
    number = token.meta["id"] + 1
    again = token.meta.get("subId", 0)
    return number, f"{number}-{again + 1}" if again > 0 else str(number)
