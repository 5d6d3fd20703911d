"""Gates: how a router scores the experts for a token, and which few it takes.

Provenance: Shazeer et al. 2017, Outrageously Large Neural Networks (arXiv:1701.06538), noisy top-k
gating; Fedus et al. 2021, Switch Transformers (arXiv:2101.03961), for a single expert; Jiang et al.
2024, Mixtral of Experts (arXiv:2401.04088), for the softmax over those chosen; DeepSeek-AI 2024,
DeepSeek-V3 (arXiv:2412.19437), for sigmoid scores, the bias that only chooses, and few nodes.

Logits are `(tokens, experts)`; of equal scores the expert with the lower number comes first.
"""

from typing import NamedTuple

import numpy as np

from kernels.attention.core import softmax


class Routed(NamedTuple):
    """The experts of every token, best first, and the weights of what they return.

    Both are `(tokens, k)`: `experts` whole numbers, `weights` at least zero.
    """

    experts: np.ndarray
    weights: np.ndarray


def top_k(scores, k):
    """Return the `k` best experts of every token, best first: `(tokens, k)`.

    Raises `ValueError` where there are fewer than `k` experts, or `k` is below one.
    """
    if not 1 <= k <= scores.shape[-1]:
        raise ValueError(f"can't take the best {k} of {scores.shape[-1]} experts")
    return np.argsort(-scores, axis=-1, kind="stable")[..., :k]


def renormalise(weights):
    """Scale the weights of a token to the sum one."""
    return weights / weights.sum(axis=-1, keepdims=True)


def gate(logits, k):
    """Weigh by the softmax over all experts: what the chosen few have sums to less than one.

    With `k = 1` this is the Switch Transformer's gate: a lone weight that were always one would
    teach the router nothing.
    """
    scores = softmax(logits)  # (tokens, experts)
    experts = top_k(logits, k)
    return Routed(experts, np.take_along_axis(scores, experts, axis=-1))


def gate_chosen(logits, k):
    """Weigh by the softmax over the chosen few alone, as Mixtral does.

    The same as `gate`, renormalised: what the others would have had cancels.
    """
    experts = top_k(logits, k)
    return Routed(experts, softmax(np.take_along_axis(logits, experts, axis=-1)))


def noisy(logits, spread, rng):
    """Add Gaussian noise to logits, wider where `spread` is larger: `(tokens, experts)`.

    `spread`, from a projection of its own, goes through a softplus to become a standard deviation.
    Noise lets an expert that is nearly chosen be tried.
    """
    return logits + rng.standard_normal(logits.shape) * np.logaddexp(0.0, spread)


def sigmoid(x):
    """Squash any real number to between zero and one."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))  # nothing to overflow


def gate_biased(logits, bias, k, groups=1, kept=1, factor=1.0):
    """Choose by sigmoid plus bias, weigh by the sigmoids alone, as DeepSeek-V3 does.

    `bias` is `(experts,)`; it moves tokens between experts, and no weight depends on it but through
    the choice. Only experts in the `kept` best of `groups` count; `factor` scales all weights.
    """
    scores = sigmoid(logits)  # (tokens, experts)
    choice = in_best_groups(scores + bias, groups, kept, -(-k // kept))
    experts = top_k(choice, k)
    weights = np.take_along_axis(scores, experts, axis=-1)
    return Routed(experts, factor * renormalise(weights))


def in_best_groups(scores, groups, kept, best):
    """Put minus infinity to experts outside a token's `kept` best groups: `(tokens, experts)`.

    A group (a machine's experts) is as good as the sum of its `best` highest scores, so that a
    token's choice is sent to few machines. Raises `ValueError` where groups would be uneven, or a
    group has fewer than `best` experts.
    """
    tokens, experts = scores.shape
    if experts % groups or experts // groups < best:
        raise ValueError(f"{experts} experts don't form {groups} even groups of {best} or more")
    by_group = scores.reshape(tokens, groups, experts // groups)
    worth = np.sort(by_group, axis=-1)[..., -best:].sum(axis=-1)  # (tokens, groups)
    inside = np.zeros(worth.shape, dtype=bool)
    np.put_along_axis(inside, top_k(worth, kept), True, axis=-1)
    return np.where(inside[..., None], by_group, -np.inf).reshape(tokens, experts)
