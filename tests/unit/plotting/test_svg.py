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


def line(svg):
    """The points of the first series, as shares of the axes' width and height."""
    root = assert_sound(svg)
    axis = next(e for e in root.iter(f"{SVG}path") if e.get("class") == "axis")
    xs, ys = zip(*path_points(axis.get("d")), strict=True)
    path = next(e for e in root.iter(f"{SVG}path") if "c0" in e.get("class", "").split())
    wide, tall = max(xs) - min(xs), max(ys) - min(ys)
    return [
        (round((x - min(xs)) / wide, 2), round((max(ys) - y) / tall, 2))
        for x, y in path_points(path.get("d"))
    ]


@pytest.mark.parametrize(("where", "rise"), [("pre", 0.0), ("mid", 0.5), ("post", 1.0)])
def test_a_staircase_rises_before_between_or_after_its_points(where, rise):
    fig, ax = figure()
    ax.step([0, 1], [0, 1], where=where)
    ax.axis([0, 1, 0, 1])
    corners = line(fig.svg())
    assert (corners[0], corners[-1]) == ((0, 0), (1, 1))
    assert (rise, 0) in corners and (rise, 1) in corners


@pytest.mark.parametrize("inside", [True, False])
def test_lines_and_bands_across_the_axes_are_drawn_where_they_are_seen(inside):
    fig, ax = figure()
    ax.axis([0, 1, 0, 1])
    ax.axvline(0.25 if inside else 5, color="C1")
    ax.axhline(0.25 if inside else 5, color="C1")
    ax.axhspan(0.5, 0.75, color="C2")
    root = assert_sound(fig.svg())
    rules = [e.get("d") for e in root.iter(f"{SVG}path") if e.get("class") == "c1"]
    assert sorted("v" in d for d in rules) == ([False, True] if inside else [])
    assert ax.get_xlim() == (0, 1) and ax.get_ylim() == (0, 1)


@pytest.mark.parametrize(
    ("form", "dash", "cls"),
    [("C1o--", True, "c1"), ("k:", True, "c0"), ("-.", True, "c0"), ("-", False, "c0")],
)
def test_a_format_names_line_marker_and_colour(form, dash, cls):
    fig, ax = figure()
    ax.plot([1, 2, 3], form)
    root = assert_sound(fig.svg())
    paths = [e for e in root.iter(f"{SVG}path") if cls in e.get("class", "").split()]
    assert len(paths) == (2 if "o" in form else 1)
    assert (paths[0].get("stroke-dasharray") is not None) == dash


def test_a_format_of_a_marker_alone_draws_no_line():
    fig, ax = figure()
    ax.plot([1, 2, 3], [1, 2, 3], "s", label="points")
    ax.plot([1, 2, 3], [3, 2, 1], ls="none", marker="|")
    ax.legend()
    root = assert_sound(fig.svg())
    drawn = [e for e in root.iter(f"{SVG}path") if e.get("class", "")[:1] == "c"]
    assert len(drawn) == 3  # two sets of markers, and the legend's sample


@pytest.mark.parametrize("marker", list(".^v<>Dd*x+|_"))
def test_every_marker_is_one_path_for_all_points_of_a_look(marker):
    fig, ax = figure()
    points = ax.scatter([1, 2, 3], [1, 2, 3], c=["k", "C1", "k"], marker=marker, alpha=0.5)
    root = assert_sound(fig.svg())
    drawn = [e for e in root.iter(f"{SVG}path") if e.get("class") in ("c0", "c1")]
    assert sorted(e.get("d").count("M") for e in drawn) == [1, 2]
    assert all("0.5" in (e.get("fill-opacity"), e.get("stroke-opacity")) for e in drawn)
    assert points.get_offsets().tolist() == [[1, 1], [2, 2], [3, 3]]


def test_cells_given_by_centres_edges_or_grids_are_the_same_picture():
    values = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    grids = [
        ([0, 1, 2], [0, 1]),
        ([-0.5, 0.5, 1.5, 2.5], [-0.5, 0.5, 1.5]),
        np.meshgrid([0, 1, 2], [0, 1]),
    ]
    pictures = []
    for x, y in grids:
        fig, ax = figure()
        ax.pcolormesh(x, y, values)
        pictures.append(fig.svg())
    assert len(set(pictures)) == 1
    one, ax = figure()
    ax.pcolormesh([3], [0], [[1.0]])
    assert ax.get_xlim() == (2.5, 3.5)
    assert_sound(one.svg())


