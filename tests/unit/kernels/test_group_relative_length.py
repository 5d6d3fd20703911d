"""A rambler whose length earns nothing, against sums over many sampled answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.policy import group_relative_length as rambler

CHANCES = st.floats(0.05, 0.98)


@given(CHANCES, st.integers(2, 300))
def test_lengths_have_chances_that_sum_to_one(c, longest):
    law = rambler.chances(c, longest)
    assert law.sum() == pytest.approx(1.0) and (law >= 0).all()


@given(CHANCES, st.integers(2, 200))
def test_the_slopes_are_those_of_the_log_chances(c, longest):
    def law(logit):
        return np.log(rambler.chances(1 / (1 + np.exp(-logit)), longest))

    logit, step = np.log(c / (1 - c)), 1e-6
    wanted = (law(logit + step) - law(logit - step)) / (2 * step)
    assert np.allclose(rambler.slopes(c, longest), wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
@given(CHANCES, st.floats(-4, 4), st.integers(2, 200))
def test_undivided_nothing_pulls_on_length(c, advantage, longest):
    assert abs(rambler.length_pull(c, advantage, longest, divided=False)) < 1e-9


@given(CHANCES, st.floats(0.1, 4))
def test_divided_right_answers_shrink_and_wrong_ones_grow(c, advantage):
    assert rambler.length_pull(c, advantage, 200, divided=True) < 0
    assert rambler.length_pull(c, -advantage, 200, divided=True) > 0


def test_the_pull_is_what_sampled_answers_average_to():
    rng, c = np.random.default_rng(0), 0.8
    lengths = rng.geometric(1 - c, 200_000)
    slope = (lengths - 1) * (1 - c) - c
    assert rambler.length_pull(c, -1.0, 500, divided=True) == pytest.approx(
        -(slope / lengths).mean(), abs=0.005
    )


def test_the_pull_has_a_closed_form():
    c = 0.9
    exact = (1 - c) - (1 - c) / c * np.log(1 / (1 - c))
    assert rambler.length_pull(c, 1.0, 2000, divided=True) == pytest.approx(exact)


def test_a_rambler_starts_at_ten_tokens_and_stays_there_undivided():
    still = rambler.ramble(0.5, 20, 1.0, divided=False)
    assert np.allclose(still, 10.0)
    moved = rambler.ramble(0.5, 20, 1.0, divided=True)
    assert moved[-1, 0] < 10 < moved[-1, 1]
