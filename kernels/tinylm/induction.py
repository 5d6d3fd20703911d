"""Copying by pattern: text that repeats itself, and how to tell a head that looks the pattern up.

Provenance: Olsson et al. 2022, In-context Learning and Induction Heads (arXiv:2209.11895), for
repeated random tokens and the prefix-matching score; Elhage et al. 2021, A Mathematical Framework
for Transformer Circuits (https://transformer-circuits.pub/2021/framework), for models of attention
alone, and why one layer of it can't do this.

A model of attention alone is a `Configuration` whose feed-forward part is 0 wide: what it adds is
zero, and `kernels.tinylm.transformer` reads it like any other.
"""

import numpy as np

from kernels.tinylm.measures import log_softmax
from kernels.tinylm.transformer import forward


def repeated(generator, vocabulary, time, period):
    """Draw `period` random tokens and repeat them to the end: `(time,)`.

    Nothing in the first period can be foreseen, everything after it can. Raises `ValueError` where
    the period doesn't fit.
    """
    if not 0 < period <= time:
        raise ValueError(f"a period of {period} doesn't fit into {time} tokens")
    return np.resize(generator.integers(0, vocabulary, period), time)


def losses(configuration, parameters, tokens):
    """Return the surprise at every token but the first, in nats: `(time - 1,)`."""
    logs = log_softmax(forward(configuration, parameters, tokens[:-1]))
    return -np.take_along_axis(logs, np.asarray(tokens)[1:, None], axis=-1)[:, 0]


def split(losses, period):
    """Return the mean surprise at what is new, and at what is a repeat.

    The first token of the second period counts as new: it only shows that the text has begun again,
    as nothing says beforehand where a period ends.
    """
    return float(losses[:period].mean()), float(losses[period:].mean())


def prefix_matching(maps, period):
    """Return how much each head looks at what followed the same token last time: `maps.shape[:-2]`.

    The mean, over all places past the first period, of the weight on the place `period - 1` before:
    the token after the last one that was the same. Maps are `(..., time, time)`.
    """
    return np.diagonal(maps, -(period - 1), -2, -1)[..., 1:].mean(axis=-1)


def previous_token(maps):
    """Return how much each head looks at the token right before, on average: `maps.shape[:-2]`."""
    return np.diagonal(maps, -1, -2, -1).mean(axis=-1)
