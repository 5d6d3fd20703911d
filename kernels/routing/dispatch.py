"""Dispatch: sort what tokens ask for by expert, let each expert work, and bring it back.

Provenance: Lepikhin et al. 2020, GShard (arXiv:2006.16668), for capacity and for dispatch and
combine as sums over one-hot arrays; Fedus et al. 2021, Switch Transformers (arXiv:2101.03961), for
the capacity factor; Gale et al. 2022, MegaBlocks (arXiv:2211.15841), for doing without, by sorting.

A token that takes `k` experts makes `k` assignments, numbered `token * k + choice`.
"""

from typing import NamedTuple

import numpy as np


class Plan(NamedTuple):
    """Where assignments go.

    `order` `(assignments,)` lists assignments expert by expert; `inverse`, of the same shape, says
    where in `order` each one is; expert `e` has `order[offsets[e] : offsets[e + 1]]`.
    """

    order: np.ndarray
    inverse: np.ndarray
    offsets: np.ndarray


def loads(experts, count):
    """Return how many assignments each of `count` experts gets: `(count,)`."""
    return np.bincount(np.ravel(experts), minlength=count)


def invert(order):
    """Return the permutation that undoes `order`: `x[order][invert(order)]` is `x`."""
    inverse = np.empty_like(order)
    inverse[order] = np.arange(len(order))
    return inverse


def plan(experts, count):
    """Sort the assignments of `experts` `(tokens, k)` by expert; none is dropped.

    Within an expert they stay in the order of the tokens, so that the result is always the same.
    """
    order = np.argsort(np.ravel(experts), kind="stable")  # (tokens * k,)
    offsets = np.concatenate([[0], np.cumsum(loads(experts, count))])  # (count + 1,)
    return Plan(order, invert(order), offsets)


def dispatch(x, plan, k):
    """Copy the tokens `(tokens, d)` into the order of the plan: `(tokens * k, d)`."""
    return x[plan.order // k]


def combine(results, weights, plan):
    """Bring `results` `(tokens * k, d)` back and sum each token's, weighted: `(tokens, d)`."""
    tokens, k = weights.shape
    own = results[plan.inverse].reshape(tokens, k, -1)  # (tokens, k, d)
    return np.einsum("tk,tkd->td", weights, own)


def mixture(x, experts, routed):
    """Run a whole layer without a capacity: `(tokens, d)` to `(tokens, d_out)`.

    `experts` are functions from `(n, d)` to `(n, d_out)`, and `routed` is what a gate returned. An
    expert works once, on all of its tokens together.
    """
    where = plan(routed.experts, len(experts))
    sent = dispatch(x, where, routed.experts.shape[-1])
    spans = zip(experts, where.offsets[:-1], where.offsets[1:], strict=True)
    results = [expert(sent[first:last]) for expert, first, last in spans]
    return combine(np.concatenate(results), routed.weights, where)


def capacity(tokens, experts, k, factor=1.0):
    """Return how many assignments an expert may take: `factor` times an even share, rounded up."""
    return int(np.ceil(factor * tokens * k / experts))


def queue_places(experts, count, first_choices_first=True):
    """Return each assignment's place in its expert's queue, from zero: `(tokens, k)`.

    Tokens queue in their order. All first choices go before any second one, as in GShard, or else
    a token with all of its choices before the next.
    """
    tokens, k = experts.shape
    line = np.ravel(experts.T if first_choices_first else experts)
    before = np.cumsum(line[:, None] == np.arange(count), axis=0)  # (assignments, count)
    places = before[np.arange(len(line)), line] - 1
    return places.reshape(k, tokens).T if first_choices_first else places.reshape(tokens, k)


def within_capacity(experts, count, limit, first_choices_first=True):
    """Return which assignments find room: true or false, `(tokens, k)`.

    A token without room for any choice goes by the layer on the residual path alone.
    """
    return queue_places(experts, count, first_choices_first) < limit


def one_hot_combine(routed, count, limit):
    """Return GShard's combine array, `(tokens, count, limit)`: a weight at expert and place.

    Where it isn't zero, a token is dispatched. `einsum("tel,td->eld")` with that mask sends, and
    `einsum("tel,eld->td")` with the weights brings back: matrix products, at the price of slots
    that stay empty and tokens that find none.
    """
    places = queue_places(routed.experts, count)  # (tokens, k)
    token, choice = np.nonzero(places < limit)
    array = np.zeros((len(places), count, limit))
    slots = token, routed.experts[token, choice], places[token, choice]
    array[slots] = routed.weights[token, choice]
    return array
