"""Share a budget of arithmetic between parameters and tokens, and count what serving adds.

Provenance: Hoffmann et al. 2022, Chinchilla (arXiv:2203.15556), eq. 1 and §3.2 for the losses at
equal FLOPs, eq. 4 for the balance of the two terms; Sardana et al. 2024 (arXiv:2401.00448) for the
least cost of training and serving together.

Laws are those of `kernels.cost.scaling`. Training is taken to cost `6 N D` FLOPs, serving `2 N` a
token; losses are in nats a token.
"""

import numpy as np

from kernels.cost.scaling import lifetime_flops


def tokens_left(flops, parameters):
    """Return the tokens that a budget leaves for models of so many parameters; arrays broadcast."""
    return flops / (6.0 * np.asarray(parameters, float))


def equal_compute(law, flops, parameters):
    """Return the loss of each size when the whole budget is spent on it: the shape of `parameters`.

    This is the function whose least value eq. 1 asks for.
    """
    return law.loss(parameters, tokens_left(flops, parameters))


def pull(law, parameters, tokens):
    """Return how much more a little growth of the model brings than the same growth of its text.

    That is `(alpha A / N^alpha) / (beta B / D^beta)`, the ratio of the loss's two slopes over the
    logarithms. On the frontier of eq. 4 it is one; above one the model is small for its text.
    """
    of_size = law.alpha * law.a / parameters**law.alpha
    return of_size / (law.beta * law.b / tokens**law.beta)


def about_as_good(law, flops, slack):
    """Return the smallest and the largest size whose loss is within `slack` nats of the least.

    Both are found by halving, to nine digits, within a factor of a million of the best size.
    """
    best, _ = law.optimum(flops)
    limit = equal_compute(law, flops, best) + slack
    ends = []
    for far in (1e-6, 1e6):
        inside, outside = np.log(best), np.log(best * far)
        for _ in range(36):
            middle = 0.5 * (inside + outside)
            if equal_compute(law, flops, np.exp(middle)) <= limit:
                inside = middle
            else:
                outside = middle
        ends.append(float(np.exp(inside)))
    return tuple(ends)


def life_of(law, loss, parameters, served):
    """Return the FLOPs by which a model reaches a loss and then reads or writes `served` tokens."""
    return lifetime_flops(parameters, law.tokens_for(loss, parameters), served)


def pull_to_serve(tokens, served):
    """Return the pull of the model that is cheapest to train on `tokens` and then serve `served`.

    Setting the slope of `6 N D + 2 N S` along a curve of equal loss to nought gives `1 + S / 3 D`.
    """
    return 1.0 + served / (3.0 * tokens)


def cheapest(law, loss, served):
    """Return the `(parameters, tokens)` that reach a loss and cost least to train and serve.

    Along the curve of equal loss the pull falls with the size, and the one wanted rises; halving
    finds where they meet, above the smallest size that can reach the loss at all. Raises
    `ValueError` for a loss that isn't above the law's floor.
    """
    if loss <= law.floor:
        raise ValueError(f"no model reaches {loss:g}: the floor is {law.floor:g}")
    smallest = np.log(law.a / (loss - law.floor)) / law.alpha
    low, high = smallest + 1e-6, smallest + 12.0
    for _ in range(60):
        parameters = np.exp(0.5 * (low + high))
        tokens = law.tokens_for(loss, parameters)
        if pull(law, parameters, tokens) > pull_to_serve(tokens, served):
            low = np.log(parameters)
        else:
            high = np.log(parameters)
    return float(parameters), float(tokens)
