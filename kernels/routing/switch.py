"""A Switch layer: one expert for a token, room for so many, and what flows back through it.

Provenance: Fedus et al. 2021, Switch Transformers (arXiv:2101.03961): the gate is eq. 1, the output
eq. 2 with a single expert (§2.1), the room eq. 3, and a token without room takes the residual path
alone (§2.2). `kernels.routing.balance` has the loss, eq. 4.

Tokens `x` are `(tokens, d)`; `router` is `(d, experts)`, `up` `(experts, d, d_ff)` and `down`
`(experts, d_ff, d)`.
"""

from typing import NamedTuple

import numpy as np

from kernels.routing.balance import balance_gradient
from kernels.routing.dispatch import within_capacity
from kernels.routing.topk import gate


class Layer(NamedTuple):
    """The weights of a Switch layer, or a gradient in each of them."""

    router: np.ndarray
    up: np.ndarray
    down: np.ndarray


class Trip(NamedTuple):
    """Where tokens went, and what came of it.

    `logits` `(tokens, experts)`; `experts`, `weights` and `kept`, each `(tokens,)`: the expert that
    was chosen, its probability, and whether it had room; `hidden` `(tokens, d_ff)` and `results`
    `(tokens, d)`, both zero where it had none.
    """

    logits: np.ndarray
    experts: np.ndarray
    weights: np.ndarray
    kept: np.ndarray
    hidden: np.ndarray
    results: np.ndarray


def travel(x, layer, limit):
    """Send every token to its expert, if one of `limit` places there is left: a `Trip`."""
    logits = x @ layer.router  # (tokens, experts)
    routed = gate(logits, 1)
    experts, weights = routed.experts[:, 0], routed.weights[:, 0]
    kept = within_capacity(routed.experts, logits.shape[-1], limit)[:, 0]
    hidden = np.zeros((len(x), layer.up.shape[-1]))
    results = np.zeros_like(x)
    for expert in range(logits.shape[-1]):
        own = kept & (experts == expert)
        hidden[own] = np.maximum(x[own] @ layer.up[expert], 0.0)
        results[own] = hidden[own] @ layer.down[expert]
    return Trip(logits, experts, weights, kept, hidden, results)


def arrive(x, trip):
    """Add to each token what its expert made of it, times the gate's probability: `(tokens, d)`.

    Nothing is added to a token that was dropped; it goes on as it came.
    """
    return x + trip.weights[:, None] * trip.results


def switch(x, layer, limit):
    """Run the layer: `(tokens, d)` to the same."""
    return arrive(x, travel(x, layer, limit))


def router_pull(trip, pull):
    """Turn a gradient in the gate's probability `(tokens,)` into one in the logits.

    This is all that the task teaches the router, and it hears of the chosen expert only. Dropped
    tokens teach nothing: their `pull` is zero.
    """
    probabilities = np.exp(trip.logits - trip.logits.max(axis=-1, keepdims=True))
    probabilities /= probabilities.sum(axis=-1, keepdims=True)  # (tokens, experts)
    gradient = -probabilities * (pull * trip.weights)[:, None]
    gradient[np.arange(len(pull)), trip.experts] += pull * trip.weights
    return gradient


def walk_back(x, layer, trip, pull, alpha=0.0):
    """Return the gradients in `x` and in the layer, from `pull`, the gradient in the output.

    `alpha` times the balancing loss is added to whatever `pull` is the gradient of.
    """
    in_gate = np.einsum("td,td->t", pull, trip.results)
    in_logits = router_pull(trip, in_gate)
    in_logits += alpha * balance_gradient(trip.logits, trip.experts[:, None])
    in_results = trip.weights[:, None] * pull
    in_x = pull + in_logits @ layer.router.T
    up, down = np.zeros_like(layer.up), np.zeros_like(layer.down)
    for expert in range(len(up)):
        own = trip.kept & (trip.experts == expert)
        down[expert] = trip.hidden[own].T @ in_results[own]
        in_hidden = (in_results[own] @ layer.down[expert].T) * (trip.hidden[own] > 0)
        up[expert] = x[own].T @ in_hidden
        in_x[own] += in_hidden @ layer.up[expert].T
    return in_x, Layer(x.T @ in_logits, up, down)
