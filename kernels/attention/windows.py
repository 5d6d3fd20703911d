"""Attention over a window that moves along, a cache that rolls, and a few first tokens kept.

Provenance: Jiang et al. 2023, Mistral 7B (arXiv:2310.06825), §2, for the window and the rolling
buffer; Xiao et al. 2023, StreamingLLM (arXiv:2309.17453), §3.2, for the sinks.

A window of `W` is the query's own position and the `W - 1` before it.
"""

import numpy as np

from kernels.attention.core import attention
from kernels.attention.rotary import encode_key, encode_query


def window_mask(n, window):
    """Return `(n, n)`, true for a query itself and `window - 1` before it."""
    query, key = np.arange(n)[:, None], np.arange(n)
    return (key <= query) & (key > query - window)


def sink_mask(n, sinks, window):
    """Return `(n, n)`: the window, and the first `sinks` positions too."""
    query, key = np.arange(n)[:, None], np.arange(n)
    first = (key < sinks) & (key <= query)  # never the future
    return window_mask(n, window) | first


def reach(position, layers, window):
    """Return how many positions can bear on `position` through `layers`.

    Each layer carries what it saw `window - 1` further, until the text
    begins.
    """
    return min(position, layers * (window - 1)) + 1


def reachable(mask, layers):
    """Return `(n, n)`, true where a key bears on a query through `layers`."""
    paths = np.eye(len(mask), dtype=bool)
    for _ in range(layers):
        paths = (mask.astype(int) @ paths) > 0
    return paths


class RollingCache:
    """Keys and values of the first `sinks` and the last `window` positions.

    Slot `i` below `sinks` is position `i`'s for ever; the others are
    taken in turn, so the oldest is overwritten (Mistral 7B, Figure 3).
    Keys are kept as they were before any rotation.
    """

    def __init__(self, window, d_k, d_v, sinks=0):
        """Reserve `sinks + window` slots.

        Raises `ValueError` for a window below 1.
        """
        if window < 1 or sinks < 0:
            raise ValueError(f"a window of {window} with {sinks} sinks has no place for a token")
        self.window, self.sinks = window, sinks
        self.keys = np.zeros((sinks + window, d_k))
        self.values = np.zeros((sinks + window, d_v))
        self.positions = np.full(sinks + window, -1)  # whose each slot is
        self.length = 0  # tokens seen

    def slot(self, position):
        """Return where the keys and values of a position go."""
        if position < self.sinks:
            return position
        return self.sinks + (position - self.sinks) % self.window

    def append(self, k, v):
        """Take in one token's key `(d_k,)` and value `(d_v,)`."""
        slot = self.slot(self.length)
        self.keys[slot], self.values[slot] = k, v
        self.positions[slot] = self.length
        self.length += 1

    def in_order(self):
        """Return the slots in use, earliest position first: `(held,)`."""
        order = np.argsort(self.positions)
        return order[self.positions[order] >= 0]

    def attend(self, q):
        """Mix what is held for the newest token's query `(d_k,)`: `(d_v,)`.

        The slots need no order: a softmax does not mind.
        """
        held = self.positions >= 0
        return attention(q[None], self.keys[held], self.values[held])[0]

    def attend_rotated(self, q, theta):
        """Attend with positions counted in the cache, not the text (§3.2).

        With 4 sinks, the window's first token is always at place 4. `q`
        is `(d_k,)` before rotation, `theta` `(d_k/2,)`; returns `(d_v,)`.
        """
        slots = self.in_order()
        places = np.arange(len(slots))
        k = encode_key(self.keys[slots], places, theta)  # (held, d_k)
        turned = encode_query(q, places[-1], theta)
        return attention(turned[None], k, self.values[slots])[0]


def cached_tokens(seen, window, sinks=0):
    """Return how many positions are held after `seen` tokens."""
    return min(seen, sinks + window)


def mass_on(weights, positions):
    """Return each query's attention to `positions`: `(..., queries)`."""
    return weights[..., positions].sum(axis=-1)
