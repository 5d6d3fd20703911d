"""Softmax and the losses built on it; what to minimise.

Provenance: cross-entropy and its gradient `softmax - one_hot`: Bridle 1990, Probabilistic
interpretation of feedforward classification network outputs (doi:10.1007/978-3-642-76153-9_28).
The symmetric contrastive loss is Radford et al. 2021, CLIP (arXiv:2103.00020), Figure 3.

Logits are `(..., classes)`; targets are whole numbers `(...)`.
"""

import numpy as np

from .elementwise import softplus
from .shaping import mean_over, transpose
from .tensor import as_tensor, record


def normalised(logits):
    """Return log-probabilities of an array of logits, along the last axis; nothing overflows."""
    raised = logits - logits.max(axis=-1, keepdims=True)
    return raised - np.log(np.exp(raised).sum(axis=-1, keepdims=True))


def softmax(logits):
    """Turn logits into weights that sum to one along the last axis."""
    logits = as_tensor(logits)
    weights = np.exp(normalised(logits.data))

    def pull(g):
        return weights * (g - (g * weights).sum(axis=-1, keepdims=True))

    return record(weights, (logits, pull))


def log_softmax(logits):
    """Return the logarithms of softmax's weights, without computing the weights first."""
    logits = as_tensor(logits)
    log_weights = normalised(logits.data)

    def pull(g):
        return g - np.exp(log_weights) * g.sum(axis=-1, keepdims=True)

    return record(log_weights, (logits, pull))


def log_sum_exp(a):
    """Return `log(sum(exp(a)))` along the last axis, a smooth maximum: `(...)`."""
    a = as_tensor(a)
    log_weights = normalised(a.data)
    total = a.data[..., 0] - log_weights[..., 0]
    return record(total, (a, lambda g: g[..., None] * np.exp(log_weights)))


def surprise(logits, targets):
    """Return minus the log-probability of each target, in nats: the shape of `targets`."""
    logits, targets = as_tensor(logits), np.asarray(targets)[..., None]
    log_weights = normalised(logits.data)  # (..., classes)
    picked = np.take_along_axis(log_weights, targets, axis=-1)[..., 0]

    def pull(g):
        error = np.exp(log_weights)  # softmax - one_hot
        np.put_along_axis(error, targets, np.take_along_axis(error, targets, -1) - 1.0, -1)
        return g[..., None] * error

    return record(-picked, (logits, pull))


def cross_entropy(logits, targets):
    """Average the surprise over all targets, in nats; its exponential is the perplexity."""
    return mean_over(surprise(logits, targets))


def binary_cross_entropy(logits, labels):
    """Average the surprise of labels 0 or 1 (or between) where a sigmoid reads the logits."""
    return mean_over(softplus(logits) - as_tensor(labels) * logits)


def mean_squared_error(outputs, targets):
    """Average the squared differences."""
    return mean_over((as_tensor(outputs) - targets) ** 2)


def contrastive(similarities):
    """Ask of each row, and of each column, which pair is its own: the diagonal one.

    `similarities` is `(pairs, pairs)`, temperature included. With nothing to tell them apart the
    loss is the logarithm of `pairs`.
    """
    own = np.arange(similarities.shape[0])
    by_rows = cross_entropy(similarities, own)
    by_columns = cross_entropy(transpose(similarities), own)
    return (by_rows + by_columns) * 0.5
