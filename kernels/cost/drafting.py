"""How large a draft should be for its target: speed from acceptance, acceptance from perplexity.

Provenance: Bozorgkhoo & Molybog 2026, Speculative Decoding Scaling Laws (arXiv:2603.11053), for
acceptance as a plane over two perplexities, perplexity from a law of loss, and the line that
the best sizes lie on. How they are put together is worked out here from Leviathan et al. 2023
(arXiv:2211.17192), Theorem 3.8; the best lookahead comes out as a Lambert W, as in the paper.

`alpha` is how often a drafted token is kept, `c` the price of drafting one more, in runs of the
target. Parameters and tokens are counts, speeds are over that of the target alone.
"""

from typing import NamedTuple

import numpy as np


class Plane(NamedTuple):
    """Acceptance `a x + b y + c` from the perplexities of a draft and of a target."""

    a: float
    b: float
    c: float


class Line(NamedTuple):
    """The best draft's parameters, `slope M + start`, from the target's `M`."""

    slope: float
    start: float


PLANE = Plane(-0.0067, 0.01297, 0.642)
LINE = Line(2.71e-3, 8.71e7)


def perplexity(law, parameters, tokens):
    """Return `exp(loss)`, with the loss in nats a token that a law of scaling expects."""
    return np.exp(law.loss(parameters, tokens))


def acceptance(x, y, plane=PLANE):
    """Return how often a draft of perplexity `x` is kept by a target of `y`, from 0 to 1."""
    return np.clip(plane.a * x + plane.b * y + plane.c, 0.0, 1.0)


def price(draft, target, extra=0.0):
    """Return what one more drafted token costs, in runs of the target.

    A token through `N` parameters takes `2 N` operations, and the target checks a whole draft in
    one run: `N / M`, and `extra` for whatever else each token costs.
    """
    return draft / target + extra


def lambert(k):
    """Return the `v` of at least one with `v - log(v) = k`, for `k` of at least one.

    That is `-W(-exp(-k))` on the lower branch of Lambert's W, without its tiny exponential.
    """
    d = np.asarray(k, dtype=float) - 1.0
    v = 1.0 + d + np.sqrt(2.0 * d)  # never below the root, from where Newton's steps only descend
    for _ in range(6):
        v = np.where(v > 1.0, v - (v - np.log(v) - k) * v / np.where(v > 1.0, v - 1.0, 1.0), v)
    return v


def best_lookahead(alpha, c):
    """Return how many tokens to draft a run, a real number, so that text comes fastest: `(...)`.

    Zero where none pays, which is where `c` is above `-alpha log(alpha) / (1 - alpha)`.
    """
    alpha, c = (np.asarray(value, dtype=float) for value in (alpha, c))
    rate = -np.log(np.clip(alpha, 1e-12, 1.0 - 1e-12))
    v = lambert(1.0 + rate * np.maximum(1.0 / c - 1.0, 0.0))
    return np.maximum((v - 1.0) / rate - 1.0 / c, 0.0)


def whole_lookahead(alpha, c):
    """Return the best whole number of tokens to draft, which is beside the real one: `(...)`."""
    low = np.floor(best_lookahead(alpha, c))
    return np.where(speed_up(alpha, low, c) >= speed_up(alpha, low + 1.0, c), low, low + 1.0)


def speed_up(alpha, gamma, c):
    """Return how much faster text comes than from the target alone, for any real `gamma`: `(...)`.

    `(1 - alpha^(gamma + 1)) / ((1 - alpha) (gamma c + 1))`: Theorem 3.8 for whole numbers.
    """
    alpha = np.minimum(alpha, 1.0 - 1e-12)
    return (1.0 - alpha ** (gamma + 1.0)) / ((1.0 - alpha) * (gamma * c + 1.0))


def draft_speeds(sizes, target, law, tokens, extra=0.0, lookahead=best_lookahead):
    """Return the speed of drafts of `sizes` `(sizes,)`, each with the lookahead that suits it.

    `tokens` is what the drafts and what the target were trained on; both lose as `law` says.
    """
    x, y = perplexity(law, sizes, tokens[0]), perplexity(law, target, tokens[1])
    alpha, c = acceptance(x, y), price(sizes, target, extra)
    return speed_up(alpha, lookahead(alpha, c), c)


def best_draft(sizes, target, law, tokens, extra=0.0):
    """Return the fastest of `sizes` `(sizes,)`, and its speed."""
    speeds = draft_speeds(sizes, target, law, tokens, extra)
    at = int(np.argmax(speeds))
    return float(sizes[at]), float(speeds[at])


def line_draft(target, line=LINE):
    """Return the best draft's parameters by the line: `slope M + start`."""
    return line.slope * target + line.start


def target_at(ratio, line=LINE):
    """Return the target that is `ratio` times as large as the line's draft for it.

    Raises `ValueError` for a ratio that the line never reaches: all are below `1 / slope`.
    """
    if not 0.0 < ratio * line.slope < 1.0:
        raise ValueError(f"the ratio stays below {1.0 / line.slope:.1f}, and is never {ratio:g}")
    return line.start / (1.0 / ratio - line.slope)
