"""Reverse-mode differentiation: walk back from a loss and hand gradients on to the parents.

Provenance: Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors
(doi:10.1038/323533a0), eqs. 4-7; Baydin et al. 2018 (arXiv:1502.05767), §3.2.
"""

import numpy as np

from .tensor import Tensor


def parents_first(output):
    """List all tracked Tensors behind `output`, each after its parents; no recursion."""
    order, seen, waiting = [], set(), [(output, False)]
    while waiting:
        node, done = waiting.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            waiting.append((node, True))
            waiting.extend((parent, False) for parent, _ in node.parents)
    return order


def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an array of this shape had been repeated."""
    gradient = np.asarray(gradient)
    if gradient.shape == shape:
        return gradient
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    repeated = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return gradient.sum(axis=repeated, keepdims=True)


def backward(output, seed=None):
    """Fill `grad` of `output` and of everything tracked that it was made from.

    `seed` is the gradient to start from, of the shape of `output`; a single number needs none.
    Each call starts afresh. Raises `ValueError` for an array without a seed.
    """
    if seed is None and output.data.size != 1:
        raise ValueError(f"backward needs a seed for an output of shape {output.shape}")
    order = parents_first(output)
    for node in order:
        node.grad = None
    output.grad = np.ones(output.shape) if seed is None else np.asarray(seed, dtype=float)
    for node in reversed(order):
        for parent, pull in node.parents:
            share = unbroadcast(pull(node.grad), parent.shape)
            parent.grad = share if parent.grad is None else parent.grad + share


def value_and_gradients(loss, parameters, *batch):
    """Return a loss and its gradients at `parameters`, a dictionary from name to array.

    `loss` takes a dictionary of Tensors and the arrays of `batch`, and returns a Tensor of one
    number. The gradients are a dictionary of the same names and shapes; a parameter that the loss
    does not use has gradient zero.
    """
    leaves = {name: Tensor(array) for name, array in parameters.items()}
    output = loss(leaves, *batch)
    backward(output)
    gradients = {
        name: np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
        for name, leaf in leaves.items()
    }
    return float(output.data.item()), gradients
