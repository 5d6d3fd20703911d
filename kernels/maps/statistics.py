"""What a head does, in five numbers.

Provenance: the measures of Clark et al. 2019, What Does BERT Look At? (arXiv:1906.04341), §3.1 to
§3.3: mass on the previous token and on special tokens, entropy; the mean distance is Vig & Belinkov
2019, Analyzing the Structure of Attention (arXiv:1906.04284), §3.3. Mass on the first token is the
attention sink of Xiao et al. 2023 (arXiv:2309.17453), §3.1.

Weights are `(..., queries, keys)`, each row summing to one; each measure is averaged over the
queries and returned as `(...)`.
"""

import numpy as np


def entropy(weights):
    """Return how spread a query's attention is, in bits: 0 for one key, `log2(keys)` for all."""
    positive = np.where(weights > 0, weights, 1.0)  # a key without weight adds nothing
    return -(weights * np.log2(positive, dtype=np.float64)).sum(axis=-1).mean(axis=-1)


def distance(weights):
    """Return how far away attention falls, in tokens: weights times `|query - key|`."""
    queries, keys = weights.shape[-2:]
    away = np.abs(np.arange(queries)[:, None] - np.arange(keys))  # (queries, keys)
    return (weights * away).sum(axis=-1).mean(axis=-1)


def first_token(weights):
    """Return the mass on key 0, from queries that could look elsewhere.

    Query 0 of a causal map sees nothing but key 0 and is always left out.
    """
    return weights[..., 1:, 0].mean(axis=-1, dtype=np.float64)


def shifted(weights, offset):
    """Return the mass on the key `offset` places from the query: -1 the previous, 1 the next.

    Queries without such a key are left out.
    """
    return np.diagonal(weights, offset, -2, -1).mean(axis=-1, dtype=np.float64)


def previous_token(weights):
    """Return the mass on the key just before the query; query 0, which has none, is left out."""
    return shifted(weights, -1)


def describe(weights, same_tokens=True):
    """Return all of them for `weights` `(layers, heads, queries, keys)`, as lists `[layer][head]`.

    Where keys aren't the queries' own places (attention to a sound's frames), distances have no
    meaning and are `None`.
    """
    own = {"distance": distance, "previous_token": previous_token}
    both = {"entropy": entropy, "first_token": first_token}
    found: dict[str, list[list[float]] | None] = dict.fromkeys(own)
    for name, measure in {**both, **(own if same_tokens else {})}.items():
        found[name] = measure(weights).astype(float).tolist()
    return found
