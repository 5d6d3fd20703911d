"""Layered networks of logistic units: the two passes, and the sweeps that learn from them.

Provenance: Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors
(doi:10.1038/323533a0), eqs. 1-9; the patterns are those of its Fig. 1.

The weights of a network are a list of matrices, one a layer, each `(..., inputs + 1, outputs)`: the
last row is the bias, the weight on an extra input that is always 1. Axes in front, if any, are
networks that learn side by side. `tensor` and `backward` do the same for any arithmetic at all.
"""

from itertools import pairwise

import numpy as np

from .elementwise import logistic
from .optimisers import momentum


def draw(generator, widths, spread=0.3):
    """Draw weights and biases evenly between `-spread` and `spread`: one matrix a layer.

    `widths` are the numbers of units from input to output, as 6, 2, 1 (Fig. 1).
    """
    return [
        generator.uniform(-spread, spread, (inputs + 1, outputs))
        for inputs, outputs in pairwise(widths)
    ]


def total_input(w, y):
    """Add up what a layer's units receive, bias included: `(..., cases, outputs)` (eq. 1)."""
    return y @ w[..., :-1, :] + w[..., -1:, :]


def forward(weights, patterns):
    """Run the forward pass: the outputs `y` of all layers, the `patterns` first (eqs. 1-2).

    `patterns` is `(cases, inputs)`; each `y` is `(..., cases, units)`.
    """
    ys = [patterns]
    for w in weights:
        ys.append(logistic(total_input(w, ys[-1])))
    return ys


def error(y, d):
    """Return half the squared differences from the desired `d`, over units and cases (eq. 3)."""
    return 0.5 * ((y - d) ** 2).sum(axis=(-2, -1))


def slope(y):
    """Return how a logistic unit's output answers its total input, by the output (eq. 5)."""
    return y * (1.0 - y)


def back_propagate(weights, ys, d):
    """Run the backward pass: `dE/dw` for every weight, a matrix a layer, summed over cases.

    `ys` is what `forward` gave, `d` what the last of them should have been (eqs. 4-7).
    """
    gradients = []
    to_y = ys[-1] - d
    for w, y, below in zip(weights[::-1], ys[:0:-1], ys[-2::-1], strict=True):
        to_x = to_y * slope(y)
        gradients.append(weight_slopes(to_x, below))
        to_y = hand_down(to_x, w)
    return gradients[::-1]


def weight_slopes(to_x, below):
    """Return `dE/dw` from `dE/dx` of a layer and the outputs `y` below it (eq. 6).

    The bias row comes from an input that is always 1. `(..., inputs + 1, outputs)`.
    """
    to_w = np.swapaxes(below, -1, -2) @ to_x
    return np.concatenate([to_w, to_x.sum(axis=-2, keepdims=True)], axis=-2)


def hand_down(to_x, w):
    """Return `dE/dy` of the layer below, over all connections that leave a unit (eq. 7)."""
    return to_x @ np.swapaxes(w[..., :-1, :], -1, -2)


def sweep(weights, changes, patterns, d, epsilon, alpha):
    """Go through all cases once: the next weights, and the change made in each (eq. 9).

    `changes` are those of the sweep before, `None` before the first; `epsilon` scales the gradient
    and `alpha`, from 0 to 1, keeps a share of the change before.
    """
    gradients = back_propagate(weights, forward(weights, patterns), d)
    stepped = [
        momentum(w, g, c, epsilon, alpha)
        for w, g, c in zip(weights, gradients, changes, strict=True)
    ]
    return [w for w, _ in stepped], [c for _, c in stepped]


def learn(weights, patterns, d, sweeps, epsilon=0.1, alpha=0.9, fixed=0):
    """Yield the weights before the first sweep and after each: `sweeps + 1` lists.

    The first `fixed` layers keep their weights, as a perceptron's feature analysers do.
    """
    below = forward(weights[:fixed], patterns)[-1]
    moving, changes = weights[fixed:], [None] * len(weights[fixed:])
    yield weights
    for _ in range(sweeps):
        moving, changes = sweep(moving, changes, below, d, epsilon, alpha)
        yield [*weights[:fixed], *moving]


def mirror_patterns(length=6):
    """List all patterns of this many bits, `(2**length, length)`, and whether each is symmetric.

    The desired outputs are `(2**length, 1)`: 1 where the pattern reads the same from both ends.
    """
    numbers = np.arange(2**length)
    patterns = (numbers[:, None] >> np.arange(length)[::-1]) & 1
    symmetric = (patterns == patterns[:, ::-1]).all(axis=1, keepdims=True)
    return patterns.astype(float), symmetric.astype(float)
