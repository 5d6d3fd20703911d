"""Graph layout by Graphviz, compiled to WebAssembly and run in Node while the site is built."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workings_build.cache import Cache, digest
from workings_build.vendor import find_node

SCRIPT = Path(__file__).with_suffix(".js")
TIMEOUT = 120.0
"""Seconds to wait for a layout."""


class LayoutError(RuntimeError):
    """Graphviz refuses a graph, or Node can't run it."""


@dataclass(frozen=True)
class Node:
    """A box to place, in points."""

    name: str
    width: float
    height: float


@dataclass(frozen=True)
class Placed:
    """Where boxes have their centres and edges run, in points; y grows downwards.

    An edge is the control points of a chain of cubic Bézier curves.
    """

    width: float
    height: float
    centres: dict[str, tuple[float, float]]
    edges: dict[tuple[str, str], tuple[tuple[float, float], ...]]


def layout(
    nodes: Sequence[Node],
    edges: Sequence[tuple[str, str]],
    ranks: Sequence[Sequence[str]],
    viz: Path,
    cache: Cache,
) -> Placed:
    """Place boxes in columns from left to right, so that edges cross little.

    Parameters
    ----------
    edges
        From the earlier to the later box.
    ranks
        Boxes that stand in one column, columns in order.
    viz
        The vendored `viz.cjs`.

    Raises
    ------
    LayoutError
        If Graphviz refuses the graph.
    """
    dot = _dot(nodes, edges, ranks)
    key = digest("graphviz", viz.read_bytes(), SCRIPT.read_bytes(), dot)
    drawn: Any = cache.get("layouts", key)
    if drawn is None:
        drawn = _run(dot, viz)
        cache.put("layouts", key, drawn)
    return _placed(drawn)


def _dot(
    nodes: Sequence[Node], edges: Sequence[tuple[str, str]], ranks: Sequence[Sequence[str]]
) -> str:
    lines = ["digraph {", "rankdir=LR; nodesep=0.09; ranksep=0.5; splines=spline;"]
    lines.append('node [shape=box, fixedsize=true, label=""];')
    for node in nodes:
        size = f"width={node.width / 72:.3f}, height={node.height / 72:.3f}"
        lines.append(f'"{node.name}" [{size}];')
    columns = [f"column{index}" for index in range(len(ranks))]
    lines += [f'"{name}" [style=invis, width=0.01, height=0.01];' for name in columns]
    if len(columns) > 1:
        lines.append(" -> ".join(f'"{name}"' for name in columns) + " [style=invis, weight=0];")
    for name, members in zip(columns, ranks, strict=True):
        inside = "; ".join(f'"{member}"' for member in members)
        lines.append(f'{{ rank=same; "{name}"; {inside} }}')
    lines += [f'"{tail}" -> "{head}";' for tail, head in edges]
    return "\n".join([*lines, "}"])


def _run(dot: str, viz: Path) -> Any:
    command = [str(find_node()), str(SCRIPT), str(viz)]
    try:
        done = subprocess.run(
            command, input=dot, capture_output=True, encoding="utf-8", timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise LayoutError(f"Node can't lay the lineage out: {fault}.") from fault
    if done.returncode:
        raise LayoutError(f"Graphviz refuses the lineage: {done.stderr.strip()[:300]}")
    return json.loads(done.stdout)


def _placed(drawn: Any) -> Placed:
    _, _, width, height = (float(part) for part in drawn["bb"].split(","))
    names = {thing["_gvid"]: thing["name"] for thing in drawn["objects"] if "pos" in thing}
    centres = {}
    for thing in drawn["objects"]:
        if "pos" in thing and not thing["name"].startswith("column"):
            x, y = (float(part) for part in thing["pos"].split(","))
            centres[thing["name"]] = (round(x, 1), round(height - y, 1))
    edges = {}
    for edge in drawn.get("edges", []):
        if edge.get("style") == "invis":
            continue
        points = [part.split(",") for part in edge["pos"].split(" ")]
        end = next(((p[1], p[2]) for p in points if p[0] == "e"), None)
        way = [(p[0], p[1]) for p in points if p[0] not in ("e", "s")]
        way = [*way[:-1], end] if end else way
        edges[names[edge["tail"]], names[edge["head"]]] = tuple(
            (round(float(x), 1), round(height - float(y), 1)) for x, y in way
        )
    return Placed(round(width, 1), round(height, 1), centres, edges)
