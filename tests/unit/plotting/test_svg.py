import numpy as np
import pytest
from workings.plotting import figure, subplots

from .reading import SVG, assert_sound, path_points, words


def texts(root, cls=None):
    return [
        words(t)
        for t in root.iter(f"{SVG}text")
        if cls is None or cls in t.get("class", "").split()
    ]


def everything():
    """A figure with one of everything."""
    rng = np.random.default_rng(3)
    fig, axs = subplots(2, 3, figsize=(9, 6))
    a, b, c, d, e, f = axs.flat
    for k in range(6):
        a.plot(rng.normal(size=30), marker="o^sDx+"[k], label=f"series {k}")
    a.legend()
    a.set(title="Lines", xlabel="$x_i$", ylabel="$\\sqrt{d_k}$")
    b.bar(["one", "two"], [1, 2], edgecolor="k", label="bars")
    b.axhline(1.5, color="C1", ls="--", label="mean")
    b.legend(loc="upper left")
    c.imshow(rng.normal(size=(5, 5)), cmap="RdBu_r")
    c.text(1, 1, "a <b> & c", ha="center")
    fig.colorbar(c.artists[0], ax=c, label="value")
    d.fill_between(range(5), range(5), alpha=0.3)
    d.annotate("here", (2, 2), xytext=(3, 0.5), arrowprops={"arrowstyle": "->"})
    d.axvspan(1, 2)
    d.set_xlim(0.5, 3)
    e.scatter(rng.random(20), rng.random(20), c=rng.random(20), s=rng.integers(9, 99, 20))
    e.twinx().semilogy([0, 1], [1, 1e5], color="C1")
    f.hist(rng.normal(size=200))
    f.grid()
    fig.suptitle("All")
    return fig


def test_a_figure_of_everything_is_sound_svg():
    assert_sound(everything().svg("all"))


def test_the_same_calls_give_the_same_bytes():
    assert everything().svg("all") == everything().svg("all")


def test_the_root_has_the_agreed_attributes():
    root = assert_sound(figure(figsize=(5, 3))[0].svg("empty"))
    assert root.get("viewBox") == "0 0 400 240"
    assert (root.get("class"), root.get("role"), root.get("aria-hidden")) == (
        "figure",
        "img",
        "true",
    )


def test_ids_begin_with_the_prefix_and_references_find_them():
    svg = everything().svg("scores")
    root = assert_sound(svg)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert ids and len(set(ids)) == len(ids)
    assert all(name.startswith("scores-") for name in ids)
    used = {e.get(name)[5:-1] for e in root.iter() for name in ("mask", "clip-path") if e.get(name)}
    assert used == set(ids)


def test_text_is_escaped():
    fig, ax = figure()
    ax.plot([1, 2], label="<script>&\"'</script>")
    ax.legend()
    ax.set_title("<img onerror=1>")
    ax.text(0, 1, "]]>\x00<b>")
    root = assert_sound(fig.svg('"><script>'))
    assert "<img onerror=1>" in texts(root, "title")
    assert "]]><b>" in texts(root, "note")


def test_a_gap_in_the_data_is_a_gap_in_the_line():
    fig, ax = figure()
    ax.plot([0, 1, 2, 3, 4, 5], [0, 1, np.nan, 3, np.inf, 5])
    root = assert_sound(fig.svg())
    path = next(e for e in root.iter(f"{SVG}path") if e.get("class") == "c0")
    assert path.get("d").count("M") == 1  # only the first two points make a line
    assert len(path_points(path.get("d"))) == 2


@pytest.mark.parametrize("values", [[np.nan] * 3, [np.inf, -np.inf], []])
@pytest.mark.parametrize("method", ["plot", "bar", "scatter", "fill_between"])
def test_data_without_a_finite_value_give_a_note(method, values):
    fig, ax = figure()
    getattr(ax, method)(range(len(values)), values)
    root = assert_sound(fig.svg())
    assert "no finite data" in texts(root, "note")


def test_an_image_without_a_finite_value_gives_a_note():
    fig, ax = figure()
    ax.imshow(np.full((2, 2), np.nan))
    assert "no finite data" in texts(assert_sound(fig.svg()), "note")


def test_an_empty_axes_says_so():
    assert "nothing to show" in texts(assert_sound(figure()[0].svg()), "note")


def test_a_line_far_outside_the_limits_keeps_its_slope():
    fig, ax = figure()
    ax.plot([0, 1], [0, 1e9])
    ax.set_ylim(0, 1)
    ax.set_xlim(0, 1)
    root = assert_sound(fig.svg())
    path = next(e for e in root.iter(f"{SVG}path") if e.get("class") == "c0")
    xs = [x for x, _ in path_points(path.get("d"))]
    assert max(xs) - min(xs) < 0.1  # nearly upright, as the data are


def test_a_long_line_is_thinned_but_keeps_its_extremes():
    fig, ax = figure()
    y = np.sin(np.arange(200_000) * 0.37)
    y[123_456] = 5.0
    ax.plot(y)
    root = assert_sound(fig.svg())
    points = path_points(
        next(e for e in root.iter(f"{SVG}path") if e.get("class") == "c0").get("d")
    )
    assert len(points) < 6000
    top = min(y for _, y in points)
    assert sum(abs(y - top) < 1e-6 for _, y in points) == 1


def test_data_inside_the_limits_need_no_clip():
    fig, ax = figure()
    ax.plot([1, 2, 3])
    assert "clip" not in fig.svg()
    ax.set_ylim(1.5, 2)
    assert "clip" in fig.svg()


def test_bars_are_one_rectangle_each():
    fig, ax = figure()
    ax.bar(range(16), np.arange(16) + 1.0)
    root = assert_sound(fig.svg())
    assert len([e for e in root.iter(f"{SVG}rect")]) == 16


def test_formulas_are_set_with_raised_and_lowered_pieces():
    fig, ax = figure()
    ax.set_xlabel("width $d_k$ to $10^{-3}$")
    ax.plot([1, 2])
    root = assert_sound(fig.svg())
    assert "width dk to 10−3" in texts(root, "label")


def test_words_on_dark_cells_are_paper():
    fig, ax = figure()
    ax.imshow([[0.0, 1.0]])
    ax.text(0, 0, "light")
    ax.text(1, 0, "dark")
    root = assert_sound(fig.svg())
    assert texts(root, "paper") == ["dark"]


def test_a_legend_in_a_row_stands_above_the_axes():
    fig, ax = figure()
    ax.plot([1, 2], label="one")
    ax.plot([2, 1], label="_hidden")
    ax.legend()
    root = assert_sound(fig.svg())
    group = next(g for g in root.iter(f"{SVG}g") if g.get("class") == "legend")
    assert [words(t) for t in group.iter(f"{SVG}text")] == ["one"]
    axis = next(e for e in root.iter(f"{SVG}path") if e.get("class") == "axis")
    assert float(next(group.iter(f"{SVG}text")).get("y")) < path_points(axis.get("d"))[0][1]
