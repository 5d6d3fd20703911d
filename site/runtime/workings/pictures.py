"""`Picture`: what an exhibit returned, whichever kind of figure it drew on."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .matplotlib_svg import matplotlib_svg
from .table import Table

FORMATS = ("svg", "png", "pdf", "csv")


@dataclass(frozen=True)
class Picture:
    """A figure, the sentence that says what it shows, and the numbers behind it."""

    figure: Any  # a `plotting.Figure`, or a Matplotlib figure where the exhibit needs it
    sentence: str
    table: Table

    def svg(self, prefix: str) -> str:
        """Return the figure as SVG, one element a line, its ids beginning with `prefix`."""
        if is_matplotlib(self.figure):
            return matplotlib_svg(self.figure, prefix)
        return str(self.figure.svg(prefix=prefix))

    def file(self, form: str, prefix: str) -> bytes:
        """Return the figure or its table as a file's bytes.

        PNG and PDF are drawn by Matplotlib from the same calls.

        Raises
        ------
        ValueError
            If `form` isn't one of `FORMATS`.
        """
        if form == "csv":
            return self.table.csv().encode()
        if form == "svg":
            return self.svg(prefix).encode()
        if form not in FORMATS:
            raise ValueError(f"Choose one of {', '.join(FORMATS)}, not {form!r}.")
        written = io.BytesIO()
        self.matplotlib().savefig(written, format=form, dpi=200)
        return written.getvalue()

    def matplotlib(self) -> Any:
        """Return the figure as a real Matplotlib figure, drawn by the same calls."""
        return self.figure if is_matplotlib(self.figure) else self.figure.to_matplotlib()


def picture_of(returned: Any, summary: str) -> Picture:
    """Take what an exhibit returned apart.

    Raises
    ------
    TypeError
        If it isn't a figure, `(figure, sentence)` or `(figure, sentence, table)`.
    ValueError
        If the sentence speaks of a number that isn't finite.
    """
    figure, sentence, table = _parts(returned, summary)
    if not is_matplotlib(figure) and not hasattr(figure, "svg"):
        raise TypeError(
            f"An exhibit returns a figure first, not {type(figure).__name__}: "
            "start with `fig, ax = figure()` and `return fig, sentence`."
        )
    words = sentence.replace("=", " ").replace(",", " ").split()
    if any(word.strip(".%():") in ("nan", "inf", "-inf", "−inf") for word in words):
        raise ValueError(f"The sentence speaks of a number that isn't finite: {sentence}")
    if table is None:
        table = {"columns": [], "rows": []} if is_matplotlib(figure) else figure.table()
    return Picture(figure, sentence, Table.of(table))


def _parts(returned: Any, summary: str) -> tuple[Any, str, Any]:
    parts = returned if isinstance(returned, tuple) else (returned,)
    figure, sentence, table = (*parts, *(None,) * (3 - len(parts)))[:3]
    if len(parts) > 3 or not (sentence is None or isinstance(sentence, str)):
        raise TypeError(
            "An exhibit returns figure, (figure, sentence) or (figure, sentence, table)."
        )
    if not (table is None or isinstance(table, Table | Mapping)):
        raise TypeError("An exhibit's table is a Table or a mapping of headings to columns.")
    return figure, sentence or summary, table


def is_matplotlib(figure: Any) -> bool:
    """Whether this is a real Matplotlib figure; imports nothing to find out."""
    return type(figure).__module__.startswith("matplotlib.")
