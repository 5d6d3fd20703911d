"""Keep every token's keys and values, so that the next token costs one row and not the whole text.

Provenance: Pope et al. 2022, Efficiently Scaling Transformer Inference (arXiv:2211.05102), §2, for
prefill and decode; Shazeer 2019 (arXiv:1911.02150), §2.4, for attention one token at a time.

Nothing is approximated: a query sees the same keys, turned to the same positions, as in
`transformer.forward`. Taking tokens back is setting the length.
"""

from dataclasses import dataclass

import numpy as np

from kernels.tinylm.transformer import embed, feed_forward, mix, project, to_logits


@dataclass
class Cache:
    """Keys and values of the first `length` positions, with room for the whole context.

    Keys are kept turned to their positions. Past `length` the arrays hold what was left there.
    """

    keys: np.ndarray  # (layers, groups, context, d_head)
    values: np.ndarray  # (layers, groups, context, d_head)
    length: int = 0

    @property
    def room(self) -> int:
        """How many more tokens fit."""
        return self.keys.shape[2] - self.length


def empty(configuration, parameters):
    """Return a cache without tokens, of the parameters' number type."""
    c = configuration
    shape = (c.layers, c.groups, c.context, c.d_head)
    dtype = parameters["embedding"].dtype
    return Cache(np.zeros(shape, dtype), np.zeros(shape, dtype))


def visible_from(length, new):
    """Return what `new` queries after `length` tokens may see: `(new, length + new)`, or `None`.

    One query alone sees everything, and needs no mask.
    """
    if new == 1:
        return None
    return np.arange(length + new) <= length + np.arange(new)[:, None]


def store(cache, layer, k, v):
    """Write new keys and values `(groups, new, d_head)` and return all of the layer's so far."""
    end = cache.length + k.shape[1]
    cache.keys[layer, :, cache.length : end] = k
    cache.values[layer, :, cache.length : end] = v
    return cache.keys[layer, :, :end], cache.values[layer, :, :end]


def extend(configuration, parameters, cache, tokens):
    """Read more tokens into the cache, and return the logits after each: `(new, vocabulary)`.

    All at once is a prefill, one token is a decode; anything between verifies a draft. Raises
    `ValueError` where they don't fit or as `embed` does, and then nothing has been changed.
    """
    if len(tokens) > cache.room:
        raise ValueError(f"{len(tokens)} tokens don't fit: there is room for {cache.room} more")
    x = embed(configuration, parameters, tokens)  # (new, d_model)
    positions = cache.length + np.arange(len(x))
    visible = visible_from(cache.length, len(x))
    for layer in range(configuration.layers):
        q, k, v = project(configuration, parameters, layer, x, positions)
        k, v = store(cache, layer, k, v)  # (groups, length + new, d_head)
        x = x + mix(parameters, layer, q, k, v, visible)
        x = x + feed_forward(configuration, parameters, layer, x)
    cache.length += len(x)
    return to_logits(configuration, parameters, x)


def decode(configuration, parameters, cache, token):
    """Read one token, and return the logits of what follows: `(vocabulary,)`."""
    return extend(configuration, parameters, cache, [token])[0]


def rewind(cache, length):
    """Take tokens back until only `length` are left; raises `ValueError` for more than there are.

    What was computed for the others stays where it is, to be written over.
    """
    if not 0 <= length <= cache.length:
        raise ValueError(f"a cache of {cache.length} tokens can't go back to {length}")
    cache.length = length
