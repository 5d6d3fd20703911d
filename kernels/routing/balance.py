"""Balance: what keeps a router from sending everything to the same few experts.

Provenance: Fedus et al. 2021, Switch Transformers (arXiv:2101.03961), for `loss = N Σ f_i P_i`;
Zoph et al. 2022, ST-MoE (arXiv:2202.08906), for the z-loss; Wang et al. 2024, Auxiliary-Loss-Free
Load Balancing (arXiv:2408.15664), and DeepSeek-AI 2024, DeepSeek-V3 (arXiv:2412.19437), for the
bias; Zhou et al. 2022, Expert Choice (arXiv:2202.09368), for experts that choose tokens.

Logits and probabilities are `(tokens, experts)`, chosen experts `(tokens, k)`.
"""

import numpy as np

from kernels.attention.core import softmax
from kernels.routing.dispatch import loads
from kernels.routing.topk import Routed, gate_biased, top_k


def shares(experts, count):
    """Return each expert's part of all assignments, `f`: `(count,)`, summing to one."""
    return loads(experts, count) / np.size(experts)


def balance_loss(logits, experts):
    """Return `N Σ f_i P_i`: one where either is even, up to `N` where one expert has it all.

    `f` is what part of the assignments an expert got and carries no gradient, `P` the mean of its
    probability. The published loss has a small factor before it. One alone doesn't prove that loads
    are even: where `P` is, any `f` gives it.
    """
    count = logits.shape[-1]
    return count * shares(experts, count) @ softmax(logits).mean(axis=0)


def balance_gradient(logits, experts):
    """Return the gradient of `balance_loss` in the logits: `(tokens, experts)`.

    Loaded experts are pushed down, for every token, however well it was served by them.
    """
    count = logits.shape[-1]
    p, f = softmax(logits), shares(experts, count)
    return count / len(p) * p * (f - (p @ f)[:, None])


def log_sum_exp(logits):
    """Return `log Σ exp(logit)` of every token: `(tokens,)`."""
    largest = logits.max(axis=-1)
    return largest + np.log(np.exp(logits - largest[:, None]).sum(axis=-1))


def z_loss(logits):
    """Return the mean square of `log Σ exp`: it holds logits small, whose rounding would tell.

    The softmax doesn't change when a number is added to all logits of a token; this loss does.
    """
    return np.mean(log_sum_exp(logits) ** 2)


def bias_step(bias, load, rate):
    """Lower the bias of every expert above the mean load by `rate`, raise it below: `(experts,)`.

    Only the sign counts, so one step is as long for a little too much as for all too much.
    """
    return bias + rate * np.sign(np.mean(load) - load)


def balance_by_bias(batches, k, rate, bias=None):
    """Run the gate over batches of logits and move the bias after each.

    Returns the biases before each batch and after the last, `(batches + 1, experts)`, and the
    loads, `(batches, experts)`.
    """
    count = batches[0].shape[-1]
    biases = [np.zeros(count) if bias is None else bias]
    seen = []
    for logits in batches:
        seen.append(loads(gate_biased(logits, biases[-1], k).experts, count))
        biases.append(bias_step(biases[-1], seen[-1], rate))
    return np.array(biases), np.array(seen)


def violation(load):
    """Return by what part the fullest expert is above the mean (`MaxVio`); zero if even."""
    return np.max(load, axis=-1) / np.mean(load, axis=-1) - 1.0


def expert_choice(logits, limit):
    """Let each expert take the `limit` tokens that want it most: even by construction.

    Returns `tokens` and `weights`, both `(experts, limit)`, weights from the softmax over experts.
    A token may be taken by many experts or by none, and what it gets depends on the others in its
    batch, later ones included: in a language model that is a look ahead.
    """
    scores = softmax(logits).T  # (experts, tokens)
    tokens = top_k(scores, limit)
    return tokens, np.take_along_axis(scores, tokens, axis=-1)


def by_token(tokens, weights, count):
    """Turn `expert_choice` round: a weight for every token and expert, `(count, experts)`."""
    array = np.zeros((count, len(tokens)))
    array[tokens, np.arange(len(tokens))[:, None]] = weights
    return array


def dense(routed: Routed, count):
    """Write a gate's choice as a weight for every token and expert: `(tokens, count)`."""
    array = np.zeros((len(routed.experts), count))
    np.put_along_axis(array, routed.experts, routed.weights, axis=-1)
    return array
