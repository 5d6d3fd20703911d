"""Counts against loops that do the work, and path lengths against a search through the layers."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.cost import layers

SMALL = st.integers(1, 6)


def matrix_times_vector(rows, columns):
    return sum(1 for _ in range(rows) for _ in range(columns))


@settings(deadline=None)
@given(SMALL, SMALL)
def test_self_attention_counts_every_product(n, d):
    products = 0
    for _query in range(n):
        for _key in range(n):
            products += d  # the dot product
            products += d  # weight times value
    assert layers.self_attention(n, d) == products


@settings(deadline=None)
@given(SMALL, SMALL, SMALL)
def test_recurrent_and_convolutional_count_their_matrices(n, d, k):
    assert layers.recurrent(n, d) == sum(2 * matrix_times_vector(d, d) for _ in range(n))
    places = [(place, tap) for place in range(n) for tap in range(k)]
    assert layers.convolutional(n, d, k) == sum(matrix_times_vector(d, d) for _ in places)


@settings(deadline=None)
@given(SMALL, SMALL)
def test_attention_restricted_to_everything_is_attention(n, d):
    assert layers.restricted_attention(n, d, n) == layers.self_attention(n, d)
    assert layers.restricted_attention(n, d, 10 * n) == layers.self_attention(n, d)


@settings(deadline=None)
@given(SMALL, SMALL, st.sampled_from([1, 2, 4, 8]))
def test_heads_divide_the_work_and_add_none(n, quarter, heads):
    d = 8 * quarter
    assert layers.multi_head_attention(n, d, heads) == layers.self_attention(n, d)


@settings(deadline=None)
@given(SMALL, SMALL, SMALL)
def test_projections_and_feed_forward_count_their_matrices(n, d, inner):
    assert layers.projections(n, d) == n * 4 * matrix_times_vector(d, d)
    two = matrix_times_vector(inner, d) + matrix_times_vector(d, inner)
    assert layers.feed_forward(n, d, inner) == n * two


def test_the_square_is_half_of_a_layer_at_six_times_its_width():
    assert layers.quadratic_share(6 * 512, 512, 4 * 512) == 0.5


def test_scores_of_a_thousand_words_in_eight_heads():
    assert layers.score_bytes(1024, 8) == 2**25


def test_only_a_recurrent_layer_waits():
    kinds = ("self-attention", "recurrent", "convolutional", "restricted")
    assert [layers.waits(kind, 40) for kind in kinds] == [1, 40, 1, 1]


def longest_path(n, neighbours):
    """Search layer by layer: how many layers until every input has reached every output."""
    longest = 0
    for start in range(n):
        depth = {start: 0}
        queue = deque([start])
        while queue:
            place = queue.popleft()
            for other in neighbours(place):
                if 0 <= other < n and other not in depth:
                    depth[other] = depth[place] + 1
                    queue.append(other)
        assert len(depth) == n
        longest = max(longest, *depth.values())
    return longest


@settings(deadline=None)
@given(st.integers(2, 40), st.integers(2, 16))
def test_restricted_path_agrees_with_a_search(n, r):
    half = r // 2
    found = longest_path(n, lambda place: range(place - half, place + half + 1))
    assert layers.restricted_path(n, r) == found


@settings(deadline=None)
@given(st.integers(2, 40))
def test_attention_path_agrees_with_a_search(n):
    assert layers.attention_path(n) == longest_path(n, lambda place: range(n))


@pytest.mark.parametrize("n", [1, 5, 40])
def test_recurrent_path_enters_and_passes_every_state(n):
    states_between = n - 1
    assert layers.recurrent_path(n) == 1 + states_between


@settings(deadline=None)
@given(st.integers(2, 80), st.integers(2, 5))
def test_convolutional_path_agrees_with_growing_reach(n, k):
    seen, dilation, count = {0}, 1, 0
    while len(seen) < n:  # what the last output sees, counted in places back
        seen = {place + dilation * tap for place in seen for tap in range(k)}
        seen = {place for place in seen if place < n}
        dilation, count = dilation * k, count + 1
    assert layers.convolutional_path(n, k) == count


def test_one_word_is_one_step_away_from_itself():
    assert layers.convolutional_path(1, 3) == layers.restricted_path(1, 4) == 1
