"""How far two models agree on a text, beside how well each foresees it.

Provenance: acceptance is the overlap of two distributions (Leviathan et al. 2023, arXiv:2211.17192,
Corollary 3.6); that it should follow from perplexities is Bozorgkhoo & Molybog 2026
(arXiv:2603.11053), whose plane is in `kernels.cost.drafting`.

A *reader* is a function from a window of tokens `(time,)` to what is expected after each of them,
`(time, vocabulary)`. The overlap is the same number whichever of two models drafts.
"""

import numpy as np

from kernels.tinylm import measures, ngram
from kernels.tinylm.speculative_theory import acceptance_rate
from kernels.tinylm.transformer import forward


def transformer_reader(configuration, parameters):
    """Return a reader of a transformer."""

    def read(window):
        logits = forward(configuration, parameters, window)
        return np.exp(measures.log_softmax(logits.astype(float)))

    return read


def ngram_reader(model):
    """Return a reader of an n-gram model, which forgets what was before the window."""

    def read(window):
        contexts = ngram.before(np.append(window, 0), len(model.levels), model.vocabulary)[1:]
        return ngram.probability(model, contexts[:, None], np.arange(model.vocabulary)[None])

    return read


def temper(laws, temperature):
    """Return distributions `(..., vocabulary)` with their logits divided by a temperature."""
    powers = laws ** (1.0 / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)


def windows(tokens, length, count):
    """Yield `count` windows spread over a text, each with the tokens that follow: `(length,)`."""
    for start in np.linspace(0, len(tokens) - length - 1, count).astype(int):
        yield tokens[start : start + length], tokens[start + 1 : start + length + 1]


def surprise(laws, following):
    """Return the mean surprise at `following` `(time,)` under `laws` `(..., time, vocabulary)`.

    In nats a token; its exponential is the perplexity.
    """
    return -np.log(laws[..., np.arange(len(following)), following]).mean(axis=-1)


def agree(readers, tokens, length, count, temperatures=()):
    """Return perplexities `(models,)` and acceptance by pairs `(models, models)`.

    Also the same two numbers of the first model against itself at other temperatures,
    `(temperatures, 2)`. The second half of each window is judged, so that every model has read
    `length / 2` tokens at least.
    """
    half = length // 2
    nats, kept = np.zeros(len(readers)), np.zeros((len(readers), len(readers)))
    warm = np.zeros((len(temperatures), 2))
    for window, following in windows(tokens, length, count):
        laws = np.stack([read(window)[half:] for read in readers])  # (models, half, vocabulary)
        nats += surprise(laws, following[half:])
        for i, p in enumerate(laws):
            kept[i] += acceptance_rate(p, laws).mean(axis=-1)
        for i, temperature in enumerate(temperatures):
            q = temper(laws[0], temperature)
            warm[i] += surprise(q, following[half:]), acceptance_rate(laws[0], q).mean()
    warm /= count
    return np.exp(nats / count), kept / count, np.stack([np.exp(warm[:, 0]), warm[:, 1]], axis=1)


def plane(x, y, alpha):
    """Return `A, B, C` of the least-squares plane `A x + B y + C`, and its R²: `(pairs,)` each."""
    columns = np.stack([x, y, np.ones_like(x)], axis=1)  # (pairs, 3)
    found, *_ = np.linalg.lstsq(columns, alpha, rcond=None)
    left = alpha - columns @ found
    return found, float(1.0 - left @ left / ((alpha - alpha.mean()) ** 2).sum())
