"""The contrastive loss, pages and captions, two encoders, and the pair that was trained."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.autodiff.backward import value_and_gradients
from kernels.autodiff.losses import contrastive
from kernels.autodiff.tensor import Tensor
from kernels.contrastive import captions, encoders, judging, loss


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_the_loss_is_what_training_minimised(rng):
    logits = 4 * rng.standard_normal((7, 7))
    assert loss.symmetric_loss(logits) == pytest.approx(contrastive(logits).data.item(), abs=1e-12)


def test_the_loss_does_not_care_which_side_asks(rng):
    logits = rng.standard_normal((5, 5))
    assert loss.symmetric_loss(logits) == pytest.approx(loss.symmetric_loss(logits.T), abs=1e-12)
    assert loss.symmetric_loss(logits + 1000) == pytest.approx(loss.symmetric_loss(logits))


def test_the_gradient_agrees_with_reverse_mode(rng):
    logits = 3 * rng.standard_normal((6, 6))
    _, found = value_and_gradients(lambda p: contrastive(p["logits"]), {"logits": logits})
    assert np.allclose(loss.gradient(logits), found["logits"], atol=1e-12)


@given(st.integers(2, 40), st.floats(0.1, 50))
def test_a_simplex_meets_the_floor_and_equal_vectors_cost_log_n(pairs, scale):
    simplex = np.eye(pairs) - 1 / pairs
    reached = loss.symmetric_loss(loss.similarities(simplex, simplex, scale))
    assert reached == pytest.approx(loss.floor(pairs, scale), abs=1e-9)
    same = np.ones((pairs, 3))
    blind = loss.symmetric_loss(loss.similarities(same, same, scale))
    assert blind == pytest.approx(np.log(pairs), abs=1e-9)


@given(st.integers(2, 12), st.integers(1, 6), st.floats(0.5, 30), st.integers(0, 99))
def test_nothing_lies_below_the_floor(pairs, d, scale, seed):
    images, texts = np.random.default_rng(seed).standard_normal((2, pairs, d))
    found = loss.symmetric_loss(loss.similarities(images, texts, scale))
    close = loss.symmetric_loss(loss.similarities(images, images, scale))
    assert min(found, close) >= loss.floor(pairs, scale) - 1e-9


def test_similarities_are_cosines(rng):
    images, texts = rng.standard_normal((3, 4)), rng.standard_normal((5, 4))
    found = loss.similarities(images, texts, 2.0)
    assert found.shape == (3, 5)
    cosine = images[1] @ texts[4] / np.linalg.norm(images[1]) / np.linalg.norm(texts[4])
    assert found[1, 4] == pytest.approx(2 * cosine)


def test_nine_pairs_are_unseen_and_every_digit_is_in_one():
    kept = [pair for pair in captions.PAIRS if captions.unseen(*pair)]
    assert (len(captions.PAIRS), len(kept)) == (55, 9)
    assert {digit for pair in kept for digit in pair} == set(range(10))
    first, second = np.array(captions.PAIRS).T
    assert captions.unseen_pairs(first, second).sum() == 9


def test_sentences_take_the_right_article_and_only_known_words():
    assert captions.say((8, 3, 1), captions.TEMPLATES[0]) == (
        "a photo of an eight and a three in white ink"
    )
    for template in captions.TEMPLATES:
        for pair in captions.PAIRS:
            assert set(captions.split(captions.say((*pair, 0), template))) <= set(captions.WORDS)


def test_words_are_counted_whatever_their_case_and_order():
    table = captions.counts(["A three, a SEVEN.", "seven a three a", "cats"])
    assert np.array_equal(table[0], table[1])
    assert table[0, captions.WORDS.index("a")] == 2
    assert table[2].sum() == 0


def test_a_page_holds_two_digits_in_one_ink():
    left, right = np.full((1, 64), 0.5), np.full((1, 64), -1.0)
    black = captions.draw_pages(left, right, [0]).reshape(8, 16)
    white = captions.draw_pages(left, right, [1]).reshape(8, 16)
    assert (black[:, :8] == 0.5).all() and (black[:, 8:] == -1).all()
    assert np.array_equal(white, -black)


def test_training_never_sees_an_unseen_pair(rng):
    labels = np.arange(200) % 10
    rows, inks = captions.draw_scenes(rng, labels, 500)
    assert rows.shape == (500, 2) and set(inks.tolist()) == {0, 1}
    assert not captions.unseen_pairs(*labels[rows].T).any()
    pages, counted = captions.draw_pairs(rng, rng.standard_normal((200, 64)), labels, 30)
    assert pages.shape == (30, 128) and counted.shape == (30, len(captions.WORDS))
    assert (counted.sum(axis=1) >= 5).all()


def test_the_encoders_learn_from_gradients_that_are_right(rng):
    parameters = encoders.draw(rng, len(captions.WORDS), 5, 3)
    labels = np.arange(40) % 10
    batch = captions.draw_pairs(rng, rng.standard_normal((40, 64)), labels, 6)
    _, gradients = value_and_gradients(encoders.pairing_loss, parameters, *batch)
    for name, place in (("page", (3, 2)), ("text_out", (1, 1)), ("log_scale", ())):
        values = []
        for sign in (1, -1):
            moved = {key: array.copy() for key, array in parameters.items()}
            moved[name][place] += sign * 1e-6
            held = {key: Tensor(array) for key, array in moved.items()}
            values.append(encoders.pairing_loss(held, *batch).data.item())
        assert (values[0] - values[1]) / 2e-6 == pytest.approx(gradients[name][place], abs=1e-6)


def test_the_scale_stops_at_a_hundred(rng):
    parameters = encoders.draw(rng, len(captions.WORDS), 5, 3, scale=100.0)
    batch = captions.draw_pairs(rng, rng.standard_normal((40, 64)), np.arange(40) % 10, 6)
    higher = {**parameters, "log_scale": parameters["log_scale"] + 1}
    losses = [encoders.pairing_loss(p, *batch).data.item() for p in (parameters, higher)]
    assert losses[0] == losses[1]


def test_both_halves_of_a_page_are_read_alike(rng):
    parameters = encoders.draw(rng, len(captions.WORDS), 5, 3)
    left, right = rng.standard_normal((2, 4, 64))
    pages = captions.draw_pages(left, right, [0] * 4), captions.draw_pages(right, left, [0] * 4)
    one, other = (encoders.encode_pages(parameters, each).data for each in pages)
    assert one.shape == (4, 3) and np.allclose(one, other)


def test_accuracy_counts_seen_and_unseen_pairs_apart():
    texts = np.eye(55)
    pairs = np.arange(55)
    assert judging.accuracy(texts, texts, pairs) == (1.0, 1.0)
    images = texts.copy()
    images[captions.PAIRS.index((0, 4))] = texts[0]
    assert judging.accuracy(images, texts, pairs) == (1.0, pytest.approx(8 / 9))


def test_a_test_names_what_its_pages_show(rng):
    digits, labels = np.repeat(np.arange(10.0)[:, None], 64, axis=1), np.arange(10)
    pages, pairs, inks = judging.draw_test(rng, digits, labels, 50)
    for page, pair, ink in zip(pages.reshape(50, 8, 16), pairs, inks, strict=True):
        shown = sorted(np.abs(page[0, [0, 8]]).astype(int).tolist())
        assert tuple(shown) == captions.PAIRS[pair]
        assert ink == 1 or page.min() >= 0


def test_an_ensemble_has_a_vector_for_each_pair(rng):
    parameters = encoders.draw(rng, len(captions.WORDS), 5, 3)
    assert judging.ensemble(parameters).shape == (55, 3)
    assert judging.classes(judging.BARE)[1] == "zero one"
