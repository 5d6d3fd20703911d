"""Sharing a budget against grids, derivatives and the closed form; serving against its slope."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.cost import allocation, scaling

LAWS = [scaling.HOFFMANN, scaling.UNROUNDED, scaling.BESIROGLU]
BUDGETS = st.floats(1e18, 1e27)


@settings(deadline=None)
@given(st.sampled_from(LAWS), BUDGETS)
def test_the_least_loss_at_equal_compute_is_at_the_closed_form(law, flops):
    best, tokens = law.optimum(flops)
    near = best * np.geomspace(0.5, 2.0, 2001)
    losses = allocation.equal_compute(law, flops, near)
    assert near[losses.argmin()] == pytest.approx(best, rel=1e-3)
    assert allocation.tokens_left(flops, best) == pytest.approx(tokens, rel=1e-12)
    assert allocation.pull(law, best, tokens) == pytest.approx(1.0, rel=1e-9)


@settings(deadline=None)
@given(st.sampled_from(LAWS), st.floats(1e7, 1e12), st.floats(1e8, 1e14))
def test_the_pull_is_the_ratio_of_slopes(law, parameters, tokens):
    step = 1e-4
    slopes = [
        law.loss(parameters * np.exp(n - step), tokens * np.exp(d - step))
        - law.loss(parameters * np.exp(n + step), tokens * np.exp(d + step))
        for n, d in ((0, step), (step, 0))
    ]
    alone = [
        law.loss(parameters * np.exp(-step), tokens) - law.loss(parameters * np.exp(step), tokens),
        law.loss(parameters, tokens * np.exp(-step)) - law.loss(parameters, tokens * np.exp(step)),
    ]
    assert allocation.pull(law, parameters, tokens) == pytest.approx(alone[0] / alone[1], rel=1e-5)
    assert sum(slopes) > 0


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(LAWS), BUDGETS, st.floats(1e-4, 0.05))
def test_sizes_about_as_good_lose_just_the_slack_at_both_ends(law, flops, slack):
    best, _ = law.optimum(flops)
    small, large = allocation.about_as_good(law, flops, slack)
    assert small < best < large
    least = allocation.equal_compute(law, flops, best)
    lost = allocation.equal_compute(law, flops, np.array([small, large])) - least
    assert lost == pytest.approx([slack, slack], rel=1e-4)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.source)
@pytest.mark.parametrize("flops", [1e20, 5.76e23, 1e26])
def test_with_nothing_served_the_cheapest_is_the_compute_optimum(law, flops):
    best = law.optimum(flops)
    found = allocation.cheapest(law, law.loss(*best), 0.0)
    assert found == pytest.approx(best, rel=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(LAWS), BUDGETS, st.floats(1e9, 1e16))
def test_no_other_size_of_the_same_loss_costs_less(law, flops, served):
    loss = law.loss(*law.optimum(flops))
    parameters, tokens = allocation.cheapest(law, loss, served)
    assert law.loss(parameters, tokens) == pytest.approx(loss, rel=1e-9)
    least = scaling.lifetime_flops(parameters, tokens, served)
    smallest = (law.a / (loss - law.floor)) ** (1 / law.alpha)
    for other in parameters * np.array([0.5, 0.9, 0.99, 1.01, 1.1, 2.0, 10.0]):
        if other > smallest:
            assert allocation.life_of(law, loss, other, served) > least


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(LAWS), BUDGETS)
def test_the_more_is_served_the_smaller_the_cheapest(law, flops):
    loss = law.loss(*law.optimum(flops))
    sizes = [allocation.cheapest(law, loss, served)[0] for served in (0, 1e10, 1e12, 1e14, 1e16)]
    assert (np.diff(sizes) <= 1e-6 * np.array(sizes[:-1])).all()


def test_a_loss_at_the_floor_is_refused():
    with pytest.raises(ValueError, match=r"no model reaches 1\.69: the floor is 1\.69"):
        allocation.cheapest(scaling.HOFFMANN, 1.69, 0.0)
