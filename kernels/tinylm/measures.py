"""How well a model predicts a text: surprise in bits, by token and by character.

Provenance: Shannon 1948 (doi:10.1002/j.1538-7305.1948.tb01338.x), §6-7; bits a character, unlike
bits a token, compare models whatever their tokenisers, as bits a byte do in Gao et al. 2020, The
Pile (arXiv:2101.00027), §3.1.
"""

import numpy as np

from kernels.tinylm.transformer import forward


def log_softmax(logits):
    """Return the logarithm of the softmax along the last axis, in nats; nothing overflows."""
    lowered = logits - logits.max(axis=-1, keepdims=True)
    return lowered - np.log(np.exp(lowered).sum(axis=-1, keepdims=True))


def surprisals(logits, tokens):
    """Return `-log2` of the probability of each token: `(time,)`, in bits.

    Row `i` of `logits` `(time, vocabulary)` is what was expected where `tokens[i]` came.
    """
    chosen = np.take_along_axis(log_softmax(logits), np.asarray(tokens)[:, None], axis=-1)
    return -chosen[:, 0] / np.log(2.0)


def windows(length, context, stride):
    """Return how to read `length` tokens in windows: slices, and where in each scoring begins.

    Every token but the first is scored once, with at least `context - stride` before it as soon as
    there are so many. Raises `ValueError` for a stride that leaves no token before the next.
    """
    if not 0 < stride < context:
        raise ValueError(f"a stride of {stride} needs a context longer than it, not {context}")
    scored, found = 1, list[tuple[slice, int]]()
    while scored < length:
        end = min(context if not found else scored + stride, length)
        start = max(0, end - context)
        found.append((slice(start, end), scored - start))
        scored = end
    return found


def text_surprisals(configuration, parameters, tokens, stride):
    """Return the surprisal of every token but the first of a text of any length: `(time - 1,)`."""
    tokens, bits = np.asarray(tokens), [np.zeros(0)]
    for window, first in windows(len(tokens), configuration.context, stride):
        logits = forward(configuration, parameters, tokens[window])
        bits.append(surprisals(logits[first - 1 : -1], tokens[window][first:]))
    return np.concatenate(bits)


def bits_per_character(bits, characters):
    """Return the bits of all tokens shared out among the text's characters."""
    return float(np.sum(bits) / characters)


def perplexity(bits):
    """Return two to the power of the mean surprisal: as many equal choices a token."""
    return float(2.0 ** np.mean(bits))


def entropy(probabilities):
    """Return how surprising a draw is on average: bits along the last axis."""
    probabilities = np.asarray(probabilities, dtype=float)
    logs = np.log2(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0.0)
    return -(probabilities * logs).sum(axis=-1)
