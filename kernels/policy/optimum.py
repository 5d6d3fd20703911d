"""The policy that earns most while it stays near a reference, and the reward a policy implies.

Provenance: Rafailov et al. 2023, Direct Preference Optimization (arXiv:2305.18290): eq. 3 for what
is maximised, eq. 4 and Appendix A.1 for its maximum, eq. 5 for the way back.

Policies are given by log-probabilities in nats, `(..., replies)`; `beta` is the price of a nat.
"""

import numpy as np


def log_normalised(scores):
    """Turn scores into log-probabilities along the last axis: a log-softmax; nothing overflows."""
    lowered = scores - scores.max(axis=-1, keepdims=True)
    return lowered - np.log(np.exp(lowered).sum(axis=-1, keepdims=True))


def optimal_policy(reference, reward, beta):
    """Return `log(pi_ref * exp(reward / beta) / Z)`: the best policy for a reward (eq. 4)."""
    return log_normalised(reference + np.asarray(reward) / beta)


def log_partition(reference, reward, beta):
    """Return `log Z`, with `Z` the reference's mean of `exp(reward / beta)` (below eq. 4)."""
    scores = reference + np.asarray(reward) / beta
    highest = scores.max(axis=-1)
    return highest + np.log(np.exp(scores - highest[..., None]).sum(axis=-1))


def implied_reward(policy, reference, beta):
    """Return `beta * log(pi / pi_ref)`: a reward for which `policy` is the best policy.

    Any other such reward differs from it by one number for all replies, `beta * log Z` (eq. 5).
    """
    return beta * (policy - reference)


def centred(reward):
    """Take the mean over the replies away: rewards that differ by a constant become equal."""
    return reward - np.mean(reward, axis=-1, keepdims=True)


def divergence(policy, reference):
    """Return `KL(pi || pi_ref)` in nats: how far a policy has strayed."""
    return (np.exp(policy) * (policy - reference)).sum(axis=-1)


def objective(policy, reference, reward, beta):
    """Return the mean reward less the price of straying (eq. 3)."""
    return (np.exp(policy) * reward).sum(axis=-1) - beta * divergence(policy, reference)
