"""The fit finds laws that are known, bands hold them, and parabolas have their lowest point."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import nnls

from kernels.cost import scaling_fit
from kernels.cost.scaling import HOFFMANN, Law

ASSETS = Path(scaling_fit.__file__).parents[1] / "assets"
SIZES = np.array([2e4, 5e4, 1e5, 2e5, 5e5, 1e6])
TOKENS = np.array([1e5, 2e5, 5e5, 1e6, 2e6])
LAW = Law("known", 2.5, 40.0, 300.0, 0.32, 0.41)


def runs_of(law, noise=0.0, seed=0):
    n, d = (grid.ravel() for grid in np.meshgrid(SIZES, TOKENS))
    shaken = np.exp(noise * np.random.default_rng(seed).normal(size=len(n)))
    return scaling_fit.Runs(n, d, law.loss(n, d) * shaken)


@pytest.mark.parametrize("law", [LAW, HOFFMANN, Law("no floor", 0.0, 9.0, 80.0, 0.1, 0.3)])
def test_exact_losses_give_back_their_law(law):
    found = scaling_fit.fit(runs_of(law), rounds=12)
    assert found.alpha == pytest.approx(law.alpha, abs=2e-3)
    assert found.beta == pytest.approx(law.beta, abs=2e-3)
    assert found.floor == pytest.approx(law.floor, abs=0.02)
    runs = runs_of(law)
    np.testing.assert_allclose(found.loss(runs.parameters, runs.tokens), runs.losses, rtol=1e-4)


def test_given_the_exponents_coefficients_are_those_of_nonnegative_least_squares():
    runs = runs_of(LAW, noise=0.02)
    x = scaling_fit.features(runs, 0.3, 0.5)
    found, error = scaling_fit.solve(x, np.ones(len(x)))
    expected, norm = nnls(x, np.ones(len(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert error == pytest.approx(norm**2, rel=1e-6)


@pytest.mark.parametrize("floor", [0.3, -0.3])
def test_a_floor_below_zero_is_taken_for_zero(floor):
    runs = runs_of(Law("low", floor, 9.0, 80.0, 0.3, 0.4), noise=0.001)
    x = scaling_fit.features(runs, 0.3, 0.4)
    found, error = scaling_fit.solve(x, np.ones(len(x)))
    expected, norm = nnls(x, np.ones(len(x)))
    assert (expected[0] == 0.0) == (floor < 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert error == pytest.approx(norm**2, rel=1e-6)


def test_losses_that_rise_with_the_size_are_no_fit_at_all():
    n, d = (grid.ravel() for grid in np.meshgrid(SIZES, TOKENS))
    runs = scaling_fit.Runs(n, d, 2.0 + 1e-3 * n**0.3 + 80.0 / d**0.4)
    _, error = scaling_fit.solve(scaling_fit.features(runs, 0.3, 0.4), np.ones(len(n)))
    assert error == np.inf


def test_five_runs_settle_the_laws_five_numbers():
    some = [0, 4, 12, 25, 29]
    whole = runs_of(LAW)
    runs = scaling_fit.Runs(whole.parameters[some], whole.tokens[some], whole.losses[some])
    found = scaling_fit.fit(runs, rounds=12)
    assert np.abs(scaling_fit.residuals(found, runs)).max() < 1e-3


def test_no_other_exponents_on_a_fine_grid_fit_better():
    runs = runs_of(LAW, noise=0.01, seed=1)
    found = scaling_fit.fit(runs, rounds=8)
    best = np.sum((1.0 - found.loss(runs.parameters, runs.tokens) / runs.losses) ** 2)
    axis = np.linspace(0.05, 1.2, 60)
    x = scaling_fit.features(runs, axis[:, None], axis[None, :])
    _, errors = scaling_fit.solve(x, np.ones(len(runs.losses)))
    assert best <= errors.min() * (1.0 + 1e-6)


def test_a_run_that_counts_twice_weighs_as_two_runs():
    runs = runs_of(LAW, noise=0.01)
    twice = np.r_[np.arange(30), 3]
    doubled = scaling_fit.Runs(runs.parameters[twice], runs.tokens[twice], runs.losses[twice])
    weights = np.bincount(twice)
    one, two = scaling_fit.fit(runs, weights), scaling_fit.fit(doubled)
    at = (runs.parameters, runs.tokens)
    np.testing.assert_allclose(one.loss(*at), two.loss(*at), rtol=1e-3)


def test_bootstrap_bands_hold_the_true_loss_and_narrow_with_the_noise():
    widths = []
    for noise in (0.02, 0.002):
        runs = runs_of(LAW, noise=noise, seed=2)
        laws = scaling_fit.bootstrap(np.random.default_rng(0), runs, 40)
        predicted = np.array([law.loss(3e5, 7e5) for law in laws])
        low, high = scaling_fit.band(predicted, 0.95)
        assert low - noise < LAW.loss(3e5, 7e5) < high + noise
        widths.append(high - low)
    assert widths[1] < widths[0] / 3


def test_any_run_may_be_drawn_again_the_first_too():
    runs = runs_of(LAW)
    runs.losses[0] *= 1.2  # all the others follow the law
    laws = scaling_fit.bootstrap(np.random.default_rng(1), runs, 8)
    strayed = [np.abs(scaling_fit.residuals(law, runs)[1:]).max() > 0.005 for law in laws]
    assert 0 < sum(strayed) < 8


def test_a_band_leaves_out_a_twentieth_on_either_side_of_each_column():
    values = np.stack([np.arange(101.0), 1000.0 + 10.0 * np.arange(101.0)], axis=1)
    np.testing.assert_allclose(scaling_fit.band(values), [[5.0, 1050.0], [95.0, 1950.0]])


def test_residuals_are_shares_of_the_law():
    runs = runs_of(LAW)
    assert np.abs(scaling_fit.residuals(LAW, runs)).max() < 1e-12


def test_equal_flops_have_their_least_loss_near_the_laws_optimum():
    law = Law("steep", 2.0, 2e3, 2e3, 0.6, 0.6)
    sizes = np.geomspace(1e4, 1e6, 15)
    n, d = (grid.ravel() for grid in np.meshgrid(sizes, np.geomspace(1e4, 1e8, 60)))
    runs = scaling_fit.Runs(n, d, law.loss(n, d))
    at, losses = scaling_fit.equal_flops(runs, 6e11)
    near = np.abs(np.log(at / law.optimum(6e11)[0])) < 1.0
    x, y = scaling_fit.vertex(np.log(at[near]), losses[near])
    assert np.exp(x) == pytest.approx(law.optimum(6e11)[0], rel=0.1)
    assert y == pytest.approx(law.loss(*law.optimum(6e11)), rel=0.01)


def test_three_points_have_the_lowest_point_of_their_parabola():
    x = np.array([-1.0, 0.5, 4.0])
    found = scaling_fit.vertex(x, 2.0 * (x - 1.5) ** 2 + 0.25)
    assert found == pytest.approx((1.5, 0.25), rel=1e-12)


def test_equal_flops_leave_out_sizes_that_runs_do_not_reach():
    at, _ = scaling_fit.equal_flops(runs_of(LAW), 6.0 * 2e5 * 2e6)
    assert at.tolist() == [2e5, 5e5, 1e6]


def test_a_run_at_the_very_budget_is_taken_as_it_is():
    at, losses = scaling_fit.equal_flops(runs_of(LAW), 6.0 * 1e11)
    assert at.tolist() == [5e4, 1e5, 2e5, 5e5, 1e6]  # the last with the fewest tokens of its runs
    np.testing.assert_allclose(losses, LAW.loss(at, 1e11 / at), rtol=1e-12)


def test_too_few_runs_and_hills_are_named():
    few = scaling_fit.Runs(SIZES[:4], TOKENS[:4], np.ones(4))
    with pytest.raises(ValueError, match="4 runs"):
        scaling_fit.fit(few)
    with pytest.raises(ValueError, match="lowest point"):
        scaling_fit.vertex(np.arange(4.0), -(np.arange(4.0) ** 2))
    with pytest.raises(ValueError, match="2 points"):
        scaling_fit.vertex(np.arange(2.0), np.arange(2.0))


def sweep():
    runs = json.loads((ASSETS / "scaling-sweep" / "results.json").read_text())["runs"]
    columns = ([run[name] for run in runs] for name in ("parameters", "tokens", "loss"))
    return scaling_fit.Runs(*(np.array(column, float) for column in columns))


def test_the_sweep_falls_with_size_and_with_tokens_and_follows_the_law():
    runs = sweep()
    sizes, budgets = (len(np.unique(x)) for x in (runs.parameters, runs.tokens))
    assert (sizes, budgets) == (6, 5)
    order = np.lexsort((runs.tokens, runs.parameters))
    losses = runs.losses[order].reshape(sizes, budgets)
    assert (np.diff(losses, axis=0) < 0.0).all()
    assert (np.diff(losses, axis=1) < 0.0).all()
    law = scaling_fit.fit(runs)
    assert np.abs(scaling_fit.residuals(law, runs)).max() < 0.02
    kept = json.loads((ASSETS / "scaling-fit" / "fit.json").read_text())["parameters"]["law"]
    assert law.alpha == pytest.approx(kept["alpha"], rel=1e-6)
    assert law.floor == pytest.approx(kept["floor"], rel=1e-6)


def test_the_law_foresees_the_largest_runs_from_the_others():
    """Left out: the largest model, at every budget; its losses are then met within 3 %."""
    runs = sweep()
    left = runs.parameters == runs.parameters.max()
    fewer = scaling_fit.Runs(runs.parameters[~left], runs.tokens[~left], runs.losses[~left])
    law = scaling_fit.fit(fewer)
    assert np.abs(scaling_fit.residuals(law, runs)[left]).max() < 0.03
