"""The loop: draw a batch, walk back, step; the same from the same seed.

Provenance: stochastic gradient descent on minibatches, Robbins & Monro 1951, A stochastic
approximation method (doi:10.1214/aoms/1177729586).

Parameters are dictionaries from name to array; nothing is changed in place. An `update` is a rule
of `optimisers` or `muon` (settle its settings with `functools.partial`), or a dictionary of such by
name of parameter.
"""

from collections.abc import Mapping

import numpy as np

from .backward import value_and_gradients
from .optimisers import clip_by_norm


def minibatches(generator, steps, size, *arrays):
    """Yield `steps` batches of `size` rows of all `arrays`, drawn in shuffled rounds.

    No row comes twice before all have come once; where `size` does not divide the number of rows a
    batch spans two rounds. Raises `ValueError` where the arrays have unequal numbers of rows.
    """
    rows = len(arrays[0])
    if any(len(array) != rows for array in arrays):
        raise ValueError(f"arrays differ in rows: {[len(array) for array in arrays]}")
    waiting = np.empty(0, dtype=int)
    for _ in range(steps):
        while len(waiting) < size:
            waiting = np.concatenate([waiting, generator.permutation(rows)])
        chosen, waiting = waiting[:size], waiting[size:]
        yield tuple(array[chosen] for array in arrays)


def apply(update, parameters, gradients, states, rate):
    """Take one step in every parameter: the next `parameters` and `states`, both dictionaries."""
    stepped, remembered = {}, {}
    for name, w in parameters.items():
        rule = update[name] if isinstance(update, Mapping) else update
        stepped[name], remembered[name] = rule(w, gradients[name], states.get(name), rate)
    return stepped, remembered


def descend(loss, parameters, batches, update, rate, clip=None):
    """Yield after each batch the loss before the step, and the parameters after it.

    `loss` takes a dictionary of Tensors and the arrays of one batch. `rate` is a number, or a
    function from the step's number, from 0, to one. `clip` is the most that all gradients together
    may measure.
    """
    states: dict = {}
    for t, batch in enumerate(batches):
        value, gradients = value_and_gradients(loss, parameters, *batch)
        if clip is not None:
            gradients = clip_by_norm(gradients, clip)
        now = rate(t) if callable(rate) else rate
        parameters, states = apply(update, parameters, gradients, states, now)
        yield value, parameters


def train(loss, parameters, batches, update, rate, clip=None):
    """Run `descend` to the end: the last parameters, and the losses `(steps,)`."""
    losses = []
    for value, stepped in descend(loss, parameters, batches, update, rate, clip):
        losses.append(value)
        parameters = stepped
    return parameters, np.array(losses)
