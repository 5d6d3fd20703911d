"""Sums, largest elements and other shapes of the same numbers, with what gradients do there.

Provenance: Baydin et al. 2018, Automatic differentiation in machine learning: a survey
(arXiv:1502.05767), §3.2. A sum hands its gradient to all that it summed, a rearrangement puts it
back in place, a table looked up adds up what its rows received.
"""

import numpy as np

from .tensor import as_tensor, record


def sum_over(a, axis=None, keepdims=False):
    """Sum over an axis, a tuple of axes, or all."""
    a = as_tensor(a)
    total = a.data.sum(axis=axis, keepdims=keepdims)
    return record(total, (a, lambda g: np.broadcast_to(spread(g, a, axis), a.shape)))


def mean_over(a, axis=None, keepdims=False):
    """Average over an axis, a tuple of axes, or all."""
    a = as_tensor(a)
    total = sum_over(a, axis, keepdims)
    return total * (total.data.size / a.data.size)


def max_over(a, axis=None, keepdims=False):
    """Take the largest over an axis, a tuple of axes, or all; equals share the gradient."""
    a = as_tensor(a)
    largest = a.data.max(axis=axis, keepdims=True)
    winners = a.data == largest
    share = winners / winners.sum(axis=axis, keepdims=True)
    shown = a.data.max(axis=axis, keepdims=keepdims)
    return record(shown, (a, lambda g: spread(g, a, axis) * share))


def spread(gradient, a, axis):
    """Give back to a gradient the axes that a sum over `axis` of `a` took away, each of length 1.

    From the shape of the sum to that of `a` with ones in place of the summed axes.
    """
    shape = list(a.shape)
    taken = range(len(shape)) if axis is None else np.atleast_1d(axis)
    for each in taken:
        shape[each] = 1
    return np.reshape(gradient, shape)


def reshape(a, *shape):
    """Lay out the same numbers in another shape; one length may be -1."""
    a = as_tensor(a)
    return record(a.data.reshape(shape), (a, lambda g: g.reshape(a.shape)))


def transpose(a, *axes):
    """Reorder the axes; without `axes`, swap the last two."""
    a = as_tensor(a)
    last = a.data.ndim - 1
    axes = axes or (*range(last - 1), last, last - 1)
    return record(a.data.transpose(axes), (a, lambda g: g.transpose(np.argsort(axes))))


def concatenate(tensors, axis=-1):
    """Lay Tensors end to end along an axis that they all have."""
    tensors = [as_tensor(each) for each in tensors]
    joined = np.concatenate([each.data for each in tensors], axis=axis)
    ends = np.cumsum([each.shape[axis] for each in tensors])[:-1]

    def part(i):
        return lambda g: np.split(g, ends, axis=axis)[i]

    return record(joined, *((each, part(i)) for i, each in enumerate(tensors)))


def stack(tensors, axis=0):
    """Lay Tensors of one shape side by side along a new axis."""
    tensors = [as_tensor(each) for each in tensors]

    def part(i):
        return lambda g: np.take(g, i, axis=axis)

    joined = np.stack([each.data for each in tensors], axis=axis)
    return record(joined, *((each, part(i)) for i, each in enumerate(tensors)))


def embed(table, ids):
    """Look up rows of a table `(vocabulary, d)` by whole numbers `(...)`: `(..., d)`.

    Each row's gradient is the sum of those of all its places. Raises `IndexError` for an id that
    the table lacks.
    """
    table, ids = as_tensor(table), np.asarray(ids)

    def pull(g):
        flat = ids.ravel()
        order = np.argsort(flat, kind="stable")  # so that places of one row lie side by side
        rows, starts = np.unique(flat[order], return_index=True)
        gradient = np.zeros(table.shape)
        if len(rows):
            sorted_gradients = g.reshape(-1, *table.shape[1:])[order]
            gradient[rows] = np.add.reduceat(sorted_gradients, starts, axis=0)
        return gradient

    return record(table.data[ids], (table, pull))
