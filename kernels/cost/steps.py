"""The two kinds of step that a served model takes: reading a prompt, and writing one token more.

Provenance: Pope et al. 2022, Efficiently Scaling Transformer Inference (arXiv:2211.05102), §2 and
§3; Shazeer 2019 (arXiv:1911.02150), §2 and §3, for why the second is slow.

Counted are the matrices and the cache; activations pass through faster memory and are left out.
"""

from kernels.cost import counts
from kernels.cost.configuration import Experts, Model
from kernels.cost.roofline import Work


def experts_met(experts: Experts, tokens: float) -> float:
    """Return how many routed experts `tokens` tokens meet on average, if routing is even.

    Each token misses an expert with the chance `1 - active / routed`.
    """
    return experts.routed * (1.0 - (1.0 - experts.active / experts.routed) ** tokens)


def weights_read(model: Model, tokens: float) -> float:
    """Return how many parameters a step over `tokens` tokens fetches: each matrix it needs once."""
    if not model.experts:
        return counts.multiplied(model)
    spared = model.experts.active - experts_met(model.experts, tokens)
    one = counts.feed_forward_parameters(model, model.experts.d_ff)
    return counts.multiplied(model) - model.expert_layers * spared * one


def decode(
    model: Model,
    batch: int,
    context: int,
    weight_bytes: float = 2,
    cache_bytes: float = 2,
    absorbed: bool = True,
) -> Work:
    """Return the work of one token more for each of `batch` texts of `context` tokens.

    Weights are fetched once for the batch, every text's cache for itself alone. Latent attention is
    `absorbed` unless told otherwise: rebuilding all keys for one query would cost far more.
    """
    keys = min(context, model.window or context)
    flops = batch * counts.forward_flops(model, keys, absorbed)
    cache = batch * counts.cache_bytes(model, context, cache_bytes)
    return Work(flops, weight_bytes * weights_read(model, batch) + cache)


def prefill(
    model: Model, batch: int, length: int, weight_bytes: float = 2, cache_bytes: float = 2
) -> Work:
    """Return the work of reading `batch` prompts of `length` tokens and writing their cache."""
    tokens = batch * length
    flops = tokens * counts.forward_flops(model, counts.mean_keys(model, length))
    cache = batch * counts.cache_bytes(model, length, cache_bytes)
    return Work(flops, weight_bytes * weights_read(model, tokens) + cache)


def largest_batch(
    model: Model, memory: float, context: int, weight_bytes: float = 2, cache_bytes: float = 2
) -> int:
    """Return how many texts of `context` tokens fit in `memory` bytes beside the weights, or 0."""
    room = memory - counts.weight_bytes(model, weight_bytes)
    return max(0, int(room // counts.cache_bytes(model, context, cache_bytes)))
