"""GRPO: a group of answers to one question is its own baseline; no critic is needed.

Provenance: DeepSeek-AI 2025, DeepSeek-R1 (arXiv:2501.12948), eqs. 1-3; the method is Shao et al.
2024, DeepSeekMath (arXiv:2402.03300), §4.1. Leaving out the division is Liu et al. 2025,
Understanding R1-Zero-Like Training (arXiv:2503.20783), §3.2.

Arrays are `(..., G)`: the last axis runs over the `G` answers of one group. Log-probabilities are
those of whole answers, in nats: the sums over their tokens.
"""

import numpy as np


def advantages(rewards):
    """Return by how many standard deviations each reward is above its group's mean (eq. 3).

    `(..., G)` to the same shape. The deviation is that of the group itself, divided by `G` and not
    by `G - 1`, which the paper leaves open. In a group whose rewards are all equal every advantage
    is zero.
    """
    centred = centre(rewards)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True))  # (..., 1)
    return centred / np.where(deviation > 0.0, deviation, 1.0)


def centre(rewards):
    """Return rewards less their group's mean: all that Dr. GRPO keeps of eq. 3."""
    rewards = np.asarray(rewards, dtype=float)
    same = (rewards == rewards[..., :1]).all(axis=-1, keepdims=True)
    return np.where(same, 0.0, rewards - rewards.mean(axis=-1, keepdims=True))


def ratio(log_new, log_old):
    """Return how much likelier an answer has become since it was sampled, 1 where not at all."""
    return np.exp(log_new - log_old)


def clipped_gain(ratios, advantage, epsilon):
    """Return what an answer adds to the objective: `min(ratio A, clip(ratio) A)` (eq. 1).

    The clip holds the ratio between `1 - epsilon` and `1 + epsilon`, so that nothing is gained by
    going further than that.
    """
    held = np.clip(ratios, 1.0 - epsilon, 1.0 + epsilon)
    return np.minimum(ratios * advantage, held * advantage)


def divergence(log_new, log_reference):
    """Estimate the KL divergence from the reference, from one answer (eq. 2): never negative.

    `r - log r - 1`, where `r` is the reference's probability over the policy's. Averaged over
    answers of the policy it is the divergence, for `E[r] = 1`.
    """
    log_r = log_reference - log_new
    return np.exp(log_r) - log_r - 1.0


def objective(log_new, log_old, log_reference, advantage, epsilon, beta):
    """Return what GRPO raises: gains less `beta` times divergences, averaged over all (eq. 1)."""
    gain = clipped_gain(ratio(log_new, log_old), advantage, epsilon)
    return float((gain - beta * divergence(log_new, log_reference)).mean())


def pulls(log_new, log_old, log_reference, advantage, epsilon, beta):
    """Return the objective's slope in each answer's log-probability, times their number.

    Like `advantage`. A ratio that the clip holds back pulls no more; a first update from fresh
    answers has ratios of 1, and then the pull is the advantage, but for the divergence.
    """
    ratios = ratio(log_new, log_old)
    free = np.where(advantage > 0.0, ratios <= 1.0 + epsilon, ratios >= 1.0 - epsilon)
    towards = beta * (np.exp(log_reference - log_new) - 1.0)  # back to the reference
    return ratios * advantage * free + towards


def softmax_slope(weights, chosen):
    """Return the slope of the chosen token's log-probability in each logit: `one_hot - weights`.

    `weights` is `(..., tokens)` and `chosen` `(...)`.
    """
    slope = -np.asarray(weights, dtype=float)
    picked = np.take_along_axis(slope, np.asarray(chosen)[..., None], axis=-1)
    np.put_along_axis(slope, np.asarray(chosen)[..., None], picked + 1.0, axis=-1)
    return slope


def mixed_chance(p, size):
    """Return the chance that a group holds both right and wrong answers, each right by `p`."""
    return 1.0 - np.asarray(p) ** size - (1.0 - np.asarray(p)) ** size
