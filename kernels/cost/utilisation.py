"""How much of the promised arithmetic a training run turns into model: utilisation.

Provenance: Chowdhery et al. 2022, PaLM (arXiv:2204.02311), §4.1 and Appendix B.

Model FLOPs utilisation asks only what the model needs, forward and backward, and what its devices
could do at their peak. What a run computes a second time, to save memory, does not count for it;
for hardware FLOPs utilisation it does.
"""


def model_flops(parameters, layers, heads, d_head, length):
    """Return the FLOPs a token needs in training: `6 N + 12 L H Q T` (Appendix B).

    `N` parameters, `L` layers, `H` heads of width `Q`, texts of `T` tokens, all of which attention
    is taken to see: the paper does not halve for the causal mask.
    """
    return 6 * parameters + 12 * layers * heads * d_head * length


def recomputed_flops(
    parameters, layers, heads, d_head, length, dense_share=1.0, attention_share=1.0
):
    """Return the FLOPs a token adds when shares of the forward pass are run again for the backward.

    PaLM ran 75% of the dense part again and all of attention (Appendix B).
    """
    attention = 4 * layers * heads * d_head * length
    return dense_share * 2 * parameters + attention_share * attention


def utilisation(tokens_per_second, flops_per_token, devices, peak):
    """Return the share of `devices` times `peak` FLOP/s that the tokens account for.

    With `model_flops` it is model FLOPs utilisation; with `recomputed_flops` added, hardware FLOPs
    utilisation. Raises `ValueError` where there is no arithmetic to share.
    """
    if devices <= 0 or peak <= 0:
        raise ValueError(f"{devices} devices of {peak} FLOP/s have no arithmetic to share")
    return tokens_per_second * flops_per_token / (devices * peak)


def tokens_per_second(share, flops_per_token, devices, peak):
    """Return the throughput at a given utilisation: the inverse of `utilisation`."""
    return share * devices * peak / flops_per_token


def training_seconds(flops, share, devices, peak):
    """Return how long a whole training of `flops` takes at that utilisation."""
    return flops / (share * devices * peak)


def kept(losses):
    """Return what is left of the peak after each loss in turn takes its share of the rest.

    `losses` are shares of time, as `(bubble, waiting, recomputation)`; returns one number more than
    there are losses, the first of them 1.
    """
    left = [1.0]
    for share in losses:
        if not 0 <= share <= 1:
            raise ValueError(f"a loss is a share between 0 and 1, not {share}")
        left.append(left[-1] * (1 - share))
    return left
