"""The bias as a price: what an even load costs in affinity, and the least that it can cost.

Provenance: the choice is DeepSeek-AI 2024, DeepSeek-V3 (arXiv:2412.19437), eq. 16; that its bias is
the price in an assignment problem is in A Theoretical Framework for Auxiliary-Loss-Free Load
Balancing, 2025 (arXiv:2512.03915), abstract. Lewis et al. 2021, BASE Layers (arXiv:2103.16716),
solve that problem for every batch.

Affinities `scores` are `(tokens, experts)`, chosen experts `(tokens, k)`, `bias` `(experts,)`.
"""

import numpy as np

from kernels.routing.topk import top_k


def kept(scores, experts):
    """Return the affinity that tokens have to their chosen experts, in all."""
    return float(np.take_along_axis(scores, experts, axis=-1).sum())


def ceiling(scores, bias, k, load):
    """Return what no assignment of `k` experts a token can exceed in `kept`, if its loads are so.

    Every token's best `k` sums of score and bias, less what the bias adds to these loads. It holds
    for any bias, and any `load` `(experts,)` that adds up to `tokens * k`.
    """
    priced = scores + bias
    return kept(priced, top_k(priced, k)) - float(bias @ load)


def first_come(scores, k, limit):
    """Let tokens choose in turn among experts with room for `limit`: `(tokens, k)`.

    Raises `ValueError` where a token finds fewer than `k` experts with room.
    """
    room = np.full(scores.shape[-1], limit)
    experts = np.empty((len(scores), k), dtype=int)
    for token, own in enumerate(scores):
        if (room > 0).sum() < k:
            raise ValueError(f"token {token} finds fewer than {k} experts with room")
        experts[token] = top_k(np.where(room > 0, own, -np.inf), k)
        room[experts[token]] -= 1
    return experts
