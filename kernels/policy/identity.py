"""Identity preference optimisation: ask for a margin, and no more, however sure the voters are.

Provenance: Azar et al. 2023, A General Theoretical Paradigm to Understand Learning from Human
Preferences (arXiv:2310.12036), eq. 17 for the loss, §5.1 for where it leads.

As in `direct`, policies are log-probabilities `(replies,)` and `wins` is `(winner, loser)`. The
paper's `tau` is `beta` here; its margin of log-ratios is ours over `beta`.
"""

from kernels.policy.direct import margins


def ipo_loss(policy, reference, wins, beta):
    """Return the mean of `(h - 1 / (2 beta))²` with `h` the margin of log-ratios (eq. 17)."""
    short = margins(policy, reference, beta) / beta - 0.5 / beta
    return float((wins * short**2).sum() / wins.sum())


def ipo_gradient(policy, reference, wins, beta):
    """Differentiate the loss by the scores of the policy's softmax: `(replies,)`."""
    short = margins(policy, reference, beta) / beta - 0.5 / beta
    pull = -2.0 * wins * short / wins.sum()  # negative where a winner is too far ahead
    return -(pull.sum(axis=1) - pull.sum(axis=0))


def ipo_scores(wins):
    """Return the scores `g` at which equally many votes on every pair lead: `(replies,)`.

    They are shares of pairwise wins; the policy is `pi_ref * exp(g / beta) / Z`. Whatever the
    votes, two replies differ by less than 1.
    """
    share = wins / (wins + wins.T + (wins + wins.T == 0))
    return share.sum(axis=1) / len(wins)
