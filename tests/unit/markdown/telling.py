"""Read documents as tests do: HTML with slots shown, and problems by row of the body."""

import re

from workings_build.markdown import Document, Fill

from tests.unit.load.folders import first_row

SHOWN = Fill(
    render_exhibit=lambda name, lead: f"[exhibit {name}: {lead}]",
    render_claim=lambda name: f"[claim {name}]",
    render_claims=lambda: "[claims]",
    render_mutants=lambda: "[mutants]",
    render_measured=lambda name, number, form: f"[{name}: {number} as {form}]",
)


def html(document: Document) -> str:
    """Return the HTML, with each slot in brackets and each formula as its LaTeX.

    What only keeps a formula and its comma on one line is left out.
    """
    text = document.html(SHOWN)
    start = '<span class="katex">'
    while (begin := text.find(start)) >= 0:
        depth, end = 0, begin
        for match in re.finditer(r"<(/?)span\b[^>]*>", text[begin:]):
            depth += -1 if match[1] else 1
            if not depth:
                end = begin + match.end()
                break
        tex = re.search(r'encoding="application/x-tex">(.*?)</annotation>', text[begin:end], re.S)
        text = f"{text[:begin]}⟦{tex[1] if tex else ''}⟧{text[end:]}"
    return re.sub(r'<span class="together">(⟦[^⟧]*⟧)</span>', r"\1", text).replace("\u2060", "")


def told(document: Document, front: str | None = None) -> list[str]:
    """Return problems with the line of `page.md` counted from the body's first, 1."""
    first = first_row() if front is None else first_row(front)
    place = "explainers/papers/demo/page.md:"
    return [
        re.sub(
            rf"^{re.escape(place)}(\d+)", lambda match: str(int(match[1]) - first + 1), str(problem)
        )
        for problem in document.problems
    ]
