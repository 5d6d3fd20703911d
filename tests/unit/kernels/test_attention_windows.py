"""Windows and rolling caches against masks, loops and searches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.attention import core, rotary, windows

SEEDS = st.integers(0, 2**32 - 1)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def test_window_of_two_and_a_sink():
    np.testing.assert_array_equal(
        windows.window_mask(4, 2), [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    )
    np.testing.assert_array_equal(
        windows.sink_mask(4, 1, 2), [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 1, 1]]
    )


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 15), st.integers(0, 5))
def test_masks_agree_with_their_definitions(n, window, sinks):
    for query in range(n):
        for key in range(n):
            near = 0 <= query - key < window
            assert windows.window_mask(n, window)[query, key] == near
            seen = near or (key < sinks and key <= query)
            assert windows.sink_mask(n, sinks, window)[query, key] == seen


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(12, 20))
def test_a_window_as_long_as_the_text_is_the_causal_mask(n, window):
    np.testing.assert_array_equal(windows.window_mask(n, window), core.causal_mask(n))


@settings(deadline=None)
@given(st.integers(1, 16), st.integers(1, 5), st.integers(0, 5))
def test_reach_counts_what_a_search_through_the_layers_finds(n, window, layers):
    through = windows.reachable(windows.window_mask(n, window), layers)
    for position in range(n):
        seen = {position}
        for _ in range(layers):
            seen |= {key for query in seen for key in range(max(0, query - window + 1), query + 1)}
        assert windows.reach(position, layers, window) == len(seen)
        assert set(np.flatnonzero(through[position])) == seen


@settings(deadline=None)
@given(SEEDS, st.integers(1, 20), st.integers(1, 6), st.integers(0, 3))
def test_rolling_cache_gives_masked_attention(seed, n, window, sinks):
    q, k, v = normal(seed, 3, n, 4)
    expected = core.attention(q, k, v, windows.sink_mask(n, sinks, window))
    cache = windows.RollingCache(window, 4, 4, sinks)
    for t in range(n):
        cache.append(k[t], v[t])
        held = cache.positions[cache.in_order()]
        # Beyond the sinks a cache holds the last `window` that are not sinks.
        assert list(held) == [p for p in range(t + 1) if p < sinks or p > t - window]
        assert len(held) == windows.cached_tokens(t + 1, window, sinks) <= sinks + window
        np.testing.assert_allclose(cache.attend(q[t]), expected[t], rtol=0, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 6), st.integers(0, 3))
def test_before_anything_is_dropped_the_cache_is_full_attention(seed, window, sinks):
    n = sinks + window
    q, k, v = normal(seed, 3, n, 4)
    theta = rotary.frequencies(4)
    places = np.arange(n)
    turned = rotary.encode_query(q, places, theta), rotary.encode_key(k, places, theta)
    plain = core.attention(q, k, v, core.causal_mask(n))
    rotated = core.attention(*turned, v, core.causal_mask(n))
    cache = windows.RollingCache(window, 4, 4, sinks)
    for t in range(n):
        cache.append(k[t], v[t])
        np.testing.assert_allclose(cache.attend(q[t]), plain[t], rtol=0, atol=1e-12)
        np.testing.assert_allclose(cache.attend_rotated(q[t], theta), rotated[t], atol=1e-12)


def test_rotary_places_are_counted_inside_the_cache():
    """The paper's example (§3.2): with 0-3 and 6-8 held, token 9 sits at place 7."""
    q, k, v = normal(1, 3, 10, 4)
    theta = rotary.frequencies(4)
    cache = windows.RollingCache(window=4, d_k=4, d_v=4, sinks=4)
    for t in range(10):
        cache.append(k[t], v[t])
    held = [0, 1, 2, 3, 6, 7, 8, 9]
    scores = np.array(
        [
            rotary.encode_query(q[9], 7, theta) @ rotary.encode_key(k[p], place, theta) / 2
            for place, p in enumerate(held)
        ]
    )
    weights = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(cache.attend_rotated(q[9], theta), weights @ v[held], atol=1e-13)


def test_there_are_no_sinks_unless_told_otherwise():
    cache = windows.RollingCache(2, 1, 1)
    for t in range(3):
        cache.append(np.array([t]), np.array([t]))
    assert sorted(cache.positions) == [1, 2]
    assert windows.cached_tokens(3, 2) == 2


def test_slots_are_taken_in_order_and_then_in_turn():
    cache = windows.RollingCache(3, 1, 1, sinks=2)
    assert [cache.slot(position) for position in range(10)] == [0, 1, 2, 3, 4, 2, 3, 4, 2, 3]


def test_a_cache_without_room_is_refused():
    with pytest.raises(ValueError, match="a window of 0 with 2 sinks"):
        windows.RollingCache(0, 4, 4, sinks=2)


def test_mass_on_the_first_tokens():
    weights = core.softmax(np.array([[5.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    np.testing.assert_allclose(windows.mass_on(weights, [0]), [weights[0, 0], 1 / 3])
    np.testing.assert_allclose(windows.mass_on(weights, slice(0, 3)), 1.0)
    heads = np.stack([weights, weights[::-1]])
    np.testing.assert_allclose(windows.mass_on(heads, [0, 1])[1], 1 - heads[1, :, 2])
