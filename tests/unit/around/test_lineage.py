from collections.abc import Sequence
from pathlib import Path

import pytest
from workings_build import graphviz
from workings_build.around.entries import entries_of
from workings_build.around.lineage import lineage, reached
from workings_build.cache import Cache
from workings_build.catalog import Catalog, Planned, load_catalog
from workings_build.graphviz import LayoutError, Node, Placed
from workings_build.vendor import ensure
from workings_build.views import Link

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "explainers/catalog.toml", ROOT)[0]


@pytest.fixture(scope="module")
def viz() -> Path:
    return ensure(["graphviz"]).path("graphviz/viz.cjs")


def row(
    nodes: Sequence[Node], edges: Sequence[tuple[str, str]], ranks: Sequence[Sequence[str]]
) -> Placed:
    """Stand everything side by side."""
    centres = {node.name: (50.0 * place, 10.0) for place, node in enumerate(nodes)}
    return Placed(50.0 * len(nodes), 20.0, centres, {edge: ((0, 0), (1, 1)) for edge in edges})


def test_the_lineage_has_no_circle_and_nobody_stands_on_the_future(catalog: Catalog):
    parents = {page.slug: page.builds_on for page in catalog.pages.values()}
    for slug in parents:
        assert slug not in reached(parents, slug)
    years = {page.slug: page.year for page in catalog.pages.values() if page.kind == "paper"}
    late = [
        (slug, other)
        for slug, others in parents.items()
        for other in others
        if slug in years and other in years and years[other] > years[slug]
    ]
    assert late == []


def test_ancestors_and_descendants_mirror_each_other(catalog: Catalog):
    links = {page.slug: Link(page.slug, page.name, None) for page in catalog.pages.values()}
    page = lineage(entries_of(catalog, [], {}, links), row)
    assert page
    kin = {one.entry.slug: one for one in page.context["kin"]}
    assert {"attention", "flash-attention", "backpropagation"} <= set(kin)
    assert "attention" in kin["flash-attention"].ancestors
    for slug, one in kin.items():
        assert all(slug in kin[above].descendants for above in one.ancestors)
        assert all(slug in kin[below].ancestors for below in one.descendants)


def test_a_layout_keeps_columns_in_order_and_boxes_apart(viz: Path, tmp_path: Path):
    nodes = [Node(name, 40, 20) for name in "abcd"]
    edges = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    placed = graphviz.layout(nodes, edges, [["a"], ["b", "c"], ["d"]], viz, Cache(tmp_path))
    (ax, _), (bx, by), (cx, cy), (dx, _) = (placed.centres[name] for name in "abcd")
    assert ax < bx == cx < dx and abs(by - cy) >= 20
    assert set(placed.edges) == set(edges)
    assert all(
        0 <= x <= placed.width and 0 <= y <= placed.height for x, y in placed.edges["a", "b"]
    )
    assert graphviz.layout(nodes, edges, [["a"], ["b", "c"], ["d"]], viz, Cache(tmp_path)) == placed


def test_a_layout_that_fails_says_why(tmp_path: Path):
    broken = tmp_path / "viz.cjs"
    broken.write_text("exports.instance = async () => { throw new Error('no memory left'); };")
    with pytest.raises(LayoutError, match="no memory left"):
        graphviz.layout([Node("a", 1, 1)], [], [["a"]], broken, Cache(tmp_path / "cache"))


def test_where_nothing_builds_on_anything_there_is_no_lineage():
    alone = Catalog(pages={"a": Planned(slug="a", kind="paper", title="A")})
    links = {"a": Link("a", "A", None)}
    assert lineage(entries_of(alone, [], {}, links), row) is None
