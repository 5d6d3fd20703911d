"""Modelled gains against the paper's two theorems, and the counting of runs against known laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.cost import models, steps
from kernels.cost.devices import H100
from kernels.cost.roofline import times
from kernels.tinylm import jobs_speculative
from kernels.tinylm import speculative_cost as cost
from kernels.tinylm import speculative_theory as theory

LARGE, SMALL, SPARSE = models.LLAMA_3_70B, models.LLAMA_3_8B, models.MIXTRAL_8X7B
GAMMAS, BATCHES = st.integers(0, 8), st.integers(1, 300)


@given(BATCHES, st.sampled_from([LARGE, SMALL, SPARSE]))
def test_a_check_without_a_draft_is_a_step_of_decoding(batch, model):
    found, plain = cost.checking(model, batch, 700, 0), steps.decode(model, batch, 700)
    assert (found.flops, found.moved) == pytest.approx((plain.flops, plain.moved), rel=1e-12)


@given(BATCHES, GAMMAS)
def test_a_dense_check_multiplies_arithmetic_and_reads_no_more(batch, gamma):
    found, plain = cost.checking(LARGE, batch, 700, gamma), steps.decode(LARGE, batch, 700)
    assert found.flops == pytest.approx((gamma + 1) * plain.flops, rel=1e-12)
    assert found.moved == pytest.approx(plain.moved, rel=1e-12)


def test_a_check_by_experts_reads_those_that_its_tokens_meet():
    plain, check = steps.decode(SPARSE, 1, 700), cost.checking(SPARSE, 1, 700, 7)
    assert plain.moved < check.moved < 2.0 * models.MIXTRAL_8X7B.reported + 1e9


@given(st.floats(0.0, 0.95), st.integers(1, 8))
def test_one_text_gains_what_theorem_3_8_says(alpha, gamma):
    c = cost.run_seconds(SMALL, 1, 100, 0, H100, 1) / cost.run_seconds(LARGE, 1, 100, 0, H100, 1)
    assert times(cost.checking(LARGE, 1, 100, gamma), H100).bound == "memory"
    found = cost.modelled_speed_up(LARGE, SMALL, alpha, gamma, 1, 100, H100)
    assert found == pytest.approx(float(theory.speed_up(alpha, gamma, c)), rel=1e-9)


@given(st.floats(0.0, 0.95), st.integers(1, 8))
def test_a_full_machine_loses_what_theorem_3_11_says(alpha, gamma):
    batch, context = 100_000, 1
    plain = [steps.decode(model, batch, context) for model in (SMALL, LARGE)]
    assert all(times(work, H100).bound == "compute" for work in plain)
    found = cost.modelled_speed_up(LARGE, SMALL, alpha, gamma, batch, context, H100)
    more = float(theory.more_operations(alpha, gamma, plain[0].flops / plain[1].flops))
    assert found == pytest.approx(1.0 / more, rel=1e-9)


def sure(token):
    """A law that is certain of one token."""
    return lambda tokens, last: np.tile(np.eye(4)[token], (last, 1))


@pytest.mark.parametrize(("draft", "runs", "kept"), [(2, 3, 6), (1, 8, 0)])
def test_runs_are_counted_for_a_draft_that_is_always_or_never_right(draft, runs, kept):
    generator = np.random.default_rng(0)
    counts = jobs_speculative.together([sure(2), sure(draft)], generator, [0], 2, 8)
    assert list(counts) == [runs, runs + kept, 2 * runs if kept else runs, kept]


def test_the_rate_on_its_own_text_is_the_overlap_of_two_constant_laws():
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    laws = [lambda tokens, last, row=row: np.tile(row, (last, 1)) for row in (p, q)]
    rates = jobs_speculative.kept_of_own_text(laws, np.random.default_rng(1), [0], 5)
    np.testing.assert_allclose(rates, np.full(5, 0.6), rtol=1e-12)
