"""Which of two replies is preferred: probabilities from rewards, votes, and rewards from votes.

Provenance: Bradley & Terry 1952, Rank Analysis of Incomplete Block Designs (doi:10.2307/2334029),
as in Rafailov et al. 2023 (arXiv:2305.18290), eqs. 1-2; that the best fit is finite just where each
reply reaches every other through a chain of wins is Ford 1957 (doi:10.1080/00029890.1957.11989117).

`wins` is `(replies, replies)`: how often the row's reply was preferred to the column's.
"""

import numpy as np

from kernels.autodiff.elementwise import logistic


def preference(reward):
    """Return the probability that row beats column, `sigmoid(r_row - r_column)` (eq. 1).

    The diagonal is 0: no reply is compared with itself.
    """
    reward = np.asarray(reward, dtype=float)
    likely = logistic(reward[:, None] - reward[None, :])
    return likely * (1.0 - np.eye(len(reward)))


def vote(generator, reward, votes):
    """Ask `votes` people about each pair: `wins`, whole numbers.

    The first voters are the same whatever their number, so that more votes add to fewer.
    """
    likely = preference(reward)
    replies = len(likely)
    wins = np.zeros((replies, replies))
    for first in range(replies):
        for second in range(first + 1, replies):
            own = np.random.default_rng(generator.integers(2**32))
            won = int((own.random(votes) < likely[first, second]).sum())
            wins[first, second], wins[second, first] = won, votes - won
    return wins


def decided(wins):
    """Say whether rewards that fit best are infinite: some reply can't reach another by wins."""
    reach = (wins > 0).astype(int)
    for _ in range(len(reach)):
        reach = ((reach + reach @ reach) > 0).astype(int)
    others = ~np.eye(len(reach), dtype=bool)
    return not bool(reach[others].all())


def fit_rewards(wins, steps=50):
    """Return the rewards, mean 0, under which `wins` are likeliest: the reward model (eq. 2).

    Newton's method on a concave likelihood. Raises `ValueError` where no finite rewards fit best.
    """
    if decided(wins):
        raise ValueError("a reply, or a group of them, never lost to the rest: no finite fit")
    replies, games = len(wins), wins + wins.T
    reward = np.zeros(replies)
    for _ in range(steps):
        expected = games * preference(reward)
        slope = (wins - expected).sum(axis=1)
        spread = games * preference(reward) * preference(reward).T
        bend = np.diag(spread.sum(axis=1)) - spread + 1.0 / replies  # the mean is held at 0
        step = np.linalg.solve(bend, slope)
        reward = reward + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
    return reward - reward.mean()
