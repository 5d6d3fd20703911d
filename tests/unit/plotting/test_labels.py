import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workings.plotting import figure, subplots
from workings.plotting.labels import plain, tick_labels
from workings.plotting.scales import Linear, Log

from .reading import assert_sound, overlaps, tick_boxes


@pytest.mark.parametrize(
    ("ticks", "largest", "labels", "multiplier"),
    [
        ([-1.0, -0.5, 0.0, 0.5], 1, ["−1.0", "−0.5", "0.0", "0.5"], ""),
        ([0.0, 20000.0, 40000.0], 4e4, ["0", "20\u202f000", "40\u202f000"], ""),
        ([0.0, 1e6, 2e6], 2.1e6, ["0", "1", "2"], "×$10^{6}$"),
        ([0.0, 2e-5, 4e-5], 5e-5, ["0", "20", "40"], "×$10^{-6}$"),
        ([0.0, 2.5, 5.0], 6, ["0.0", "2.5", "5.0"], ""),
        ([], 1, [], ""),
    ],
)
def test_linear_labels(ticks, largest, labels, multiplier):
    assert tick_labels(ticks, Linear(), largest) == (labels, multiplier)


def test_powers_of_two_are_plain_numbers_and_then_powers():
    assert tick_labels([1.0, 2.0, 512.0], Log(2))[0] == ["1", "2", "512"]
    assert tick_labels([0.25, 1.0], Log(2))[0] == ["1/4", "1"]
    assert tick_labels([2.0**4, 2.0**20], Log(2))[0] == ["$2^{4}$", "$2^{20}$"]


def test_decades_are_powers_of_ten_unless_they_are_short():
    assert tick_labels([0.1, 1.0, 10.0], Log(10))[0] == ["0.1", "1", "10"]
    assert tick_labels([1e-6, 1e2], Log(10))[0] == ["$10^{-6}$", "$10^{2}$"]


def test_plain_numbers_have_a_true_minus_and_no_e():
    assert plain(-0.5) == "−0.5"
    assert plain(1.5e12) == "1.5×$10^{12}$"


SPANS = st.tuples(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))


@given(SPANS, SPANS, st.sampled_from([(6, 3.75), (2.5, 2), (12, 1.5)]), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_tick_labels_never_overlap(xs, ys, size, columns):
    fig, axs = subplots(1, columns, figsize=size, squeeze=False)
    for ax in axs.flat:
        ax.plot([xs[0], xs[0] + xs[1]], [ys[0], ys[0] + ys[1]])
    for boxes in tick_boxes(assert_sound(fig.svg())):
        assert not overlaps(boxes)


@given(st.floats(1e-12, 1e6), st.floats(1.2, 1e15), st.sampled_from([2, 10]))
@settings(max_examples=30, deadline=None)
def test_logarithmic_tick_labels_never_overlap(low, ratio, base):
    fig, ax = figure()
    ax.loglog([low, low * ratio], [low, low * ratio], base=base)
    for boxes in tick_boxes(assert_sound(fig.svg())):
        assert not overlaps(boxes)


@given(
    st.lists(st.text("abcdefgh ", min_size=1, max_size=20), min_size=1, max_size=30, unique=True)
)
@settings(max_examples=20, deadline=None)
def test_crowded_words_are_slanted_or_thinned(names):
    fig, ax = figure()
    ax.bar(range(len(names)), np.ones(len(names)))
    ax.set_xticks(range(len(names)), names)
    for boxes in tick_boxes(assert_sound(fig.svg())):
        assert not overlaps(boxes)


def test_labels_stay_inside_the_picture():
    fig, ax = figure()
    ax.plot([0, 1], [-123456.789, 123456.789])
    ax.set_xlim(0, 1)
    for boxes in tick_boxes(assert_sound(fig.svg())):
        assert all(box[0] >= -0.5 and box[2] <= fig.width + 0.5 for box in boxes)


def test_cells_are_counted_in_whole_numbers():
    fig, ax = figure()
    ax.imshow(np.arange(9.0).reshape(3, 3))
    svg = fig.svg()
    assert ">1</text>" in svg and ">0.5</text>" not in svg
