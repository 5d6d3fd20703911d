"""What dividing by an answer's length does to its length, where length earns nothing.

Provenance: GRPO's average over tokens is Shao et al. 2024, DeepSeekMath (arXiv:2402.03300), eq. 3;
its bias is Liu et al. 2025, Understanding R1-Zero-Like Training (arXiv:2503.20783), §3.1. The
rambler and its closed forms are ours.

A rambler has got its answer right or wrong before it begins to write, and can tell. Then it goes on
with the chance `c` after each token, whatever that brings: an answer of `L` tokens has the chance
`(1 - c) c ** (L - 1)`. Going on earns nothing, so that nothing should teach it.
"""

import numpy as np


def token_weights(lengths):
    """Return what each token of an answer weighs: one over the answer's length, as in GRPO."""
    return 1.0 / np.asarray(lengths, dtype=float)


def even_weights(lengths):
    """Return what each token weighs in Dr. GRPO, up to one constant for all: 1."""
    return np.ones_like(np.asarray(lengths, dtype=float))


def chances(c, longest):
    """Return the chance of each length from 1 to `longest`, at which every answer ends."""
    lengths = np.arange(1, longest + 1)
    law = (1.0 - c) * c ** (lengths - 1.0)
    law[-1] = c ** (longest - 1.0)
    return law


def slopes(c, longest):
    """Return the slope of each length's log-probability in the logit of `c`: `(longest,)`.

    Each token that goes on adds `1 - c`, the one that ends takes `c` away; at the longest length
    there is nothing left to decide.
    """
    lengths = np.arange(1, longest + 1)
    return (lengths - 1.0) * (1.0 - c) - c * (lengths < longest)


def length_pull(c, advantage, longest, divided):
    """Return the expected pull on the logit of going on, where every answer has `advantage`.

    `divided` says whether each answer's tokens are averaged, as in GRPO. Where they aren't, the
    pull is zero for every `c`: the slopes of log-probabilities average to nothing.
    """
    lengths = np.arange(1, longest + 1)
    weights = token_weights(lengths) if divided else even_weights(lengths)
    return float((chances(c, longest) * weights * advantage * slopes(c, longest)).sum())


def mean_length(c, longest):
    """Return the mean number of tokens."""
    return float(chances(c, longest) @ np.arange(1, longest + 1))


def ramble(right, steps, rate, divided, start=0.9, longest=400):
    """Train a rambler that is right with the chance `right`: mean lengths `(steps + 1, 2)`.

    The columns are answers that are right and answers that are wrong. Advantages are those of a
    large group, `sqrt((1 - p) / p)` and `-sqrt(p / (1 - p))`. Each step follows the expected pull.
    """
    odds = np.sqrt((1.0 - right) / right)
    sides = ((right, odds), (1.0 - right, -1.0 / odds))  # how often, and its advantage
    logits, means = [np.log(start / (1.0 - start))] * 2, []
    for _ in range(steps + 1):
        going = [1.0 / (1.0 + np.exp(-logit)) for logit in logits]
        means.append([mean_length(c, longest) for c in going])
        logits = [
            logit + rate * share * length_pull(c, advantage, longest, divided)
            for logit, c, (share, advantage) in zip(logits, going, sides, strict=True)
        ]
    return np.array(means)
