"""Count what followed what: an n-gram model with interpolated Kneser-Ney smoothing.

Provenance: Kneser & Ney 1995 (doi:10.1109/ICASSP.1995.479394) for counting in how many contexts a
symbol was seen; Chen & Goodman 1998 (Harvard TR-10-98), §2.7, for the interpolated form; the
discount `n1 / (n1 + 2 n2)` is Ney et al. 1994 (doi:10.1006/csla.1994.1001).

Symbols are integers below `vocabulary`, characters or tokens; `vocabulary` itself stands for what
is before the text begins. Contexts form a tree: a child is one symbol longer at its far end. A
level keeps its nodes as sorted keys, int64 on every machine, and lookups are binary searches.
"""

from typing import NamedTuple

import numpy as np


class Level(NamedTuple):
    """All n-grams of one length: `n - 1` symbols of context and the one that follows."""

    contexts: np.ndarray  # (contexts,) parent * (vocabulary + 1) + the symbol further back
    grams: np.ndarray  # (grams,) context * vocabulary + the symbol that follows
    counts: np.ndarray  # (grams,) occurrences, or below the top the symbols seen just before
    total: np.ndarray  # (contexts,) sum of the counts
    kinds: np.ndarray  # (contexts,) how many different symbols follow
    discount: float


class Model(NamedTuple):
    """Levels from single symbols to the longest n-grams, whose length is the order."""

    vocabulary: int
    levels: tuple[Level, ...]


def checked(symbols, vocabulary):
    """Return symbols as int64; raises `ValueError` for one that the vocabulary lacks."""
    symbols = np.asarray(symbols, np.int64)
    if ((symbols < 0) | (symbols >= vocabulary)).any():
        raise ValueError(f"symbols must be from 0 to {vocabulary - 1}")
    return symbols


def before(symbols, order, vocabulary):
    """Return the `order - 1` symbols before each place, the nearest last: `(time, order - 1)`."""
    padded = np.concatenate([np.full(order - 1, vocabulary), symbols]).astype(np.int64)
    return np.lib.stride_tricks.sliding_window_view(padded, order)[:, :-1]


def discount_of(counts):
    """Return what to take from every count: `n1 / (n1 + 2 n2)`.

    `n1` counts are one and `n2` are two; where there are none of either, one half.
    """
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    return once / (once + 2 * twice) if once and twice else 0.5


def seen_before(grams, longer, contexts, vocabulary):
    """Count for each n-gram the different symbols seen just before it: `(grams,)`.

    Each is a `longer` n-gram of the next level, less the far end of its context.
    """
    context, symbol = np.divmod(longer, vocabulary)
    parent = contexts[context] // (vocabulary + 1)
    return np.bincount(np.searchsorted(grams, parent * vocabulary + symbol), minlength=len(grams))


def level_of(contexts, grams, counts, vocabulary):
    """Return a level with its sums by context, none of which is empty, and its discount."""
    context = (grams // vocabulary).astype(np.intp)  # which `bincount` insists on
    total, kinds = np.bincount(context, counts), np.bincount(context)  # (contexts,)
    return Level(contexts, grams, counts, total, kinds, discount_of(counts))


def fit(symbols, order, vocabulary):
    """Count a text of symbols `(time,)`: a model of n-grams up to `order`.

    Raises `ValueError` for an empty text, an order below 1, or as `checked` does.
    """
    symbols = checked(symbols, vocabulary)
    if order < 1 or not len(symbols):
        raise ValueError(f"an order of {order} and {len(symbols)} symbols leave nothing to count")
    context = before(symbols, order, vocabulary)  # (time, order - 1)
    node = np.zeros(len(symbols), np.int64)  # the empty context
    kept = []
    for length in range(order):
        nodes = np.zeros(1, np.int64)
        if length:
            keys = node * (vocabulary + 1) + context[:, -length]
            nodes, node = np.unique(keys, return_inverse=True)
            node = node.astype(np.int64)
        grams, counts = np.unique(node * vocabulary + symbols, return_counts=True)
        kept.append((nodes, grams, counts))
    for shorter, (nodes, grams, _) in enumerate(kept[1:]):
        counts = seen_before(kept[shorter][1], grams, nodes, vocabulary)
        kept[shorter] = (*kept[shorter][:2], counts)
    return Model(vocabulary, tuple(level_of(*one, vocabulary) for one in kept))


def find(keys, wanted):
    """Return where each wanted key is among sorted keys, and whether it is there."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place.astype(np.int64), keys[place] == wanted


def interpolate(count, total, kinds, discount, shorter):
    """Mix what was counted with the probability given one symbol less of context.

    `max(count - D, 0) / total + D * kinds / total * shorter`, elementwise: what every count gives
    up is shared out as the shorter context says.
    """
    return (np.maximum(count - discount, 0.0) + discount * kinds * shorter) / total


def probability(model, contexts, symbols):
    """Return the probability of each symbol in its context: `(...)`.

    `contexts` is `(..., order - 1)`, the nearest symbol last, and `symbols` `(...)`; they
    broadcast. A context that was never seen says nothing, and the shorter ones decide.
    """
    symbols, contexts = checked(symbols, model.vocabulary), np.asarray(contexts, np.int64)
    node = np.zeros(contexts.shape[:-1], np.int64)
    known = np.ones(contexts.shape[:-1], dtype=bool)
    found = 1.0 / model.vocabulary
    for length, level in enumerate(model.levels):
        if length:
            key = node * (model.vocabulary + 1) + contexts[..., -length]
            node, present = find(level.contexts, key)
            known = known & present
        gram, present = find(level.grams, node * model.vocabulary + symbols)
        count = np.where(present, level.counts[gram], 0)
        mixed = interpolate(count, level.total[node], level.kinds[node], level.discount, found)
        found = np.where(known, mixed, found)
    return found


def distribution(model, context):
    """Return what may follow a context of any length: `(vocabulary,)`, which sums to one."""
    start = np.full(len(model.levels) - 1, model.vocabulary)
    nearest = np.concatenate([start, context])[len(context) :]  # (order - 1,)
    return probability(model, nearest, np.arange(model.vocabulary))


def surprisals(model, symbols):
    """Return `-log2` of each symbol's probability given those before it: `(time,)`, in bits."""
    contexts = before(symbols, len(model.levels), model.vocabulary)
    return -np.log2(probability(model, contexts, symbols))
