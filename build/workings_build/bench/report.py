"""The bench's numbers as tables: medians, 95th percentiles and ratios."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

PAGES = ("site", "numpy", "matplotlib")
TITLES = {"site": "site", "numpy": "NumPy page", "matplotlib": "Matplotlib page"}


MOST = 3.0
"""How many times the cost of SVG written by hand a redraw through the light axes may take."""


def median(values: list[float]) -> float | None:
    """Give the median, or None of nothing."""
    return float(np.median(values)) if values else None


def p95(values: list[float]) -> float | None:
    """Give the 95th percentile, or None of nothing."""
    return float(np.percentile(values, 95)) if values else None


Row = tuple[str, str, str, Callable[[list[float]], float | None]]
ROWS: tuple[Row, ...] = (
    ("bytes without Python", "bytes_view", "kB", median),
    ("bytes until Python is ready, cold", "bytes_ready_cold", "kB", median),
    ("bytes until Python is ready, warm", "bytes_ready_warm", "kB", median),
    ("readable", "readable", "ms", median),
    ("first answered control, cold", "first_answer_cold", "ms", median),
    ("first answered control, warm", "first_answer_warm", "ms", median),
    ("Python ready, cold", "ready_cold", "ms", median),
    ("Python ready, warm", "ready_warm", "ms", median),
    ("answer from baked states, median", "answer_baked", "ms", median),
    ("answer from baked states, p95", "answer_baked", "ms", p95),
    ("answer from live Python, median", "answer_live", "ms", median),
    ("answer from live Python, p95", "answer_live", "ms", p95),
)
PICTURES = {
    "line": "line of 200 points",
    "bars": "chart of 16 bars",
    "heat": "heat map of 32 by 32",
}


# Peers start Python unasked, so that a page of theirs costs the same whether it is touched or not.
PEER_ROWS: tuple[Row, ...] = (("bytes of a page left alone", *ROWS[0][1:]), *ROWS[1:])


def comparison(
    pages: Mapping[str, Mapping[str, list[float]]], rows: Sequence[Row]
) -> list[dict[str, Any]]:
    """Reduce samples of the site, which comes first, and of what stands beside it to rows."""
    others = [name for name in pages if name != "site"]
    found = []
    for title, key, unit, reduce in rows:
        values = {name: reduce(samples.get(key, [])) for name, samples in pages.items()}
        ratios = {f"site/{name}": _ratio(values["site"], values[name]) for name in others}
        found.append({"what": title, "unit": unit, **values, **ratios})
    return found


def summary(measured: dict[str, Any]) -> dict[str, Any]:
    """Reduce samples to what the tables show: beside baselines redraws too, beside peers not."""
    if "redraws" not in measured:
        return {"rows": comparison(measured["pages"], PEER_ROWS)}
    rows = comparison({name: measured["pages"][name] for name in PAGES}, ROWS)
    redraws = []
    for name, title in PICTURES.items():
        for part, word in (("whole", "round trip and insertion"), ("python", "Python alone")):
            one = {
                who: median(measured["redraws"][name][who][part])
                for who in ("light", "hand", "matplotlib")
            }
            redraws.append(
                {
                    "what": f"{title}, {word}",
                    "unit": "ms",
                    **one,
                    "light/hand": _ratio(one["light"], one["hand"]),
                    "light/matplotlib": _ratio(one["light"], one["matplotlib"]),
                }
            )
    return {"rows": rows, "redraws": redraws}


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def beside(rows: list[dict[str, Any]], titles: Mapping[str, str]) -> str:
    """Set rows of a comparison as a table; `titles` head its columns, the site's first."""
    others = [name for name in titles if name != "site"]
    lines = [["", *titles.values(), *(f"site/{titles[name].split()[0]}" for name in others)]]
    for row in rows:
        cells = [_number(row[name], row["unit"]) for name in titles]
        ratios = [_times(row[f"site/{name}"]) for name in others]
        lines.append([f"{row['what']} ({row['unit']})", *cells, *ratios])
    return _table(lines)


def peer_tables(measured: dict[str, Any], found: dict[str, Any]) -> str:
    """Set the one table of the site and its peers; under it, what any asked for elsewhere."""
    titles = {name: f"{peer['name']} {peer['version']}" for name, peer in measured["peers"].items()}
    lost = [
        f"{name} asked elsewhere, in vain, for {address}"
        for name, addresses in measured["elsewhere"].items()
        for address in addresses
    ]
    table = beside(found["rows"], {"site": "site", **titles})
    return "\n".join([table, *(["", *lost] if lost else [])])


def tables(found: dict[str, Any]) -> str:
    """Set the summary as two tables of plain text."""
    second = [
        ["one redraw, median", "light axes", "by hand", "Matplotlib", "light/hand", "light/Mpl"]
    ]
    for row in found["redraws"]:
        cells = [_number(row[who], row["unit"]) for who in ("light", "hand", "matplotlib")]
        ratios = [_times(row["light/hand"]), _times(row["light/matplotlib"])]
        second.append([f"{row['what']} ({row['unit']})", *cells, *ratios])
    return f"{beside(found['rows'], TITLES)}\n\n{_table(second)}\n\n{_verdict(found['redraws'])}"


def _verdict(redraws: list[dict[str, Any]]) -> str:
    """Say whether the light axes keep to their limit, round trip and insertion included."""
    over = [
        f"{row['what']}: {_times(row['light/hand'])} times"
        for row in redraws
        if "Python alone" not in row["what"] and (row["light/hand"] or 0) > MOST
    ]
    if over:
        return f"Over the limit of {MOST:g} times SVG by hand: {'; '.join(over)}."
    return f"Every redraw through the light axes takes at most {MOST:g} times SVG by hand."


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "kB":
        return f"{value / 1000:,.1f}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _table(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join(line.rstrip() for line in lines)
