"""The same calls on our axes and on real Matplotlib give the same limits, ticks and artists."""

import math
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.collections import PathCollection, PolyCollection, QuadMesh
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator
from workings.plotting import figure, subplots
from workings.plotting.axes import Axes
from workings.plotting.layout import arrange
from workings.plotting.replay import repeated

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")

NUMBERS = st.floats(-1e6, 1e6).map(lambda v: round(v, 4))
SMALL = st.floats(0.01, 100.0).map(lambda v: round(v, 4))
GAPPY = st.one_of(NUMBERS, st.just(math.nan), st.just(math.inf))


def columns(values, least=1):
    return st.integers(least, 12).flatmap(
        lambda n: st.tuples(*(st.lists(values, min_size=n, max_size=n) for _ in range(2)))
    )


def matrices(values):
    return st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
        lambda shape: st.lists(
            st.lists(values, min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        )
    )


def call(name, *strategies, **keywords):
    """A call as (name, args, kwargs)."""
    return st.tuples(st.just(name), st.tuples(*strategies), st.fixed_dictionaries(keywords))


def spread(name, pairs, **keywords):
    """A call of two equally long columns."""
    return st.tuples(pairs, st.fixed_dictionaries(keywords)).map(lambda p: (name, p[0], p[1]))


DRAWN = st.one_of(
    spread("plot", columns(GAPPY)),
    spread("scatter", columns(NUMBERS), s=st.just(9)),
    spread("step", columns(NUMBERS, 2), where=st.sampled_from(["pre", "mid", "post"])),
    spread("bar", columns(NUMBERS), width=SMALL, align=st.sampled_from(["center", "edge"])),
    spread("barh", columns(NUMBERS), height=SMALL),
    spread("fill_between", columns(NUMBERS, 2)),
    call("axhline", NUMBERS),
    call("axvline", NUMBERS),
    call("axvspan", NUMBERS, NUMBERS),
    call("axhspan", NUMBERS, NUMBERS),
    call("hist", st.lists(NUMBERS, min_size=2, max_size=30), bins=st.integers(1, 12)),
    call("imshow", matrices(NUMBERS), origin=st.sampled_from(["upper", "lower"])),
    call("pcolormesh", matrices(NUMBERS)),
)
POSITIVE = st.one_of(
    spread("plot", columns(SMALL)),
    spread("scatter", columns(SMALL)),
    spread("bar", columns(SMALL)),
    call("axhline", SMALL),
)
ENDS = st.tuples(NUMBERS, NUMBERS).filter(lambda p: abs(p[0] - p[1]) > 1e-3)
SETTINGS = st.one_of(
    call("set_xlim", ENDS.map(lambda p: p[0])),
    ENDS.map(lambda p: ("set_xlim", p, {})),
    ENDS.map(lambda p: ("set_ylim", p, {})),
    call("set_ylim", bottom=NUMBERS),
    call("invert_yaxis"),
    call("invert_xaxis"),
    call("margins", st.floats(0, 0.4)),
    call("margins", x=st.just(0)),
    call("set_xticks", st.lists(NUMBERS, min_size=1, max_size=6, unique=True)),
)


def perform(ax, calls):
    for name, args, kwargs in calls:
        getattr(ax, name)(*args, **kwargs)


def assert_same_limits(light, real):
    for data in (light.x_data, light.y_data):
        # Matplotlib's axhline adds rounding noise, with which a lone value escapes its widening.
        lone = 0 <= data.high - data.low <= 1e-12 * abs(data.high)
        assume(not (lone and any(artist.kind == "rule" for artist in light.artists)))
    assert light.get_xlim() == pytest.approx(real.get_xlim(), rel=1e-9, abs=1e-12)
    assert light.get_ylim() == pytest.approx(real.get_ylim(), rel=1e-9, abs=1e-12)


def both(calls):
    fig, ax = figure()
    perform(ax, calls)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        replay = repeated(fig)
    return fig, ax, replay.real[id(ax)]


