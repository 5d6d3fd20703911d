"""From logits to one token: make some likelier, leave some out, then draw.

Provenance: top-k is Fan et al. 2018 (arXiv:1805.04833), §5.4; top-p, or nucleus, and temperature
are Holtzman et al. 2020 (arXiv:1904.09751), §3.1, eqs. 2-3, and §3.3; min-p is Nguyen et al. 2024
(arXiv:2407.01082), §3; the repetition penalty is Keskar et al. 2019, CTRL (arXiv:1909.05858), §4.1.

Every rule takes logits `(vocabulary,)` and returns logits; a token left out gets minus infinity.
"""

from dataclasses import dataclass

import numpy as np

from kernels.attention.core import softmax


@dataclass(frozen=True)
class Rules:
    """Which rules apply, in the order of the fields; the defaults change nothing.

    A temperature of zero is greedy. Raises `ValueError` for numbers out of range.
    """

    penalty: float = 1.0  # at least 1 makes tokens already there less likely
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    min_p: float = 0.0

    def __post_init__(self):
        if self.penalty <= 0.0 or self.temperature < 0.0:
            raise ValueError("the penalty must be above 0, and the temperature not below")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top-k keeps at least one token, not {self.top_k}")
        if not (0.0 < self.top_p <= 1.0 and 0.0 <= self.min_p <= 1.0):
            raise ValueError("top-p lies in (0, 1], min-p in [0, 1]")


def greedy(logits):
    """Return the likeliest token; of equals, the first."""
    return int(np.argmax(logits))


def penalise(logits, seen, penalty):
    """Make every token of `seen` less likely, however often it occurred.

    CTRL divides its logit by the penalty; a negative one is multiplied, for division would make it
    likelier.
    """
    lowered = np.array(logits, dtype=float)
    tokens = np.unique(np.asarray(seen, np.int64))
    lowered[tokens] *= np.where(lowered[tokens] > 0.0, 1.0 / penalty, penalty)
    return lowered


def heat(logits, temperature):
    """Divide by the temperature: below one the likely gain, above one the unlikely."""
    return logits / temperature


def ranking(logits):
    """Return all tokens, the likeliest first; of equals, the first of the vocabulary first."""
    return np.argsort(-logits, kind="stable")


def keep(logits, kept):
    """Leave out all tokens but those of `kept`, a boolean array or indices."""
    left = np.full(logits.shape, -np.inf)
    left[kept] = logits[kept]
    return left


def top_k(logits, k):
    """Keep the `k` likeliest tokens, no more where some are equal."""
    return keep(logits, ranking(logits)[:k])


def nucleus_size(ranked, p):
    """Return how many of the probabilities, largest first, it takes to reach `p` (eq. 2)."""
    return int(np.searchsorted(np.cumsum(ranked)[:-1], p)) + 1


def top_p(logits, p):
    """Keep the fewest tokens whose probabilities add up to `p`; at one, all of them."""
    if p >= 1.0:
        return logits
    order = ranking(logits)
    return keep(logits, order[: nucleus_size(softmax(logits)[order], p)])


def min_p(logits, p):
    """Keep the tokens that are at least `p` times as likely as the likeliest."""
    likelihood = np.exp(logits - logits.max())  # (vocabulary,), largest is 1
    return keep(logits, likelihood >= p)


def one_hot(token, vocabulary):
    """Return the distribution that is certain of one token: `(vocabulary,)`."""
    return (np.arange(vocabulary) == token).astype(float)


def distribution(logits, rules, seen=()):
    """Return the probabilities that the next token is drawn from: `(vocabulary,)`, sum one.

    `seen` are the tokens so far, for the penalty.
    """
    logits = np.asarray(logits, dtype=float)
    if rules.penalty != 1.0 and len(seen):
        logits = penalise(logits, seen, rules.penalty)
    if rules.temperature == 0.0:
        return one_hot(greedy(logits), len(logits))
    logits = heat(logits, rules.temperature)
    if rules.top_k is not None:
        logits = top_k(logits, rules.top_k)
    return softmax(min_p(top_p(logits, rules.top_p), rules.min_p))


def pick(uniform, probabilities):
    """Return the token at which the running sum passes `uniform`, a number in [0, 1).

    Probabilities `(vocabulary,)` may have any sum; a token of probability zero is never picked.
    """
    running = np.cumsum(probabilities)
    token = int(np.searchsorted(running, uniform * running[-1], side="right"))
    return min(token, int(np.flatnonzero(probabilities)[-1]))  # where rounding went past the end


def draw(generator, probabilities):
    """Draw one token by one uniform number of a `np.random.Generator`."""
    return pick(generator.random(), probabilities)
