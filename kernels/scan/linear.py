"""Scans: `h[t] = a[t] h[t-1] + b[t]` one after another, as a tree, and in chunks.

Provenance: Blelloch 1990, Prefix Sums and Their Applications, for recurrences as scans of pairs and
for the two sweeps of a tree; Hillis and Steele 1986, Data Parallel Algorithms, for the scan with
the fewest rounds; Martin and Cundy 2018, Parallelizing Linear Recurrent Neural Nets Over Sequence
Length (arXiv:1709.04057), for recurrent networks.

Time is the first axis: `a` and `b` are `(time, ...)`. A pair `(a, b)` stands for the map
`h -> a h + b`; running two maps one after the other is again such a map, and that is associative.
"""

import numpy as np


def compose(first, then):
    """Join two maps, or two arrays of maps, into one: `first`, and after it `then`."""
    (a, b), (c, d) = first, then
    return c * a, c * b + d


def identity(like):
    """Return the map that changes nothing, `(1, 0)`, in the shape of an array."""
    return np.ones_like(like), np.zeros_like(like)


def sequential(a, b, start=0.0):
    """Take one step after another from `h = start`: every `h`, `(time, ...)`.

    `time` rounds, one composition in each; every other function here returns the same but for
    rounding.
    """
    h, seen = start, []
    for t in range(len(b)):
        h = a[t] * h + b[t]
        seen.append(h)
    return np.array(seen)


def from_start(maps, start):
    """Apply maps that begin at time zero to the first state."""
    a, b = maps
    return a * start + b


def hillis_steele_rounds(a, b):
    """Return the maps after each round; `log2(time)` rounds, rounded up.

    After the round with distance `d`, entry `t` is the composition of the last `2d` steps up to
    `t`, or of all where there are fewer.
    """
    maps, rounds, distance = (a, b), [(a, b)], 1
    while distance < len(b):
        earlier = tuple(x[:-distance] for x in maps)
        later = tuple(x[distance:] for x in maps)
        joined = compose(earlier, later)
        maps = tuple(np.concatenate([x[:distance], y]) for x, y in zip(maps, joined, strict=True))
        rounds.append(maps)
        distance *= 2
    return rounds


def hillis_steele(a, b, start=0.0):
    """Scan in the fewest rounds, for some `time * log2(time)` compositions: `(time, ...)`."""
    return from_start(hillis_steele_rounds(a, b)[-1], start)


def up_sweep(a, b):
    """Join neighbours, then pairs of neighbours, up to the root: the tree's levels, leaves first.

    The length must be a power of two.
    """
    levels = [(a, b)]
    while len(levels[-1][0]) > 1:
        left = tuple(x[0::2] for x in levels[-1])
        right = tuple(x[1::2] for x in levels[-1])
        levels.append(compose(left, right))
    return levels


def down_sweep(levels):
    """Hand down to every node what came before it, from the root to the leaves.

    A left child gets what its parent got, a right child that followed by its left sibling. At the
    leaves that is the exclusive scan.
    """
    before = identity(levels[-1][0])
    for level in reversed(levels[:-1]):
        left = tuple(x[0::2] for x in level)
        onward = compose(before, left)
        both = zip(before, onward, strict=True)
        before = tuple(np.stack(pair, axis=1).reshape(level[0].shape) for pair in both)
    return before


def blelloch(a, b, start=0.0):
    """Scan in two sweeps of a tree, fewer than `3 * time` compositions: `(time, ...)`.

    Twice the rounds of `hillis_steele`, but work that grows as the input does. Lengths are filled
    up to a power of two with maps that change nothing.
    """
    time = len(b)
    missing = 2 ** max(time - 1, 0).bit_length() - time
    filler = identity(np.zeros((missing, *np.shape(b)[1:])))
    padded = tuple(np.concatenate(pair) for pair in zip((a, b), filler, strict=True))
    before = tuple(x[:time] for x in down_sweep(up_sweep(*padded)))
    return from_start(compose(before, (a, b)), start)


def chunked(a, b, size, start=0.0):
    """Scan within chunks of `size`, then hand the state from chunk to chunk: `(time, ...)`.

    Chunks are independent until the last step, which is a scan over `time / size` states alone.
    """
    h, seen = start, []
    for first in range(0, len(b), size):
        part = slice(first, first + size)
        maps = hillis_steele_rounds(a[part], b[part])[-1]  # needs no other chunk
        states = from_start(maps, h)  # (size, ...)
        h = states[-1]
        seen.append(states)
    return np.concatenate(seen)


def hillis_steele_work(time):
    """Return how many compositions `hillis_steele` does: `Σ (time - 2^round)`."""
    return sum(time - 2**r for r in range(max(time - 1, 0).bit_length()))


def blelloch_work(time):
    """Return how many compositions `blelloch` does: two sweeps over the padded length, one more."""
    return 2 * (2 ** max(time - 1, 0).bit_length() - 1) + time
