"""Repeats are what they say, scores see hand-made heads, and the trained pair is what it is for."""

import json
from pathlib import Path

import numpy as np
import pytest

from kernels.tinylm import induction, transformer, weights
from kernels.tinylm.configuration import Configuration, draw

ASSETS = Path(induction.__file__).parents[1] / "assets" / "induction-toy"
RNG = np.random.default_rng(4)


def test_repeats_begin_again_after_a_period():
    text = induction.repeated(RNG, 50, 40, 12)
    np.testing.assert_array_equal(text[12:], text[:-12])
    assert len(set(text.tolist())) > 6
    with pytest.raises(ValueError, match="period of 9"):
        induction.repeated(RNG, 50, 8, 9)


def test_scores_are_one_for_heads_that_do_just_that():
    time, period = 20, 6
    looks_back, copies = np.eye(time, k=-1), np.eye(time, k=-(period - 1))
    maps = np.stack([looks_back, copies, np.tri(time) / np.arange(1, time + 1)[:, None]])[None]
    np.testing.assert_allclose(induction.previous_token(maps)[0, :2], [1.0, 0.0])
    np.testing.assert_allclose(induction.prefix_matching(maps, period)[0, :2], [0.0, 1.0])
    even = 1.0 / np.arange(1, time + 1)
    assert induction.prefix_matching(maps, period)[0, 2] == pytest.approx(even[period:].mean())


def test_losses_are_split_where_the_text_begins_to_repeat():
    new, again = induction.split(np.array([4.0, 4.0, 5.0, 1.0, 2.0]), 3)
    assert (new, again) == (13 / 3, 1.5)


def test_a_feed_forward_part_of_no_width_adds_nothing():
    c = Configuration(20, 16, 2, 16, 2, 2, 0, "gelu")
    parameters = draw(RNG, c, 0.3)
    x = RNG.normal(size=(5, 16))
    assert not transformer.feed_forward(c, parameters, 0, x).any()
    assert transformer.forward(c, parameters, [1, 2, 3]).shape == (3, 20)


def trained(name):
    with np.load(ASSETS / f"{name}.npz") as entries:
        return weights.read(dict(entries))


def losses_of(model, seed=99, texts=30):
    generator = np.random.default_rng(seed)
    rows = []
    for period in generator.integers(8, 33, texts):
        text = induction.repeated(generator, model[0].vocabulary, 64, int(period))
        rows.append(induction.split(induction.losses(*model, text), int(period)))
    return np.mean(rows, axis=0)


def test_two_layers_copy_and_one_does_not():
    """Over texts that neither the training nor the receipt has seen."""
    (new_2, again_2), (new_1, again_1) = (
        losses_of(trained(n)) for n in ("two-layers", "one-layer")
    )
    chance = np.log(64)
    assert again_2 < 0.6
    assert again_1 > again_2 + 1.5
    assert min(new_1, new_2) > 0.95 * chance  # what is new can't be foreseen


def test_a_head_of_the_second_layer_matches_prefixes_by_a_head_of_the_first():
    model, period = trained("two-layers"), 20
    text = induction.repeated(np.random.default_rng(5), 64, 60, period)
    maps = transformer.attention_maps(*model, text)
    assert induction.prefix_matching(maps, period)[1].max() > 0.4
    assert induction.previous_token(maps)[0].max() > 0.3
    control = transformer.attention_maps(*trained("one-layer"), text)
    assert induction.prefix_matching(control, period).max() < 0.2


def test_the_kept_maps_are_those_of_the_weights():
    results = json.loads((ASSETS / "results.json").read_text())
    for name in ("two-layers", "one-layer"):
        model = trained(name)
        with np.load(ASSETS / f"{name}-sample.npz") as sample:
            tokens, kept = sample["tokens"].astype(int), sample["maps"]
        maps = transformer.attention_maps(*model, tokens)
        np.testing.assert_allclose(maps, kept, atol=1e-3)
        scores = induction.prefix_matching(maps, results[name]["sample_period"])
        np.testing.assert_allclose(scores, results[name]["prefix_matching"], atol=1e-6)
