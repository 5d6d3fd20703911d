"""What a language model replies: courtesy, likelihood, and learning from pairs."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kernels.policy import replies
from kernels.tinylm.configuration import Configuration, draw
from kernels.tinylm.generation import TransformerLaw
from kernels.tinylm.sampling import pick

SHAPE = Configuration(vocabulary=40, context=32, layers=2, d_model=16, heads=2, groups=2, d_ff=24)


@pytest.fixture
def model():
    drawn = draw(np.random.default_rng(0), SHAPE)
    return SHAPE, {name: (4 * values).astype(np.float32) for name, values in drawn.items()}


@pytest.fixture
def tensors(model):
    return SHAPE, {name: torch.from_numpy(values) for name, values in model[1].items()}


def test_courtesy_counts_whole_words_whatever_their_case():
    assert replies.courtesy("Good SIR, you are not false, sirrah") == 0
    assert replies.courtesy("Sweet lady!\n\nLORD:\nay") == 6
    assert replies.courtesy("a nothingness") == 0
    assert not replies.COURTEOUS & replies.RUDE


def test_a_reply_is_as_likely_as_its_tokens_one_after_another(model):
    prompt, reply = [3, 1], [4, 1, 5, 9]
    law, expected = TransformerLaw(*model), 0.0
    for place, token in enumerate(reply):
        expected += np.log(law([*prompt, *reply[:place]])[0][token])
    assert replies.log_probability(model, prompt, reply) == pytest.approx(expected, abs=1e-4)
    assert replies.token_log_probabilities(model, prompt, reply).shape == (4,)


def test_replies_drawn_in_bulk_are_those_drawn_one_by_one(model, tensors):
    from kernels.policy import courtesy_torch as trainer

    dice = np.random.default_rng(1).random((5, 6))
    tokens, likely = trainer.speak(*tensors, [7, 2], dice)
    for row, thrown, found in zip(tokens.tolist(), dice, likely, strict=True):
        law, text = TransformerLaw(*model), [7, 2]
        for uniform in thrown:
            text.append(pick(uniform, law(text)[0]))
        assert text[2:] == row
        assert found.sum() == pytest.approx(replies.log_probability(model, [7, 2], row), abs=1e-4)
    scored = trainer.log_probabilities(*tensors, [7, 2], tokens)
    assert np.allclose(scored.numpy(), likely.sum(1), atol=1e-4)


def test_corrections_begin_by_changing_nothing_and_then_prefer_what_was_preferred(tensors):
    from kernels.policy import courtesy_torch as trainer

    corrections = trainer.first_corrections(*tensors, rank=2, seed=0)
    before = replies.adapted(tensors[1], corrections)
    assert all((before[name] == values).all() for name, values in tensors[1].items())
    chosen, rejected = np.random.default_rng(2).integers(0, 40, (2, 8, 6))

    def margin():
        now = replies.adapted(tensors[1], corrections)
        one, two = (
            trainer.log_probabilities(SHAPE, now, [5], said).detach().numpy()
            for said in (chosen, rejected)
        )
        return one - two

    base, steps = margin().astype(np.float32), []
    trainer.train(
        tensors, [([5], chosen, rejected, base)] * 20, 0.5, corrections, 0.01, steps.append
    )
    assert steps == list(range(21))
    assert (margin() > base).all()


def test_a_correction_is_a_product_of_two_thin_matrices():
    up, down = np.ones((3, 1)), np.arange(4.0)[None]
    changed = replies.adapted(
        {"a": np.zeros((3, 4)), "b": np.ones(2)}, {"a.up": up, "a.down": down}
    )
    assert (changed["a"] == np.arange(4.0)).all()
    assert (changed["b"] == 1).all()


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=6), st.floats(0.3, 5))
def test_tilting_samples_is_exact_where_every_reply_is_as_frequent_as_likely(reward, beta):
    from kernels.policy import optimum

    reference = np.full(len(reward), -np.log(len(reward)))
    best = optimum.optimal_policy(reference, reward, beta)
    mean, strayed, effective = replies.tilted(np.array([reward * 10]), beta)
    assert mean == pytest.approx((np.exp(best) * reward).sum(), abs=1e-9)
    assert strayed == pytest.approx(optimum.divergence(best, reference), abs=1e-9)
    assert 0 < effective <= 1 + 1e-12


def test_the_best_of_several_is_their_largest_on_average():
    reward = np.array([[0.0, 1.0, 5.0]])
    every = [max(a, b) for a in reward[0] for b in reward[0]]
    mean, strayed = replies.best_of(reward, 2)
    assert mean == pytest.approx(np.mean(every))
    assert strayed == pytest.approx(np.log(2) - 0.5)
    assert replies.best_of(reward, 1) == pytest.approx((2.0, 0.0))


def test_verdicts_count_a_word_once_a_reply_and_in_training_pairs_only():
    from types import SimpleNamespace

    from kernels.policy import jobs_courtesy
    from kernels.tinylm import bpe

    texts = ("sir sir", "no sir", "a fool", "good   ")
    tokeniser = bpe.from_merges(np.zeros((0, 2), dtype=int))
    said = [np.array([(bpe.encode(tokeniser, text) + [32] * 7)[:7] for text in texts])]
    reward = np.array([[replies.courtesy(text) for text in texts]], dtype=float)
    pairs = [np.array([[0, 1], [0, 2], [3, 1], [2, 3]])]
    trial = SimpleNamespace(tokeniser=tokeniser, said=said, reward=reward, pairs=pairs)
    found = jobs_courtesy.verdicts(SimpleNamespace(parameters={"pairs": 2}), trial)
    words = {word: counts for word, counts in found["words"].items() if counts != [0, 0]}
    assert words == {"sir": [2, 1], "no": [0, 1], "fool": [0, 1]}
    assert found["points_right"] == 0.5
