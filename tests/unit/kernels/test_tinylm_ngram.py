"""Kneser-Ney smoothing against its definition, spelt out in sets of tuples."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.tinylm import measures, ngram

TEXTS = st.lists(st.integers(0, 3), min_size=1, max_size=40)
ORDERS = st.integers(1, 4)
START = 4  # what is before the text, of a vocabulary of four


def grams_at(text, length, vocabulary=START):
    """Every n-gram of a text with its endless beginning, once for each place."""
    padded = [vocabulary] * (length - 1) + list(text)
    return [tuple(padded[i : i + length]) for i in range(len(text))]


def reference_counts(text, length, order, vocabulary=START):
    if length == order:
        return Counter(grams_at(text, length, vocabulary))
    longer = set(grams_at(text, length + 1, vocabulary))
    return Counter(gram[1:] for gram in longer)


def reference(text, context, symbol, order, vocabulary=START):
    """Follow the recursion from the empty context to the longest one that was seen."""
    found = 1.0 / vocabulary
    context = ([vocabulary] * order + list(context))[len(context) + 1 :]
    for length in range(1, order + 1):
        counts = reference_counts(text, length, order, vocabulary)
        history = tuple(context[len(context) - (length - 1) :])
        following = {gram: n for gram, n in counts.items() if gram[:-1] == history}
        if not following:
            break
        once = sum(n == 1 for n in counts.values())
        twice = sum(n == 2 for n in counts.values())
        discount = once / (once + 2 * twice) if once and twice else 0.5
        total = sum(following.values())
        left = max(counts[(*history, symbol)] - discount, 0.0) / total
        found = left + discount * len(following) / total * found
    return found


@settings(deadline=None)
@given(TEXTS, ORDERS, st.lists(st.integers(0, 3), max_size=5))
def test_distributions_are_those_of_the_definition(text, order, context):
    model = ngram.fit(text, order, START)
    expected = [reference(text, context, symbol, order) for symbol in range(START)]
    np.testing.assert_allclose(ngram.distribution(model, context), expected, rtol=1e-12)


@settings(deadline=None)
@given(TEXTS, ORDERS, TEXTS)
def test_distributions_are_positive_and_sum_to_one_after_anything(text, order, context):
    found = ngram.distribution(ngram.fit(text, order, START), context)
    assert found.shape == (START,)
    assert (found > 0.0).all()
    assert math.isclose(found.sum(), 1.0, rel_tol=1e-12)


@pytest.mark.slow
@settings(deadline=None)
@given(TEXTS, ORDERS, TEXTS)
def test_surprisals_are_those_of_one_distribution_after_another(text, order, other):
    model = ngram.fit(text, order, START)
    expected = [
        -math.log2(ngram.distribution(model, other[:i])[symbol]) for i, symbol in enumerate(other)
    ]
    np.testing.assert_allclose(ngram.surprisals(model, other), expected, rtol=1e-12)


def test_a_symbol_that_follows_only_one_other_is_rarer_after_new_ones():
    """Francisco is as frequent as the, but is only ever seen after San (Kneser & Ney)."""
    the, san, francisco, a, b, c, new = range(7)
    text = [san, francisco] * 6 + [a, the, b, the, c, the] * 2
    model = ngram.fit(text, 2, 7)
    assert text.count(the) == text.count(francisco)
    after = ngram.distribution(model, [new])
    assert after[the] > 2 * after[francisco]
    assert ngram.distribution(model, [san])[francisco] > 0.9


def test_what_a_context_gives_up_is_a_discount_for_every_kind():
    assert ngram.interpolate(3.0, 10.0, 4.0, 0.5, 0.25) == pytest.approx(0.3)
    assert ngram.interpolate(0.0, 10.0, 4.0, 0.5, 0.25) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("counts", "expected"), [([1, 1, 2, 5], 0.5), ([1, 1, 1, 2], 0.6), ([3, 4], 0.5), ([1], 0.5)]
)
def test_discounts_follow_from_how_many_were_seen_once_and_twice(counts, expected):
    assert ngram.discount_of(np.array(counts)) == pytest.approx(expected)


def test_longer_contexts_predict_a_repeating_text_better():
    text = [0, 1, 2, 1, 0, 2, 3, 3] * 40
    bits = [ngram.surprisals(ngram.fit(text, order, 4), text).mean() for order in range(1, 6)]
    assert bits == sorted(bits, reverse=True)
    assert bits[0] > 1.8
    assert bits[-1] < 0.1


def test_a_big_vocabulary_keeps_its_keys_apart():
    generator = np.random.default_rng(1)
    vocabulary = 100_000
    text = generator.choice([0, 7, 99_999, 50_000], 60)
    model = ngram.fit(text, 3, vocabulary)
    assert all(level.grams.dtype == np.int64 for level in model.levels)
    probed = [0, 7, 8, 50_000, 99_999]
    found = ngram.distribution(model, text[:9])
    expected = [reference(list(text), list(text[:9]), s, 3, vocabulary) for s in probed]
    np.testing.assert_allclose(found[probed], expected, rtol=1e-12)


def test_many_contexts_at_once_broadcast_against_symbols():
    text = np.random.default_rng(2).integers(0, 4, 50)
    model = ngram.fit(text, 3, 4)
    contexts = ngram.before(text, 3, 4)  # (time, 2)
    found = ngram.probability(model, contexts[:, None], np.arange(4))
    assert found.shape == (50, 4)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(found[9], ngram.distribution(model, text[:9]))
    assert (measures.entropy(found) <= 2.0 + 1e-12).all()


@pytest.mark.parametrize(
    ("text", "order", "message"),
    [([], 2, "nothing to count"), ([1], 0, "nothing to count"), ([4], 2, "from 0 to 3")],
)
def test_what_cannot_be_counted_is_refused(text, order, message):
    with pytest.raises(ValueError, match=message):
        ngram.fit(text, order, 4)


def test_symbols_that_the_vocabulary_lacks_have_no_surprisal():
    with pytest.raises(ValueError, match="from 0 to 3"):
        ngram.surprisals(ngram.fit([0, 1, 2], 2, 4), [1, 4])
