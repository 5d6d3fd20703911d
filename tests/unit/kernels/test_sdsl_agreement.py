"""Agreement of two models against loops, draws, and models that are known."""

import numpy as np
import pytest

from kernels.tinylm import agreement, ngram

VOCABULARY = 7


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def text(rng):
    steps = rng.integers(0, 3, 400)
    return np.cumsum(steps) % VOCABULARY


def constant(law):
    return lambda window: np.tile(law, (len(window), 1))


def test_an_ngram_reader_expects_what_the_model_does(text):
    model = ngram.fit(text, 3, VOCABULARY)
    laws = agreement.ngram_reader(model)(text[:9])
    for place in range(9):
        expected = ngram.distribution(model, text[: place + 1])
        np.testing.assert_allclose(laws[place], expected, atol=1e-15)


def test_surprise_is_the_mean_of_logarithms(rng):
    laws = rng.dirichlet(np.ones(4), size=5)
    following = np.array([3, 0, 2, 2, 1])
    by_hand = -sum(np.log(laws[i, t]) for i, t in enumerate(following)) / 5
    assert agreement.surprise(laws, following) == pytest.approx(by_hand)


def test_windows_reach_from_the_first_token_to_the_last(text):
    pairs = list(agreement.windows(text, 32, 5))
    assert len(pairs) == 5
    np.testing.assert_array_equal(pairs[0][0], text[:32])
    np.testing.assert_array_equal(pairs[-1][1], text[-32:])
    for window, following in pairs:
        np.testing.assert_array_equal(window[1:], following[:-1])


def test_acceptance_is_symmetric_and_whole_with_oneself(text, rng):
    readers = [constant(law) for law in rng.dirichlet(np.ones(VOCABULARY), size=3)]
    _, kept, _ = agreement.agree(readers, text, 32, 4)
    np.testing.assert_allclose(kept, kept.T, atol=1e-15)
    np.testing.assert_allclose(np.diagonal(kept), 1.0, atol=1e-12)
    first, second = (reader(text[:1])[0] for reader in readers[:2])
    assert kept[0, 1] == pytest.approx(sum(map(min, first, second)))


def test_acceptance_is_how_often_a_draw_passes_its_test(rng):
    p, q = rng.dirichlet(np.ones(VOCABULARY), size=2)
    drawn = rng.choice(VOCABULARY, 40_000, p=q)
    passed = rng.random(40_000) < np.minimum(1.0, p[drawn] / q[drawn])
    _, kept, _ = agreement.agree([constant(p), constant(q)], np.zeros(40, int), 16, 2)
    assert kept[0, 1] == pytest.approx(passed.mean(), abs=0.01)


def test_equal_chances_have_the_perplexity_of_their_number(text):
    perplexities, _, _ = agreement.agree([constant(np.full(VOCABULARY, 1 / 7))], text, 32, 4)
    assert perplexities[0] == pytest.approx(7.0)


def test_a_temperature_of_one_changes_nothing_and_others_cost_acceptance(text, rng):
    reader = constant(rng.dirichlet(np.ones(VOCABULARY)))
    perplexities, _, warm = agreement.agree([reader], text, 32, 4, (0.5, 1.0, 2.0))
    np.testing.assert_allclose(warm[1], [perplexities[0], 1.0])
    assert max(warm[0, 1], warm[2, 1]) < 1.0


def test_a_cold_law_is_sharper_and_all_sum_to_one(rng):
    law = rng.dirichlet(np.ones(VOCABULARY), size=3)
    cold = agreement.temper(law, 0.5)
    np.testing.assert_allclose(cold.sum(axis=-1), 1.0)
    assert (cold.max(axis=-1) > law.max(axis=-1)).all()


def test_a_plane_finds_itself_and_explains_all(rng):
    x, y = rng.uniform(5.0, 60.0, (2, 30))
    found, explained = agreement.plane(x, y, -0.0067 * x + 0.013 * y + 0.64)
    np.testing.assert_allclose(found, [-0.0067, 0.013, 0.64], atol=1e-10)
    assert explained == pytest.approx(1.0)


def test_a_plane_explains_nothing_of_what_has_nothing_to_do_with_it():
    x, y = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    _, explained = agreement.plane(x, y, np.array([1.0, 0.0, 0.0, 1.0]))
    assert explained == pytest.approx(0.0, abs=1e-12)
