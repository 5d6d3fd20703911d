"""What speculative decoding gains, in closed form, and what it may emit, by enumeration.

Provenance: Leviathan et al. 2023 (arXiv:2211.17192), §3: eq. 1 for the tokens of a run, Theorem
3.5 and Corollary 3.6 for the acceptance rate, Theorem 3.8 for time, Theorem 3.11 for operations;
Appendix A.1 for the law of the output.

`alpha` is how often a drafted token is kept on average, `gamma` the length of a draft, `c` the time
of a draft's run over that of a target's.
"""

import numpy as np

from kernels.tinylm.speculative import acceptance, last_law


def acceptance_rate(p, q):
    """Return how often a token drafted from `q` is kept: the sum of `min(p, q)`, `(...)`."""
    return np.minimum(p, q).sum(axis=-1)


def divergence(p, q):
    """Return `D_LK(p, q)`, the sum of `|p - M|` with `M` the mean of both (Definition 3.2).

    It is one less the acceptance rate (Theorem 3.5): 0 for equals, 1 where nothing is shared.
    """
    return np.abs(p - (p + q) / 2.0).sum(axis=-1)


def expected_tokens(alpha, gamma):
    """Return the tokens that one run of the target adds: `(1 - a^(g+1)) / (1 - a)` (eq. 1).

    It is the sum of `a^0 … a^g`, for tokens are taken to be kept independently of each other.
    """
    return sum(np.asarray(alpha, dtype=float) ** power for power in range(gamma + 1))


def accepted_law(alpha, gamma):
    """Return the probability of keeping 0 … gamma tokens of a draft: `(gamma + 1,)`."""
    kept = np.arange(gamma + 1)
    return alpha**kept * np.where(kept < gamma, 1.0 - alpha, 1.0)


def speed_up(alpha, gamma, c):
    """Return how much faster text comes: tokens a run, over `gamma * c + 1` (Theorem 3.8)."""
    return expected_tokens(alpha, gamma) / (gamma * c + 1.0)


def more_operations(alpha, gamma, c):
    """Return how many times the operations a token takes (Theorem 3.11).

    `c` is a draft token's operations over a target token's; the target reads `gamma + 1` a run.
    """
    return (gamma * c + gamma + 1.0) / expected_tokens(alpha, gamma)


def best_gamma(alpha, c, longest=64):
    """Return the length of draft, from 0 to `longest`, that is fastest; of equals, the shortest."""
    return int(np.argmax([speed_up(alpha, gamma, c) for gamma in range(longest + 1)]))


def one_token_law(p, q):
    """Return the law of a round's first token: kept from the draft, or drawn after a rejection.

    `q a + (1 - sum(q a)) r`, with `a` the acceptance and `r` the residual: `(vocabulary,)`, equal
    to `p` (Appendix A.1).
    """
    kept = q * acceptance(p, q)  # (vocabulary,)
    return kept + (1.0 - kept.sum()) * last_law(0, np.stack([p, p]), q[None])


def round_law(target, draft, tokens, gamma):
    """Return everything that one round may add to the text, with its probability.

    A dictionary from tuples of 1 to `gamma + 1` tokens, found by trying every draft token by token
    with the same steps as `speculative`. Laws are as in `generation`.
    """
    found: dict[tuple[int, ...], float] = {}

    def follow(added, chance, left):
        p = target([*tokens, *added], 1)  # (1, vocabulary)
        q = draft([*tokens, *added], 1)[: min(left, 1)]  # none where nothing is left to draft
        kept = q[0] * acceptance(p[0], q[0]) if left else np.zeros_like(p[0])
        for token, share in enumerate(last_law(0, p, q) * (1.0 - kept.sum())):
            if share > 0.0:
                emitted = (*added, token)
                found[emitted] = found.get(emitted, 0.0) + chance * share
        for token, share in enumerate(kept):
            if share > 0.0:
                follow((*added, token), chance * share, left - 1)

    follow((), 1.0, gamma)
    return found


def text_law(target, draft, tokens, gamma, count):
    """Return the law of the next `count` tokens, round after round, as a dictionary.

    The work grows as the vocabulary to the power of `count + gamma`: keep all three small.
    """
    found: dict[tuple[int, ...], float] = {}
    for added, chance in round_law(target, draft, tokens, gamma).items():
        rest = {(): 1.0}
        if len(added) < count:
            rest = text_law(target, draft, [*tokens, *added], gamma, count - len(added))
        for more, share in rest.items():
            text = (*added, *more)[:count]
            found[text] = found.get(text, 0.0) + chance * share
    return found


def plain_law(target, tokens, count):
    """Return the law of the next `count` tokens of the target alone, as a dictionary."""
    texts: dict[tuple[int, ...], float] = {(): 1.0}
    for _ in range(count):
        texts = {
            (*text, token): chance * share
            for text, chance in texts.items()
            for token, share in enumerate(target([*tokens, *text], 1)[0])
            if share > 0.0
        }
    return texts


def largest_difference(one, two):
    """Return the largest difference of two laws over all texts of either."""
    return max(abs(one.get(text, 0.0) - two.get(text, 0.0)) for text in one.keys() | two.keys())
