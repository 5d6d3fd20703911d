"""Speculative decoding: its law by enumeration, its gains by formula, its text by real models."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.tinylm import configuration as shaped
from kernels.tinylm import generation, sampling, speculative, transformer
from kernels.tinylm import speculative_theory as theory
from kernels.tinylm.configuration import Configuration
from kernels.tinylm.generation import TransformerLaw
from kernels.tinylm.sampling import Rules

SEEDS = st.integers(0, 2**32 - 1)


def distributions(seed, *shape, zeros=True):
    """Draw distributions of which about a third of the tokens are impossible."""
    generator = np.random.default_rng(seed)
    raised = generator.random(shape) ** 2 + 1e-3
    if zeros:
        raised *= generator.random(shape) < 0.7
        raised[..., 0] += 1e-6  # never all of them
    return raised / raised.sum(axis=-1, keepdims=True)


def tree(seed, vocabulary):
    """A law that answers every text with its own distribution."""

    def law(tokens, last):
        ends = range(len(tokens) - last + 1, len(tokens) + 1)
        rows = [distributions([seed, end, *tokens[:end]], vocabulary) for end in ends]
        return np.array(rows)

    return law


# ---- one token ----


@settings(deadline=None)
@given(SEEDS, st.integers(1, 8))
def test_a_token_kept_or_replaced_has_the_target_law(seed, vocabulary):
    p, q = distributions(seed, 2, vocabulary)
    np.testing.assert_allclose(theory.one_token_law(p, q), p, rtol=0, atol=1e-12)


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.integers(1, 8))
def test_the_residual_is_a_distribution_of_what_the_draft_offers_too_little_of(seed, vocabulary):
    p, q = distributions(seed, 2, vocabulary)
    found = speculative.residual(p, q)
    assert math.isclose(found.sum(), 1.0, rel_tol=1e-12)
    if not np.allclose(p, q):
        assert (found[q >= p] == 0.0).all()


def test_equal_laws_keep_everything_and_leave_no_residual_to_divide():
    p = distributions(3, 5)
    np.testing.assert_array_equal(speculative.acceptance(p, p), 1.0)
    np.testing.assert_array_equal(speculative.residual(p, p), p)
    assert theory.acceptance_rate(p, p) == pytest.approx(1.0)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 8))
def test_the_acceptance_rate_is_the_shared_mass_and_one_less_the_divergence(seed, vocabulary):
    p, q = distributions(seed, 2, vocabulary)
    by_token = sum(q[t] * min(1.0, p[t] / q[t]) for t in range(vocabulary) if q[t] > 0.0)
    assert theory.acceptance_rate(p, q) == pytest.approx(by_token, abs=1e-12)
    assert theory.acceptance_rate(p, q) == pytest.approx(1 - theory.divergence(p, q), abs=1e-12)
    half_l1 = sum(abs(p[t] - q[t]) for t in range(vocabulary)) / 2
    assert theory.divergence(p, q) == pytest.approx(half_l1, abs=1e-12)


# ---- whole texts, by enumeration ----


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.integers(2, 3), st.integers(0, 3), st.integers(1, 3))
def test_whole_texts_have_the_target_law_whatever_the_draft(seed, vocabulary, gamma, count):
    target, draft = tree(seed, vocabulary), tree(seed + 1, vocabulary)
    found = theory.text_law(target, draft, [0], gamma, count)
    plain = theory.plain_law(target, [0], count)
    assert theory.largest_difference(found, plain) <= 1e-12
    assert math.isclose(sum(found.values()), 1.0, rel_tol=1e-12)


def test_the_plain_law_is_the_chain_rule():
    target = tree(5, 2)
    law = theory.plain_law(target, [1], 3)
    text = max(law, key=law.__getitem__)
    chances = [target([1, *text[:i]], 1)[0][text[i]] for i in range(3)]
    assert law[text] == pytest.approx(math.prod(chances), rel=1e-12)


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.integers(1, 3))
def test_a_round_adds_at_least_one_token_and_one_more_than_drafted_at_most(seed, gamma):
    law = theory.round_law(tree(seed, 2), tree(seed + 1, 2), [0], gamma)
    assert {len(added) for added in law} <= set(range(1, gamma + 2))
    assert math.isclose(sum(law.values()), 1.0, rel_tol=1e-12)


def accept_all(p, q):
    return np.ones_like(p)


def accept_by_half(p, q):
    return 0.5 * np.minimum(1.0, p / np.where(q > 0.0, q, 1.0))


def whole_target(p, q):
    return p


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("acceptance", accept_all),
        ("acceptance", accept_by_half),
        ("residual", whole_target),
        ("excess", lambda p, q: np.abs(p - q)),
    ],
)
def test_each_step_is_needed_for_the_law(step, fault, monkeypatch):
    target, draft = tree(8, 3), tree(9, 3)
    plain = theory.plain_law(target, [0], 2)
    monkeypatch.setattr(speculative, step, fault)
    monkeypatch.setattr(theory, "acceptance", speculative.acceptance)
    assert theory.largest_difference(theory.text_law(target, draft, [0], 2, 2), plain) > 1e-3


# ---- the steps that run, against the enumeration ----


@pytest.mark.slow
def test_rounds_that_run_have_the_law_that_was_enumerated():
    target, draft, gamma, runs = tree(11, 3), tree(12, 3), 2, 4000
    law = theory.round_law(target, draft, [1], gamma)
    generator = np.random.default_rng(4)
    seen = Counter(
        speculative.step(generator, target, draft, [1], gamma).tokens for _ in range(runs)
    )
    assert seen.keys() <= law.keys()
    for added, chance in law.items():
        assert abs(seen[added] - runs * chance) <= 4.5 * math.sqrt(runs * chance) + 1


def test_a_draft_is_kept_up_to_its_first_rejection():
    p = np.array([[0.2, 0.8], [0.5, 0.5], [1.0, 0.0]])
    q = np.array([[0.4, 0.6], [0.5, 0.5], [0.5, 0.5]])
    drafted = [0, 1, 1]  # kept with probability 1/2, 1 and 0
    assert speculative.count_accepted([0.49, 0.99, 0.0], drafted, p, q) == 2
    assert speculative.count_accepted([0.50, 0.0, 0.0], drafted, p, q) == 0
    assert speculative.count_accepted([0.0, 0.99, 0.0], [0, 1, 0], p, q) == 3


def test_the_last_token_comes_from_the_residual_or_from_one_place_further():
    p, q = distributions(6, 3, 4), distributions(7, 2, 4)
    np.testing.assert_array_equal(speculative.last_law(1, p, q), speculative.residual(p[1], q[1]))
    np.testing.assert_array_equal(speculative.last_law(2, p, q), p[2])


def test_a_round_says_what_it_adds():
    assert speculative.Round((4, 5, 6), 2, 9).tokens == (4, 5, 9)
    assert speculative.Round((), 0, 9).tokens == (9,)


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.integers(0, 4))
def test_a_draft_that_is_the_target_is_always_kept_whole(seed, gamma):
    law = tree(seed, 4)
    done = speculative.step(np.random.default_rng(seed), law, law, [0, 1], gamma)
    assert done.accepted == gamma
    assert len(done.tokens) == gamma + 1


# ---- what it gains ----


@settings(deadline=None)
@given(st.floats(0.0, 0.99), st.integers(0, 12))
def test_tokens_a_run_are_the_closed_form_and_the_mean_of_their_law(alpha, gamma):
    found = theory.expected_tokens(alpha, gamma)
    assert found == pytest.approx((1 - alpha ** (gamma + 1)) / (1 - alpha), rel=1e-12)
    law = theory.accepted_law(alpha, gamma)
    assert law.sum() == pytest.approx(1.0)
    assert found == pytest.approx(1 + (law * np.arange(gamma + 1)).sum(), rel=1e-12)


def test_a_perfect_draft_gives_all_its_tokens_and_one_more():
    assert theory.expected_tokens(1.0, 7) == 8.0
    np.testing.assert_allclose(theory.expected_tokens(np.array([0.0, 0.5]), 2), [1.0, 1.75])


def test_tokens_a_run_follow_the_formula_where_every_place_is_alike():
    p, q = distributions(1, 2, 6, zeros=False)
    target, draft = (lambda t, last, row=row: np.tile(row, (last, 1)) for row in (p, q))
    law = theory.round_law(target, draft, [0], 3)
    mean = sum(len(added) * chance for added, chance in law.items())
    assert mean == pytest.approx(theory.expected_tokens(theory.acceptance_rate(p, q), 3), rel=1e-12)


def test_time_and_operations_are_those_of_the_paper():
    assert theory.speed_up(0.8, 5, 0.0) == pytest.approx((1 - 0.8**6) / 0.2)
    assert theory.speed_up(0.6, 3, 0.1) == pytest.approx((1 - 0.6**4) / (0.4 * 1.3))
    assert theory.more_operations(0.6, 3, 0.1) == pytest.approx(0.4 * 4.3 / (1 - 0.6**4))
    assert theory.speed_up(0.5, 0, 0.3) == theory.more_operations(0.5, 0, 0.3) == 1.0


@pytest.mark.slow
@settings(deadline=None)
@given(st.floats(0.0, 0.98), st.floats(0.001, 1.5))
def test_no_other_length_of_draft_is_faster_and_drafting_pays_where_it_is_cheap(alpha, c):
    best = theory.best_gamma(alpha, c)
    speeds = [theory.speed_up(alpha, gamma, c) for gamma in range(65)]
    assert speeds[best] == max(speeds)
    if alpha > c + 1e-9:  # Corollary 3.9
        assert speeds[best] >= (1 + alpha) / (1 + c) > 1.0
    if alpha < c - 1e-9:
        assert best == 0


# ---- with transformers ----

BIG = Configuration(9, 12, 2, 16, 2, 1, 20)
SMALL = Configuration(9, 12, 1, 8, 2, 2, 12)


def real(c, seed, rules=None):
    return TransformerLaw(c, shaped.draw(np.random.default_rng(seed), c, 0.4), rules)


def window_logits(law, tokens):
    text = generation.window(tokens, law.configuration.context)
    return transformer.forward(law.configuration, law.parameters, text)


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(
    SEEDS, st.lists(st.lists(st.integers(0, 8), min_size=1, max_size=30), min_size=1, max_size=5)
)
def test_laws_through_a_cache_are_those_of_reading_anew(seed, texts):
    rules = Rules(penalty=1.3, temperature=0.7, top_k=6)
    law = real(BIG, seed, rules)
    for tokens in texts:
        rows = window_logits(law, tokens)
        last = 1 + seed % len(rows)
        found = law(tokens, last)
        for back in range(1, last + 1):
            prefix = tokens[: len(tokens) - back + 1]
            expected = sampling.distribution(rows[-back], rules, prefix)
            np.testing.assert_allclose(found[-back], expected, rtol=0, atol=1e-9)


def test_a_text_that_goes_on_is_read_one_token_at_a_time():
    law = real(BIG, 1)
    text = list(generation.generate(np.random.default_rng(2), law, [3, 1], 8))
    assert len(text) == 8
    assert law.runs == 8
    assert law.read == 2 + 7


def test_texts_go_on_past_the_context():
    law = real(BIG, 1)
    text = [3, *generation.generate(np.random.default_rng(2), law, [3], 40)]
    assert len(text) == 41
    again = np.random.default_rng(2)
    for end in range(1, 41):
        p = sampling.distribution(window_logits(law, text[:end])[-1], Rules())
        assert sampling.draw(again, p) == text[end]


@settings(deadline=None)
@given(st.integers(0, 100), st.integers(1, 20))
def test_a_window_is_an_end_of_the_text_that_fits_and_keeps_half_a_context(length, context):
    tokens = list(range(length))
    found = generation.window(tokens, context)
    assert found == tokens[length - len(found) :]
    assert min(length, context - context // 2) <= len(found) <= context


def test_greedy_drafts_give_the_greedy_text_in_fewer_runs():
    rules = Rules(temperature=0.0)
    plain = real(BIG, 1, rules)
    expected = list(generation.generate(np.random.default_rng(0), plain, [2], 9))
    target = real(BIG, 1, rules)
    found, runs = [], 0
    for done in speculative.rounds(
        np.random.default_rng(1), target, real(BIG, 1, rules), [2], 3, 9
    ):
        found += done.tokens
        runs += 1
    assert found[:9] == expected
    assert target.runs == runs == 3
    other = real(BIG, 1, rules)
    found = [
        token
        for done in speculative.rounds(
            np.random.default_rng(1), other, real(SMALL, 5, rules), [2], 2, 9
        )
        for token in done.tokens
    ]
    assert found[:9] == expected


def test_two_transformers_together_have_the_law_of_the_large_one():
    c = Configuration(3, 12, 1, 8, 2, 1, 8)
    rules = Rules(temperature=1.5, top_p=0.9)
    target, draft = real(c, 1, rules), real(c, 2, rules)
    found = theory.text_law(target, draft, [0], 2, 3)
    assert theory.largest_difference(found, theory.plain_law(real(c, 1, rules), [0], 3)) <= 1e-12


def test_a_text_has_no_more_prefixes_than_tokens():
    with pytest.raises(ValueError, match="2 tokens have no 3 prefixes"):
        real(BIG, 1)([1, 2], 3)


def test_a_token_refused_leaves_the_law_as_good_as_new():
    law = real(BIG, 1)
    law([1, 2, 3])
    with pytest.raises(ValueError, match="from 0 to 8"):
        law([1, 9, 3])
    np.testing.assert_allclose(law([1, 2, 3, 4]), real(BIG, 1)([1, 2, 3, 4]), atol=1e-12)
