"""Rules of sampling against their definitions, and the draw against its probabilities."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.tinylm import sampling
from kernels.tinylm.sampling import Rules

LOGITS = st.lists(st.integers(-6, 6).map(lambda n: n / 2), min_size=1, max_size=7).map(np.array)
SHARES = st.floats(0.01, 1.0)
RULES = st.builds(
    Rules,
    penalty=st.floats(0.5, 3.0),
    temperature=st.just(0.0) | st.floats(0.1, 5.0),
    top_k=st.none() | st.integers(1, 9),
    top_p=SHARES,
    min_p=st.floats(0.0, 1.0),
)


def probabilities(logits):
    raised = [math.exp(x) for x in logits]
    return [x / sum(raised) for x in raised]


def kept(logits):
    return set(np.flatnonzero(np.isfinite(logits)).tolist())


@settings(deadline=None)
@given(LOGITS, st.integers(1, 9))
def test_top_k_keeps_the_likeliest_and_of_equals_the_first(logits, k):
    best = sorted(range(len(logits)), key=lambda token: (-logits[token], token))[:k]
    found = sampling.top_k(logits, k)
    assert kept(found) == set(best)
    np.testing.assert_array_equal(found[best], logits[best])


@settings(deadline=None)
@given(LOGITS, SHARES)
def test_top_p_keeps_the_smallest_set_that_is_likely_enough(logits, p):
    chances = probabilities(logits)
    found = kept(sampling.top_p(logits, p))
    sizes = [
        size
        for size in range(1, len(logits) + 1)
        for tokens in itertools.combinations(range(len(logits)), size)
        if sum(chances[t] for t in tokens) >= p - 1e-12
    ]
    smallest = min(sizes)
    surely = sum(sorted(chances, reverse=True)[:smallest]) > p + 1e-12
    assert len(found) == smallest if surely else len(found) in (smallest, smallest + 1)
    outside = [chances[t] for t in range(len(logits)) if t not in found]
    assert not outside or min(chances[t] for t in found) >= max(outside) - 1e-15


def test_top_p_of_one_keeps_what_is_all_but_impossible():
    logits = np.array([0.0, -200.0, -700.0])
    assert kept(sampling.top_p(logits, 1.0)) == {0, 1, 2}


def test_top_p_reached_exactly_is_enough():
    logits = np.log([0.5, 0.25, 0.25])
    assert kept(sampling.top_p(logits, 0.5)) == {0}
    assert kept(sampling.top_p(logits, 0.51)) == {0, 1}


@settings(deadline=None)
@given(LOGITS, st.floats(0.0, 0.999))
def test_min_p_keeps_what_is_likely_enough_beside_the_likeliest(logits, p):
    chances = probabilities(logits)
    share = [chance / max(chances) for chance in chances]
    found = kept(sampling.min_p(logits, p))
    assert found >= {t for t, s in enumerate(share) if s > p + 1e-12}
    assert found <= {t for t, s in enumerate(share) if s >= p - 1e-12}
    assert sampling.greedy(logits) in found


def test_min_p_of_one_keeps_the_likeliest_alone_or_its_equals():
    assert kept(sampling.min_p(np.array([0.0, 2.0, 1.0, 2.0]), 1.0)) == {1, 3}


@settings(deadline=None)
@given(LOGITS, st.floats(1.0, 4.0), st.data())
def test_a_penalty_makes_only_what_was_seen_less_likely(logits, penalty, data):
    seen = data.draw(st.lists(st.integers(0, len(logits) - 1), max_size=9))
    found = sampling.penalise(logits, seen, penalty)
    for token, logit in enumerate(logits):
        expected = logit / penalty if logit > 0 else logit * penalty
        assert found[token] == pytest.approx(expected if token in seen else logit, rel=1e-12)
        assert found[token] <= logit


def test_a_penalty_leaves_the_logits_that_it_was_given():
    logits = np.array([1.0, 2.0])
    sampling.penalise(logits, [1], 2.0)
    np.testing.assert_array_equal(logits, [1.0, 2.0])


@settings(deadline=None)
@given(LOGITS, st.floats(0.1, 5.0))
def test_temperature_is_a_power_of_the_probabilities(logits, temperature):
    powers = [p ** (1 / temperature) for p in probabilities(logits)]
    found = sampling.distribution(logits, Rules(temperature=temperature))
    np.testing.assert_allclose(found, np.array(powers) / sum(powers), rtol=1e-9)


@pytest.mark.slow
@settings(deadline=None)
@given(LOGITS, RULES, st.data())
def test_any_rules_leave_a_distribution_with_the_likeliest_in_it(logits, rules, data):
    seen = data.draw(st.lists(st.integers(0, len(logits) - 1), max_size=5))
    found = sampling.distribution(logits, rules, seen)
    assert (found >= 0.0).all()
    assert math.isclose(found.sum(), 1.0, rel_tol=1e-12)
    left = sampling.penalise(logits, seen, rules.penalty)
    assert found[sampling.greedy(left)] == found.max() > 0.0
    if rules.top_k is not None:
        assert np.count_nonzero(found) <= rules.top_k


@settings(deadline=None)
@given(LOGITS)
def test_rules_that_change_nothing_give_the_softmax(logits):
    np.testing.assert_allclose(sampling.distribution(logits, Rules()), probabilities(logits))


@settings(deadline=None)
@given(LOGITS)
def test_no_temperature_is_certain_of_the_greedy_token(logits):
    found = sampling.distribution(logits, Rules(temperature=0.0))
    assert found[list(logits).index(max(logits))] == 1.0
    assert np.count_nonzero(found) == 1


def test_rules_apply_one_after_another():
    logits = np.log([0.4, 0.3, 0.2, 0.1])
    found = sampling.distribution(logits, Rules(top_k=3, top_p=0.7))
    # of the three, 4/9 + 3/9 reach 0.7; of all four, 0.4 + 0.3 would too, but not at 0.75
    np.testing.assert_allclose(found, [4 / 7, 3 / 7, 0, 0])
    found = sampling.distribution(logits, Rules(top_k=3, top_p=0.75))
    np.testing.assert_allclose(found, [4 / 7, 3 / 7, 0, 0])
    found = sampling.distribution(logits, Rules(top_p=0.75))
    np.testing.assert_allclose(found, [4 / 9, 3 / 9, 2 / 9, 0])


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(any),
    st.floats(0.0, 1.0, exclude_max=True),
)
def test_a_pick_is_where_the_running_sum_passes_the_number(weights, uniform):
    running, expected = 0, None
    for token, weight in enumerate(weights):
        running += weight
        if expected is None and uniform * sum(weights) < running:
            expected = token
    if expected is None:  # the product was rounded up to the whole
        expected = max(token for token, weight in enumerate(weights) if weight)
    found = sampling.pick(uniform, np.array(weights, dtype=float))
    assert found == expected
    assert weights[found] > 0


def test_the_last_number_below_one_never_picks_what_is_impossible():
    probabilities = np.array([0.1] * 10 + [0.0, 0.0])
    assert sampling.pick(np.nextafter(1.0, 0.0), probabilities) == 9
    assert sampling.pick(0.0, np.array([0.0, 1.0])) == 1


def test_draws_are_as_frequent_as_they_are_likely():
    generator, p = np.random.default_rng(3), np.array([0.5, 0.0, 0.3, 0.2])
    counts = np.bincount([sampling.draw(generator, p) for _ in range(20_000)], minlength=4)
    deviation = np.sqrt(20_000 * p * (1 - p))
    assert (np.abs(counts - 20_000 * p) <= 4 * deviation).all()


def test_the_same_seed_draws_the_same():
    p = np.full(50, 0.02)
    one, two = (
        [sampling.draw(g, p) for _ in range(20)] for g in map(np.random.default_rng, (7, 7))
    )
    assert one == two


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -0.1},
        {"penalty": 0.0},
        {"top_k": 0},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"min_p": -0.1},
        {"min_p": 1.1},
    ],
    ids=str,
)
def test_rules_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must be above 0|at least one token|lies in"):
        Rules(**wrong)