@given(st.lists(st.one_of(DRAWN, SETTINGS), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_linear_limits_agree(calls):
    _, ax, real = both(calls)
    assert_same_limits(ax, real)


@given(
    st.lists(POSITIVE, min_size=1, max_size=4),
    st.sampled_from(["xscale", "yscale"]),
    st.sampled_from([2, 10]),
    st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_logarithmic_limits_agree(calls, which, base, first):
    scale = (f"set_{which}", ("log",), {"base": base})
    _, ax, real = both([scale, *calls] if first else [*calls, scale])
    assert_same_limits(ax, real)


@given(columns(NUMBERS), columns(NUMBERS), st.sampled_from([True, "col", "row", False]))
@settings(max_examples=12, deadline=None)
def test_shared_limits_agree(one, two, how):
    fig, axs = subplots(2, 2, sharex=how, sharey=how)
    axs[0, 0].plot(*one)
    axs[1, 1].scatter(*two)
    axs[1, 0].plot(*two)
    replay = repeated(fig)
    for light in axs.flat:
        assert_same_limits(light, replay.real[id(light)])


def offered(axis, ticks):
    """Whether a default locator of Matplotlib, for some room, offers all of these ticks."""
    low, high = axis.bound()
    reach = high - low
    locators = [MaxNLocator(n, steps=[1, 2, 2.5, 5, 10]) for n in range(1, 10)]
    if axis.scale.name == "log":
        base = axis.scale.base
        powers = LogLocator(base, numticks=10_000)
        between = LogLocator(base, subs=np.arange(1.0, base), numticks=10_000)
        locators += [powers, between]
    for locator in locators:
        theirs = np.asarray(locator.tick_values(low, high))
        near = 1e-9 * np.abs(ticks) if axis.scale.name == "log" else 1e-6 * reach
        gaps = np.abs(np.asarray(ticks)[:, None] - theirs[None, :]).min(axis=1)
        if np.all(gaps <= near + 1e-15):
            return True
    return False


@given(st.lists(DRAWN, min_size=1, max_size=3), st.sampled_from([(6, 3.75), (3, 3), (12, 2)]))
@settings(max_examples=30, deadline=None)
def test_ticks_are_among_those_of_the_default_locator(calls, size):
    fig, ax = figure(figsize=size)
    perform(ax, calls)
    for panel in arrange(fig, fig.width, fig.height):
        for axis, ticks in ((ax.x_axis, panel.x), (ax.y_axis, panel.y)):
            low, high = axis.bound()
            slack = 1e-9 * (high - low)
            assert all(low - slack <= tick <= high + slack for tick in ticks.major)
            assert not ticks.major or offered(axis, ticks.major), ticks.major


@given(st.floats(1e-6, 1e6), st.floats(1.5, 1e9), st.sampled_from([2, 10]))
@settings(max_examples=40, deadline=None)
def test_logarithmic_ticks_are_among_those_of_the_default_locator(low, ratio, base):
    fig, ax = figure()
    ax.set_xscale("log", base=base)
    ax.plot([low, low * ratio], [0, 1])
    panel = arrange(fig, fig.width, fig.height)[0]
    assert panel.x.major
    assert offered(ax.x_axis, panel.x.major)


KINDS = {
    Line2D: "line",
    Rectangle: "bar",
    AxesImage: "image",
    QuadMesh: "image",
    PathCollection: "points",
    PolyCollection: "area",
}


@given(st.lists(DRAWN, min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_artists_and_their_data_agree(calls):
    _, ax, real = both(calls)
    theirs = Counter(KINDS.get(type(child), "other") for child in real._children)
    ours: Counter = Counter()
    for artist in ax.artists:
        kind = {"rule": "line"}.get(artist.kind, artist.kind)
        if artist.kind == "area" and any(artist.across):
            kind = "other"  # axvspan and axhspan make polygons
        ours[{"bars": "bar"}.get(kind, kind)] += len(artist.values) if artist.kind == "bars" else 1
    assert ours == theirs
    lines = [a for a in ax.artists if a.kind == "line"]
    real_lines = [c for c in real.lines if not is_rule(c)]
    for a, b in zip(lines, real_lines, strict=True):
        np.testing.assert_array_equal(a.get_xdata(), np.asarray(b.get_xdata(), float))
        np.testing.assert_array_equal(a.get_ydata(), np.asarray(b.get_ydata(), float))
    patches = [p for p in real.patches if isinstance(p, Rectangle)]
    mine = [
        box
        for a in ax.artists
        if a.kind == "bars"
        for box in zip(a.left, a.bottom, a.widths, a.heights, strict=True)
    ]
    for box, patch in zip(mine, patches, strict=True):
        real_box = (patch.get_x(), patch.get_y(), patch.get_width(), patch.get_height())
        assert box == pytest.approx(real_box, rel=1e-9, abs=1e-9)
    images = [a for a in ax.artists if a.kind == "image"]
    for a, b in zip(images, [*real.images, *meshes(real)], strict=False):
        assert sorted(a.get_array().ravel()) == sorted(np.ravel(b.get_array())) or len(images) > 1


def is_rule(line):
    return len(line.get_xdata()) == 2 and line.get_transform() is not line.axes.transData


def meshes(real):
    return [c for c in real.collections if isinstance(c, QuadMesh)]


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8))
@settings(max_examples=10, deadline=None)
def test_categories_agree(names):
    _, ax, real = both([("bar", (names, list(range(1, len(names) + 1))), {})])
    assert_same_limits(ax, real)
    real.figure.canvas.draw()
    words = [text.get_text() for text in real.get_xticklabels()]
    assert list(ax.x_axis.categories) == words


@given(st.lists(st.one_of(DRAWN, SETTINGS), min_size=1, max_size=4))
@settings(max_examples=6, deadline=None)
def test_the_dressed_figure_keeps_the_limits(calls):
    fig, ax = figure()
    perform(ax, calls)
    assume(all(abs(v) < 1e7 for v in (*ax.get_xlim(), *ax.get_ylim())))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        real = fig.to_matplotlib()
    assert_same_limits(ax, real.axes[0])


def test_every_drawing_method_of_ours_is_one_of_matplotlibs():
    from matplotlib.axes import Axes as RealAxes

    ours = {name for name in dir(Axes) if not name.startswith("_")}
    extra = {"init_view"}
    assert ours - extra <= set(dir(RealAxes))
