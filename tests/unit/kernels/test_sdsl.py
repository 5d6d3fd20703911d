"""Sizes of drafts against grids, whole lookaheads, and the figures that were published."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.cost import drafting
from kernels.cost.scaling import BESIROGLU, HOFFMANN
from kernels.tinylm import speculative_theory as theory

ALPHAS = st.floats(0.01, 0.995)
PRICES = st.floats(1e-4, 2.0)
SIZES = np.geomspace(1e7, 1e10, 1001)


@given(st.floats(1.0, 1e6))
def test_lambert_solves_its_equation_from_above(k):
    v = drafting.lambert(k)
    assert v >= 1.0
    assert v - np.log(v) == pytest.approx(k, rel=1e-12)


@settings(deadline=None)
@given(ALPHAS, PRICES)
def test_no_lookahead_on_a_grid_is_faster_than_the_closed_form(alpha, c):
    best = drafting.best_lookahead(alpha, c)
    found = drafting.speed_up(alpha, best, c)
    grid = np.concatenate([np.linspace(0.0, 20.0, 4001), np.geomspace(20.0, 1e5, 2001)])
    assert found >= drafting.speed_up(alpha, grid, c).max() * (1.0 - 1e-12)


@given(ALPHAS, PRICES)
def test_drafting_pays_below_the_price_that_is_said(alpha, c):
    limit = -alpha * np.log(alpha) / (1.0 - alpha)
    assert (drafting.best_lookahead(alpha, c) > 0.0) == (c < limit) or c == pytest.approx(limit)


@given(ALPHAS, st.integers(0, 30), PRICES)
def test_whole_lookaheads_are_leviathans_theorem(alpha, gamma, c):
    found = drafting.speed_up(alpha, float(gamma), c)
    assert found == pytest.approx(theory.speed_up(alpha, gamma, c), rel=1e-9)


@pytest.mark.slow
@given(st.floats(0.05, 0.9), st.floats(0.01, 2.0))
def test_the_best_whole_lookahead_is_leviathans(alpha, c):
    found = float(drafting.whole_lookahead(alpha, c))
    expected = theory.best_gamma(alpha, c)
    fastest = theory.speed_up(alpha, expected, c)
    assert found == expected or theory.speed_up(alpha, int(found), c) == pytest.approx(fastest)


def test_a_draft_that_is_always_kept_is_finite_and_one_never_kept_is_idle():
    assert np.isfinite(drafting.speed_up(1.0, 5.0, 0.1))
    assert drafting.speed_up(1.0, 5.0, 0.1) == pytest.approx(6.0 / 1.5, rel=1e-6)
    assert drafting.best_lookahead(0.0, 0.1) == 0.0


def test_acceptance_is_a_plane_cut_off_at_nothing_and_at_all():
    a = drafting.acceptance
    assert a(10.0, 8.0) - a(11.0, 8.0) == pytest.approx(0.0067)
    assert a(10.0, 8.0) - a(10.0, 7.0) == pytest.approx(0.01297)
    assert a(1e4, 8.0) == 0.0
    assert a(1.0, 100.0) == 1.0


def test_the_line_gives_the_published_sizes_and_ratios():
    assert round(drafting.line_draft(70e9) / 1e6) == 277
    ratios = [target / drafting.line_draft(target) for target in (70e9, 405e9)]
    assert [round(ratio) for ratio in ratios] == [253, 342]


@given(st.floats(1.0, 368.0))
def test_the_target_of_a_ratio_has_that_ratio(ratio):
    target = drafting.target_at(ratio)
    assert target / drafting.line_draft(target) == pytest.approx(ratio)


@pytest.mark.parametrize("ratio", [0.0, -3.0, 369.1, 1000.0])
def test_a_ratio_that_the_line_never_reaches_is_refused(ratio):
    with pytest.raises(ValueError, match="the ratio stays below 369"):
        drafting.target_at(ratio)


@pytest.mark.parametrize("law", [HOFFMANN, BESIROGLU], ids=lambda law: law.source)
@pytest.mark.parametrize("target", [30e9, 70e9])
def test_either_law_of_loss_puts_the_best_draft_near_the_line(law, target):
    best, speed = drafting.best_draft(SIZES, target, law, (1e12, 1e12))
    assert best == pytest.approx(drafting.line_draft(target), rel=0.1)
    assert 2.5 < speed < 3.0


@given(st.sampled_from([13e9, 70e9, 405e9]), st.floats(0.0, 0.3))
@settings(deadline=None, max_examples=20)
def test_the_best_draft_is_no_slower_than_any(target, extra):
    best, speed = drafting.best_draft(SIZES, target, HOFFMANN, (1e12, 1e12), extra)
    assert best in SIZES
    assert speed == drafting.draft_speeds(SIZES, target, HOFFMANN, (1e12, 1e12), extra).max()


@pytest.mark.parametrize(
    ("target", "read", "millions"),
    [(13e9, 1.8e11, 117), (30e9, 1.8e11, 189), (70e9, 1.5e13, 313), (110e9, 3e12, 410)],
)
def test_the_optima_that_the_paper_found_come_back_to_about_a_hundredth(target, read, millions):
    """Drafts of the OPT family, trained on 180 billion tokens."""
    best, _ = drafting.best_draft(SIZES, target, BESIROGLU, (1.8e11, read))
    assert best / 1e6 == pytest.approx(millions, rel=0.011)


def test_a_cost_that_no_draft_escapes_makes_the_best_one_larger():
    bests = [drafting.best_draft(SIZES, 70e9, HOFFMANN, (1e12, 1e12), extra)
             for extra in (0.0, 0.01, 0.05, 0.2)]  # fmt: skip
    sizes, speeds = zip(*bests, strict=True)
    assert list(sizes) == sorted(sizes)
    assert list(speeds) == sorted(speeds, reverse=True)