def test_cells_of_uneven_width_are_shaded_where_they_lie():
    fig, ax = figure()
    image = ax.pcolormesh([0, 1, 10], [0, 1], [[0.0, 1.0]])
    ax.invert_xaxis()
    ax.text(0.5, 0.5, "light")
    ax.text(5, 0.5, "dark")
    ax.text(11, 0.5, "outside")
    assert texts(assert_sound(fig.svg()), "paper") == ["dark"]
    assert image.get_array().tolist() == [[0.0, 1.0]] and image.get_clim() == (0.0, 1.0)


@pytest.mark.parametrize(
    ("options", "dark"),
    [({"origin": "lower"}, 0), ({"origin": "upper"}, 0), ({"cmap": "Greys_r"}, 1)],
)
def test_an_image_has_its_first_row_and_its_ink_where_they_are_asked_for(options, dark):
    fig, ax = figure()
    ax.imshow([[1.0], [0.0]], **options)
    for row in (0, 1):
        ax.text(0, row, str(row))
    assert texts(assert_sound(fig.svg()), "paper") == [str(dark)]
    assert (ax.get_ylim()[0] < ax.get_ylim()[1]) == (options.get("origin") == "lower")


def test_a_large_matrix_is_made_small_enough_to_send():
    fig, ax = figure()
    ax.imshow(np.random.default_rng(0).random((900, 900)), interpolation="bilinear")
    svg = fig.svg()
    assert len(svg) < 150_000 and "optimizeSpeed" not in svg


def test_words_are_turned_set_bold_and_placed_by_shares_of_the_axes():
    fig, ax = figure()
    ax.axis([0, 1, 0, 1])
    look = {"fontweight": "bold", "fontstyle": "italic", "rotation": 30, "fontsize": "small"}
    inside = ax.text(0.5, 0.5, "two\n\nlines", transform=ax.transAxes, va="center", **look)
    ax.text(np.nan, 0, "nowhere")
    ax.text(1e9, 0, "far away")
    ax.text(0.2, 0.2, "unseen", color="none")
    root = assert_sound(fig.svg())
    assert texts(root, "note") == ["two", "lines"]
    first = next(t for t in root.iter(f"{SVG}text") if words(t) == "two")
    assert (first.get("font-weight"), first.get("font-style")) == ("600", "italic")
    assert first.get("transform").startswith("rotate(-30 ")
    assert inside.get_text() == "two\n\nlines"


@pytest.mark.parametrize(
    ("options", "arrows"),
    [
        ({"xytext": (0.1, 0.9)}, 1),
        ({"xytext": (40, 40), "textcoords": "offset points"}, 1),
        ({"xytext": (0.1, 0.9), "xycoords": "axes fraction"}, 1),
        ({"xytext": (2, 2), "textcoords": "offset points"}, 0),  # too near for an arrow
    ],
)
def test_an_arrow_leads_from_the_words_to_what_they_speak_of(options, arrows):
    fig, ax = figure()
    ax.axis([0, 1, 0, 1])
    bent = {"arrowstyle": "->", "connectionstyle": "arc3,rad=0.2", "color": "C1"}
    ax.annotate("here", (0.5, 0.5), arrowprops=bent, **options)
    ax.annotate("nowhere", (np.nan, 0.5), xytext=(0.5, 0.1), arrowprops=bent)
    root = assert_sound(fig.svg())
    drawn = [e.get("d") for e in root.iter(f"{SVG}path") if e.get("class") == "c1"]
    assert [d.count("Q") for d in drawn] == [1] * arrows
    assert texts(root, "note") == ["here", "nowhere"]


def test_axes_can_be_hidden_and_ticks_left_out():
    fig, ax = figure()
    ax.plot([1, 2])
    ax.tick_params(axis="x", length=0, labelbottom=False)
    ax.set_ylim(1, 2)
    ax.set_yticks([1, 2])
    ax.set_yticklabels(["low", "high"])
    assert texts(assert_sound(fig.svg())) == ["low", "high"]
    ax.axis("off")
    assert texts(assert_sound(fig.svg())) == []
    ax.axis("on")
    assert texts(assert_sound(fig.svg())) == ["low", "high"]
    ax.set_axis_off()
    assert texts(assert_sound(fig.svg())) == []


def test_what_was_set_can_be_asked_for():
    fig, ax = figure()
    ax.set(title="Title", xlabel="x", ylabel="y", xlim=(1, 2), aspect="equal")
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("Title", "x", "y")
    assert ax.get_xlim() == (1, 2)
    (drawn,) = ax.plot([1, 2], [3, 4], label="a")
    assert (drawn.get_xdata().tolist(), drawn.get_ydata().tolist()) == ([1, 2], [3, 4])
    assert drawn.get_label() == "a"
    assert fig._repr_svg_() == fig.svg()


