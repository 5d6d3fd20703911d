"""Direct Preference Optimization on a table of replies: the loss, its pulls, and a descent.

Provenance: Rafailov et al. 2023, Direct Preference Optimization (arXiv:2305.18290): eq. 7 for the
loss, §4 ("What does the DPO update do?") for the gradient and its weight.

`policy` and `reference` are log-probabilities `(replies,)`; `wins` is `(replies, replies)`: how
often the row's reply was preferred to the column's, in any unit.
"""

import numpy as np

from kernels.autodiff.elementwise import logistic
from kernels.policy.optimum import implied_reward, log_normalised


def margins(policy, reference, beta):
    """Return by how much each row's implied reward exceeds each column's: `(winner, loser)`."""
    reward = implied_reward(policy, reference, beta)
    return reward[:, None] - reward[None, :]


def dpo_loss(policy, reference, wins, beta):
    """Return the mean surprise, in nats, at which of two replies was preferred (eq. 7)."""
    margin = margins(policy, reference, beta)  # (winner, loser)
    surprise = np.logaddexp(0.0, -margin)  # -log sigmoid(margin)
    return float((wins * surprise).sum() / wins.sum())


def pair_weight(margin):
    """Return how hard a comparison pulls: the probability that the policy gave its opposite."""
    return logistic(-margin)


def pulls(policy, reference, wins, beta):
    """Return each comparison's share of the gradient, `(winner, loser)`: frequency times weight."""
    return wins * pair_weight(margins(policy, reference, beta)) / wins.sum()


def dpo_gradient(policy, reference, wins, beta):
    """Differentiate the loss by the scores of the softmax that `policy` comes from: `(replies,)`.

    A pull lifts its winner as much as it lowers its loser, so nothing is left for the softmax's
    total: by scores and by log-probabilities the slope is the same.
    """
    pull = pulls(policy, reference, wins, beta)
    return -beta * (pull.sum(axis=1) - pull.sum(axis=0))


def descend(reference, wins, beta, steps, rate=2.0, gradient=dpo_gradient):
    """Train from the reference: the policy before each step and after the last.

    Returns log-probabilities `(steps + 1, replies)`. The step size is `rate / beta²`, so that a
    step moves the implied rewards by as much for every `beta`.
    """
    path = [reference]
    for _ in range(steps):
        slope = gradient(path[-1], reference, wins, beta)
        path.append(log_normalised(path[-1] - rate / beta**2 * slope))
    return np.stack(path)
