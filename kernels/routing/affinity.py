"""A layer of sigmoid-gated experts, a few for each token, and what flows back through it.

Provenance: DeepSeek-AI 2024, DeepSeek-V3 (arXiv:2412.19437), §2.1.2: the output is eq. 12 with no
shared expert, the gate eqs. 13, 15 and 16, the loss eqs. 17 to 20, taken over whatever tokens it is
given (a text there, a batch in `jobs_bias`).

Tokens `x` are `(tokens, d)`; the layer is `kernels.routing.switch.Layer`, whose `router` `(d,
experts)` has the paper's centroids as columns. `bias` is `(experts,)`.
"""

from typing import NamedTuple

import numpy as np

from kernels.attention.core import softmax
from kernels.routing.balance import shares
from kernels.routing.letters import embed, layer_of
from kernels.routing.switch import Layer
from kernels.routing.topk import Routed, gate_biased, sigmoid, top_k


class Visit(NamedTuple):
    """Which experts the tokens saw, and what came of it.

    `scores` `(tokens, experts)` are affinities; `routed` the gate's choice; `hidden` `(tokens, k,
    d_ff)` and `results` `(tokens, k, d)` are those of each chosen expert.
    """

    scores: np.ndarray
    routed: Routed
    hidden: np.ndarray
    results: np.ndarray


def visit(x, layer, bias, k):
    """Send every token to its `k` experts; none is dropped: a `Visit`."""
    logits = x @ layer.router  # (tokens, experts)
    routed = gate_biased(logits, bias, k)
    hidden = np.zeros((len(x), k, layer.up.shape[-1]))
    results = np.zeros((len(x), k, x.shape[-1]))
    for expert in range(logits.shape[-1]):
        token, slot = np.nonzero(routed.experts == expert)
        hidden[token, slot] = np.maximum(x[token] @ layer.up[expert], 0.0)
        results[token, slot] = hidden[token, slot] @ layer.down[expert]
    return Visit(sigmoid(logits), routed, hidden, results)


def gather(x, seen):
    """Add to each token what its experts made of it, each times its weight: `(tokens, d)`."""
    return x + np.einsum("tk,tkd->td", seen.routed.weights, seen.results)


def normalised(scores):
    """Scale a token's affinities to the sum one (eq. 19): `(tokens, experts)`."""
    return scores / scores.sum(axis=-1, keepdims=True)


def relative_load(scores, k):
    """Return each expert's load in even shares, `f` (eq. 18), by affinity alone: `(experts,)`."""
    count = scores.shape[-1]
    return count * shares(top_k(scores, k), count)


def affinity_loss(scores, k):
    """Return `Σ f_i P_i` (eqs. 17-20), without `alpha`: one where load or affinity is even."""
    return float(relative_load(scores, k) @ normalised(scores).mean(axis=0))


def affinity_gradient(scores, k):
    """Return the gradient of `affinity_loss` in the logits: `(tokens, experts)`.

    Loads are counts and have no slope; so crowded experts' affinities are pushed down for all
    tokens, in proportion to the crowd.
    """
    load, share = relative_load(scores, k), normalised(scores)
    in_scores = (load - (share @ load)[:, None]) / scores.sum(axis=-1, keepdims=True) / len(scores)
    return in_scores * scores * (1.0 - scores)


def gate_pull(seen, pull):
    """Turn a gradient in the chosen experts' weights `(tokens, k)` into one in the logits.

    Only the chosen hear of it, and never the bias: it is no argument of the weights.
    """
    own = np.take_along_axis(seen.scores, seen.routed.experts, axis=-1)  # (tokens, k)
    mean = (pull * seen.routed.weights).sum(axis=-1, keepdims=True)
    in_own = (pull - mean) / own.sum(axis=-1, keepdims=True)
    gradient = np.zeros_like(seen.scores)
    np.put_along_axis(gradient, seen.routed.experts, in_own * own * (1.0 - own), axis=-1)
    return gradient


def visit_back(x, layer, seen, pull, alpha=0.0, texts=1):
    """Return the gradients in `x` and in the layer, from `pull`, the gradient in the output.

    `alpha` times the mean `affinity_loss` of so many `texts`, which lie end to end and are equally
    long, is added to whatever `pull` is the gradient of.
    """
    experts, weights = seen.routed
    in_logits = gate_pull(seen, np.einsum("td,tkd->tk", pull, seen.results))
    if alpha:
        parts = [affinity_gradient(own, experts.shape[-1]) for own in np.split(seen.scores, texts)]
        in_logits += alpha / texts * np.concatenate(parts)
    in_x = pull + in_logits @ layer.router.T
    up, down = np.zeros_like(layer.up), np.zeros_like(layer.down)
    for expert in range(len(up)):
        token, slot = np.nonzero(experts == expert)
        in_results = weights[token, slot, None] * pull[token]
        down[expert] = seen.hidden[token, slot].T @ in_results
        in_hidden = (in_results @ layer.down[expert].T) * (seen.hidden[token, slot] > 0)
        up[expert] = x[token].T @ in_hidden
        np.add.at(in_x, token, in_hidden @ layer.up[expert].T)
    return in_x, Layer(x.T @ in_logits, up, down)


def surprise(parameters, bias, contexts, following, k):
    """Return how surprised a model of `letters` with this layer is by next letters, in nats."""
    x = embed(parameters, contexts)
    p = softmax(gather(x, visit(x, layer_of(parameters), bias, k)) @ parameters["out"])
    return -np.log(p[np.arange(len(p)), following])


def value_and_gradients(parameters, bias, contexts, following, k, alpha=0.0, texts=1):
    """Return the mean surprise, the `Visit` that the batch made, and all gradients by name.

    The gradients are of the mean surprise plus `alpha` times the loss of `visit_back`; the bias has
    none.
    """
    layer, x = layer_of(parameters), embed(parameters, contexts)
    seen = visit(x, layer, bias, k)
    y = gather(x, seen)
    p = softmax(y @ parameters["out"])  # (n, alphabet)
    rows = np.arange(len(p))
    loss = -np.log(p[rows, following]).mean()
    wrong = p / len(p)
    wrong[rows, following] -= 1.0 / len(p)
    in_x, in_layer = visit_back(x, layer, seen, wrong @ parameters["out"].T, alpha, texts)
    in_table = np.zeros_like(parameters["embedding"])
    np.add.at(in_table, contexts, in_x.reshape(*contexts.shape, -1))
    return loss, seen, {"embedding": in_table, "out": y.T @ wrong, **in_layer._asdict()}
