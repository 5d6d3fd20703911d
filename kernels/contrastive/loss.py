"""The symmetric contrastive loss: each picture looks for its caption, each caption for its picture.

Provenance: Radford et al. 2021, Learning Transferable Visual Models From Natural Language
Supervision (arXiv:2103.00020), §2.3 and Figure 3; one direction's loss is called InfoNCE, after van
den Oord et al. 2018 (arXiv:1807.03748).

Row `i` of `images` and row `i` of `texts`, both `(pairs, d)`, belong together. `scale` multiplies
cosines; it is one over the temperature.
"""

import numpy as np

from kernels.attention.core import softmax


def normalise(vectors):
    """Bring every row to the length one; a row of zeros stays one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-300)


def similarities(images, texts, scale):
    """Compare every picture with every caption: scaled cosines, `(pictures, captions)`."""
    return scale * normalise(images) @ normalise(texts).T


def cross_entropy(logits):
    """Return what it costs, in nats, that each row should name the entry on its diagonal."""
    own = np.diagonal(logits)
    highest = logits.max(axis=1)
    log_total = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    return float((log_total - own).mean())


def symmetric_loss(logits):
    """Return the mean of both directions: pictures choose captions, captions choose pictures."""
    by_picture = cross_entropy(logits)
    by_caption = cross_entropy(logits.T)
    return (by_picture + by_caption) / 2


def gradient(logits):
    """Differentiate `symmetric_loss` by its logits: `(pairs, pairs)`.

    Each entry is pushed down by how likely it was taken for a pair, the diagonal ones up.
    """
    pairs = len(logits)
    taken = softmax(logits) + softmax(logits.T).T
    return (taken - 2 * np.eye(pairs)) / (2 * pairs)


def floor(pairs, scale):
    """Return the lowest loss that any vectors of length one can have.

    It is met where captions equal their pictures and these form a simplex: all cosines between
    different ones are `-1 / (pairs - 1)`. That takes `pairs - 1` dimensions; in fewer the floor is
    higher. (By Jensen's inequality; the mean of the cosines of different pairs can't be lower.)
    """
    return float(np.log1p((pairs - 1) * np.exp(-scale * pairs / (pairs - 1))))


def choose(images, texts):
    """Return for each picture the caption of highest cosine: a classifier written in words."""
    return similarities(images, texts, 1.0).argmax(axis=1)