def test_units_of_equal_length_make_a_square_square():
    fig, ax = figure()
    ax.axis("equal")
    ax.plot([0, 1, 1, 0], [0, 0, 1, 1])
    root = assert_sound(fig.svg())
    path = next(e for e in root.iter(f"{SVG}path") if e.get("class") == "c0")
    xs, ys = zip(*path_points(path.get("d")), strict=True)
    assert max(xs) - min(xs) == pytest.approx(max(ys) - min(ys), abs=0.5)


@pytest.mark.parametrize(
    ("loc", "x", "y"),
    [
        ("upper right", 1, 0),
        ("right", 1, 1),
        ("center", 0, 1),
        ("lower center", 0, 2),
        ("outside right", 2, 0),
    ],
)
def test_a_legend_stands_where_it_is_asked_to(loc, x, y):
    """`x` and `y` count thirds: 0 left or top, 2 right or bottom; 2 across is beyond the axes."""
    fig, ax = figure()
    (one,), two = ax.plot([0, 1]), ax.bar([0], [1])
    ax.legend([one, [two]], ["line", "bars"], loc=loc)
    root = assert_sound(fig.svg())
    axis = next(e for e in root.iter(f"{SVG}path") if e.get("class") == "axis")
    xs, ys = zip(*path_points(axis.get("d")), strict=True)
    found = [t for t in root.iter(f"{SVG}text") if words(t) in ("line", "bars")]
    assert [words(t) for t in found] == ["line", "bars"]
    left = float(found[0].get("x"))
    assert (left > max(xs)) == (x == 2)
    assert (left > (min(xs) + max(xs)) * 0.6) == (x > 0)
    high = (float(found[0].get("y")) - min(ys)) / (max(ys) - min(ys))
    assert int(high * 3) == y


def test_only_chosen_stretches_are_filled_and_in_steps_if_wanted():
    fig, ax = figure()
    y = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
    ax.fill_between(range(5), y, where=[True, True, False, True, True], color="C1", step="post")
    root = assert_sound(fig.svg())
    (path,) = (e for e in root.iter(f"{SVG}path") if "c1" in e.get("class", "").split())
    assert path.get("d").count("M") == 2


def test_a_list_of_colours_is_repeated_over_the_bars():
    fig, ax = figure()
    ax.bar(range(4), [1, 2, 3, 4], color=["k", "C1"])
    root = assert_sound(fig.svg())
    blocks = [e.get("class") for e in root.iter() if e.get("class", "")[:2] in ("c0", "c1")]
    assert len([b for b in blocks if b.startswith("c1")]) >= 1
    assert {b.split()[0] for b in blocks} == {"c0", "c1"}


def test_a_scale_of_one_value_has_one_tick():
    fig, ax = figure()
    image = ax.imshow([[2.0]], vmin=2, vmax=2)
    ax.set_axis_off()
    fig.colorbar(image)
    assert texts(assert_sound(fig.svg())) == ["2"]
    ax.axis("on")
    fig.colorbar(image).set_label("value")
    assert "value" in texts(assert_sound(fig.svg()), "label")


def test_a_logarithmic_axis_passes_over_what_has_no_logarithm():
    fig, ax = figure()
    ax.semilogx([0, 1, 100], [1, 2, 3])
    ax.set_ylim(-1, 10)
    ax.set_yscale("log")
    ax.set_xlim(-5, 100)
    assert 0 < ax.get_xlim()[0] < 1 and ax.get_xlim()[1] == 100
    assert 0 < ax.get_ylim()[0] <= 1
    assert_sound(fig.svg())
    alone, ax = figure()
    ax.loglog([10], [10])
    assert 0.1 < ax.get_xlim()[0] < 1 and 100 < ax.get_xlim()[1] < 1000
    assert_sound(alone.svg())


def test_words_of_two_lines_at_ticks_leave_room_for_the_axis_name():
    heights = []
    for word in ("one", "one\nmore"):
        fig, ax = figure()
        ax.bar([word], [1])
        ax.set_xlabel("name")
        root = assert_sound(fig.svg())
        axis = next(e for e in root.iter(f"{SVG}path") if e.get("class") == "axis")
        name = next(t for t in root.iter(f"{SVG}text") if words(t) == "name")
        heights.append(float(name.get("y")) - max(y for _, y in path_points(axis.get("d"))))
    assert heights[1] > heights[0] + 10
