"""The shipped models load, foresee better than counting does, and repeat themselves exactly."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from kernels.tinylm import bpe, measures, speculative, transformer, weights
from kernels.tinylm.configuration import count_parameters
from kernels.tinylm.generation import TransformerLaw, generate
from kernels.tinylm.sampling import Rules
from kernels.tinylm.speculative_theory import acceptance_rate, expected_tokens

ASSETS = Path(transformer.__file__).parents[1] / "assets"
NAMES = ("target", "draft")


@cache
def model(name):
    with np.load(ASSETS / f"shakespeare-{name}" / "weights.npz") as entries:
        return weights.read(dict(entries), np.float32)


@cache
def results(name, file="results.json"):
    return json.loads((ASSETS / f"shakespeare-{name}" / file).read_text())


@cache
def tokeniser():
    return bpe.from_merges(np.load(ASSETS / "shakespeare-tokeniser" / "merges.npy"))


@cache
def held_out():
    return (ASSETS / "shakespeare-tokeniser" / "held-out.txt").read_text()


@cache
def tokens(characters=30_000):
    return np.array(bpe.encode(tokeniser(), held_out()[:characters]))


def test_the_pair_shares_a_tokeniser_that_loses_nothing():
    text = held_out()[50_000:60_000]
    assert bpe.decode(tokeniser(), bpe.encode(tokeniser(), text)) == text
    assert {model(name)[0].vocabulary for name in NAMES} == {tokeniser().vocabulary}


@pytest.mark.parametrize(("name", "least", "most"), [("target", 1e6, 2.1e6), ("draft", 1e5, 3e5)])
def test_weights_are_as_small_as_pages_can_send(name, least, most):
    size = (ASSETS / f"shakespeare-{name}" / "weights.npz").stat().st_size
    assert least < size < most
    assert size < 2.1 * count_parameters(model(name)[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_losses_on_a_slice_are_those_that_were_reported(name):
    bits = measures.text_surprisals(*model(name), tokens()[:2000], model(name)[0].context // 2)
    assert bits.mean() == pytest.approx(results(name)["slice_bits_per_token"], rel=1e-4)


@pytest.mark.slow
def test_the_target_is_clearly_better_than_the_best_counting():
    """On the whole of the held-out plays, by the receipts, and on a slice of one of them."""
    best = results("ngram", "baseline.json")["best"]["bits_per_character"]
    assert results("target")["bits_per_character"] < best - 0.1
    part = held_out()[120_000:126_000]
    ids = bpe.encode(tokeniser(), part)
    bits = measures.text_surprisals(*model("target"), ids, 128)
    assert measures.bits_per_character(bits, len(part)) < best


def test_the_draft_is_worse_than_the_target_and_far_better_than_guessing():
    target, draft = (results(name)["bits_per_token"] for name in NAMES)
    assert target < draft < np.log2(1024) - 3.0


@pytest.mark.slow
def test_text_is_the_same_for_the_same_seed():
    def write(seed):
        prompt = bpe.encode(tokeniser(), "OLIVIA:\n")
        law = TransformerLaw(*model("target"))
        return bpe.decode(tokeniser(), generate(np.random.default_rng(seed), law, prompt, 40))

    assert write(7) == write(7) != write(8)
    assert "\n" in write(7)


def test_greedy_drafting_writes_what_the_target_alone_writes():
    rules = Rules(temperature=0.0)
    laws = [TransformerLaw(*model(name), rules) for name in NAMES]
    prompt = [int(token) for token in tokens()[100:140]]
    generator = np.random.default_rng(0)
    rounds = list(speculative.rounds(generator, *laws, prompt, 4, 48))
    together = [int(token) for one in rounds for token in one.tokens]
    alone = list(
        generate(generator, TransformerLaw(*model("target"), rules), prompt, len(together))
    )
    assert together == alone
    assert len(rounds) < len(together)


def test_a_round_leaves_the_targets_own_law_on_real_text():
    """What is kept from the draft, and what comes after a rejection, add up to the target."""
    for place in (60, 200, 333):
        context = tokens()[place - 50 : place]
        p, q = (TransformerLaw(*model(name))(list(context))[0] for name in NAMES)
        accepted = q * speculative.acceptance(p, q)
        law = accepted + (1.0 - accepted.sum()) * speculative.residual(p, q)
        np.testing.assert_allclose(law, p, atol=1e-12)


def test_how_often_drafts_are_kept_is_as_reported():
    found = []
    for start in range(0, 4000, 500):
        text = tokens()[start : start + 128]
        laws = [np.exp(measures.log_softmax(transformer.forward(*model(n), text))) for n in NAMES]
        found.append(acceptance_rate(*laws).mean())
    alpha = results("draft")["acceptance_on_text"]
    assert np.mean(found) == pytest.approx(alpha, abs=0.05)
    assert results("draft")["expected_tokens"]["4"] == pytest.approx(expected_tokens(alpha, 4))
    decoding = results("draft")["decoding"]
    assert 1.5 < decoding["tokens_per_round"] < 5.0
