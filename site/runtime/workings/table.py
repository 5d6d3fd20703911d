"""`Table`: the numbers behind a picture, as the reader sees and downloads them."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Table:
    """Columns with headings, and rows of cells.

    Raises
    ------
    ValueError
        If a row has not as many cells as there are columns.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]

    def __post_init__(self) -> None:
        rows = [list(row) for row in self.rows]
        for number, row in enumerate(rows):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"Row {number} of the table has {len(row)} cells for "
                    f"{len(self.columns)} columns ({', '.join(self.columns)})."
                )
        object.__setattr__(self, "rows", rows)

    @classmethod
    def of(cls, given: "Table | Mapping[str, Any]") -> "Table":
        """Take a table, `{"columns", "rows"}`, or a mapping of headings to equally long columns."""
        if isinstance(given, Table):
            return given
        if set(given) == {"columns", "rows"}:
            return cls(given["columns"], given["rows"])
        return cls(list(given), zip(*given.values(), strict=True))

    def plain(self) -> dict[str, Any]:
        """Return the table as JSON, numbers rounded to six significant digits."""
        return {
            "columns": [str(column) for column in self.columns],
            "rows": [[_cell(value) for value in row] for row in self.rows],
        }

    def numbers(self) -> list[float]:
        """Return every number of the table, row by row, unrounded."""
        cells = [cell for row in self.rows for cell in row]
        return [float(cell) for cell in cells if isinstance(cell, float | int | np.number)]

    def csv(self) -> str:
        """Return the table as comma-separated values with a heading line."""
        plain = self.plain()
        written = io.StringIO()
        csv.writer(written).writerows([plain["columns"], *plain["rows"]])
        return written.getvalue()


def _cell(value: Any) -> Cell:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value if isinstance(value, str | int | bool) or value is None else str(value)
