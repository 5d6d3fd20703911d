"""The lineage: which paper stands on which, drawn once, at build time, as an SVG of links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workings_build.around.entries import turned
from workings_build.around.lists import NOT_IN_LINEAGE, SitePage
from workings_build.graphviz import Node, Placed
from workings_build.views import Entry

Layout = Callable[[Sequence[Node], Sequence[tuple[str, str]], Sequence[Sequence[str]]], Placed]
"""Places boxes: nodes, edges and columns in, places out."""

LETTER = 6.2
HEIGHT = 20.0


@dataclass(frozen=True)
class Kin:
    """A paper in the lineage: its box, and all that it descends from or that descends from it."""

    entry: Entry
    x: float
    y: float
    width: float
    height: float
    ancestors: tuple[str, ...]
    descendants: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """One "builds on", from the earlier paper to the later."""

    tail: str
    head: str
    path: str  # an SVG path's commands


def lineage(entries: Sequence[Entry], layout: Layout) -> SitePage | None:
    """Draw the lineage of all papers and articles; None where none builds on another.

    A column holds one year's papers; whatever has no year stands with the newest.
    """
    members = {e.slug: e for e in entries if e.kind not in NOT_IN_LINEAGE}
    linked = {slug for e in members.values() for slug in (link.slug for link in e.builds_on)}
    kept = {s: e for s, e in members.items() if s in linked or e.builds_on}
    if not kept:
        return None
    parents = {
        slug: [link.slug for link in entry.builds_on if link.slug in kept]
        for slug, entry in kept.items()
    }
    newest = max(e.year or 0 for e in kept.values())
    years = {slug: entry.year or newest for slug, entry in kept.items()}
    columns = sorted(set(years.values()))
    ranks = [[slug for slug in kept if years[slug] == year] for year in columns]
    edges = sorted((tail, head) for head, tails in parents.items() for tail in set(tails))
    nodes = [
        Node(slug, LETTER * len(entry.short_title) + 14, HEIGHT) for slug, entry in kept.items()
    ]
    placed = layout(nodes, edges, ranks)
    children = turned(parents, kept)
    boxes = {node.name: node for node in nodes}
    kin = [
        Kin(
            kept[slug],
            round(x - boxes[slug].width / 2, 1),
            round(y - HEIGHT / 2, 1),
            round(boxes[slug].width, 1),
            HEIGHT,
            reached(parents, slug),
            reached(children, slug),
        )
        for slug, (x, y) in sorted(placed.centres.items(), key=lambda c: (years[c[0]], c[1][1]))
    ]
    drawn = [Edge(*ends, _path(way)) for ends, way in sorted(placed.edges.items())]
    heads = [
        (str(year), round(min(placed.centres[slug][0] for slug in rank), 1))
        for year, rank in zip(columns, ranks, strict=True)
    ]
    context = {
        "kin": kin,
        "edges": drawn,
        "years": heads,
        "width": placed.width,
        "drawn_height": placed.height,
        "deepest": max(kin, key=lambda k: len(k.ancestors), default=None),
    }
    return SitePage("lineage/", "lineage.html", "Lineage", context)


def reached(edges: Mapping[str, Sequence[str]], start: str) -> tuple[str, ...]:
    """Return everything that can be reached from `start`, without it, in order of finding."""
    found: dict[str, None] = {}
    waiting = list(edges.get(start, ()))
    for slug in waiting:  # grows while it is read
        if slug not in found and slug != start:
            found[slug] = None
            waiting += edges.get(slug, ())
    return tuple(found)


def _path(way: Sequence[tuple[float, float]]) -> str:
    if not way:
        return ""
    first, *rest = (f"{x:g} {y:g}" for x, y in way)
    return f"M{first}C{' '.join(rest)}"
