"""How many numbers attention moves between a large slow memory and a small fast one.

Provenance: Dao et al. 2022, FlashAttention (arXiv:2205.14135), Algorithms 0 and 1, Theorem 2; Dao
2023, FlashAttention-2 (arXiv:2307.08691), Algorithm 1.

The three algorithms run for real against a memory that counts: what they return is attention, and
what they moved has been counted, not estimated. Numbers are counted, not bytes.
"""

import numpy as np

from kernels.attention.core import dot_products, scale_scores, softmax
from kernels.attention.online import Running, absorb, finish, log_sum_exp, nothing_yet
from kernels.attention.tiles import blocks


class SlowMemory:
    """Named arrays behind a counter: `read` and `written` are the numbers moved so far."""

    def __init__(self, **arrays):
        self.arrays = dict(arrays)
        self.read = 0
        self.written = 0

    def make(self, name, *shape):
        """Reserve an array, which moves nothing."""
        self.arrays[name] = np.zeros(shape)

    def load(self, name, rows=slice(None)):
        """Bring rows of an array into the fast memory."""
        part = self.arrays[name][rows]
        self.read += part.size
        return part

    def store(self, name, part, rows=slice(None)):
        """Put rows of an array back."""
        self.arrays[name][rows] = part
        self.written += part.size

    @property
    def moved(self):
        """Numbers moved either way."""
        return self.read + self.written


def naive(memory):
    """Write the scores down, read them for the softmax, write the weights, read them (Algorithm 0).

    The memory holds `q` `(queries, d)`, `k` and `v` `(keys, d)`; returns `(queries, d)`.
    """
    q, k = memory.load("q"), memory.load("k")
    memory.make("scores", len(q), len(k))
    memory.store("scores", scale_scores(dot_products(q, k), q.shape[-1]))
    memory.make("weights", len(q), len(k))
    memory.store("weights", softmax(memory.load("scores")))
    weights, v = memory.load("weights"), memory.load("v")
    memory.make("out", len(q), v.shape[-1])
    memory.store("out", weights @ v)
    return memory.arrays["out"]


def keys_outside(memory, rows, columns):
    """Hold a tile of keys and pass all queries by it (FlashAttention, Algorithm 1).

    Sums, maxima and outputs of the queries travel with them, once for every tile of keys. Shapes
    are as in `naive`.
    """
    queries, keys = len(memory.arrays["q"]), len(memory.arrays["k"])
    d_v = memory.arrays["v"].shape[-1]
    memory.make("out", queries, d_v)
    memory.make("total", queries)
    memory.make("maximum", queries)
    memory.arrays["maximum"][:] = -np.inf
    for column in blocks(keys, columns):
        k, v = memory.load("k", column), memory.load("v", column)
        for row in blocks(queries, rows):
            q, out = memory.load("q", row), memory.load("out", row)
            total, maximum = memory.load("total", row), memory.load("maximum", row)
            before = Running(maximum, total, total[:, None] * out)  # out is stored divided
            after = absorb(before, q, k, v)
            memory.store("out", finish(after), row)
            memory.store("total", after.total, row)
            memory.store("maximum", after.maximum, row)
    return memory.arrays["out"]


def queries_outside(memory, rows, columns):
    """Hold a tile of queries and pass all keys by it (FlashAttention-2, Algorithm 1).

    The sums stay in the fast memory; the output and one number a query are written once. Shapes
    are as in `naive`.
    """
    queries, keys = len(memory.arrays["q"]), len(memory.arrays["k"])
    d_v = memory.arrays["v"].shape[-1]
    memory.make("out", queries, d_v)
    memory.make("log_sum_exp", queries)
    for row in blocks(queries, rows):
        q = memory.load("q", row)
        state = nothing_yet(q, d_v)
        for column in blocks(keys, columns):
            state = absorb(state, q, memory.load("k", column), memory.load("v", column))
        memory.store("out", finish(state), row)
        memory.store("log_sum_exp", log_sum_exp(state), row)
    return memory.arrays["out"]


def block_sizes(fast, d):
    """Return the `(rows, columns)` that Algorithm 1 takes for a fast memory of `fast` numbers.

    `columns` is `fast / 4d` rounded up, `rows` the same but at most `d`. Raises `ValueError` where
    the fast memory can't hold even one query, key, value and output.
    """
    if fast < 4 * d:
        raise ValueError(f"{fast} numbers of fast memory can't hold four rows of {d}")
    columns = -(-fast // (4 * d))
    return min(columns, d), columns


def naive_moves(queries, keys, d):
    """Return what `naive` moves: the inputs, the output, and four arrays of scores."""
    return 2 * queries * d + 2 * keys * d + 4 * queries * keys


def keys_outside_moves(queries, keys, d, columns):
    """Return what `keys_outside` moves: every query's `3d + 4` numbers for each tile of keys."""
    return 2 * keys * d + -(-keys // columns) * queries * (3 * d + 4)


def queries_outside_moves(queries, keys, d, rows):
    """Return what `queries_outside` moves: every key's `2d` numbers for each tile of queries."""
    return queries * (2 * d + 1) + -(-queries // rows) * keys * 2 * d
