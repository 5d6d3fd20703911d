"""Speculative decoding: a small model drafts, a large one checks all of the draft at once.

Provenance: Leviathan et al. 2023, Fast Inference from Transformers via Speculative Decoding
(arXiv:2211.17192), §2.2-2.3 and Algorithm 1; found independently by Chen et al. 2023
(arXiv:2302.01318).

`p` is the target's distribution and `q` the draft's, `(..., vocabulary)`. Models are laws as in
`kernels.tinylm.generation`. What comes out has the target's law, whatever the draft (Appendix A.1);
`speculative_theory` proves it by enumeration.
"""

from typing import NamedTuple

import numpy as np

from kernels.tinylm.sampling import draw


class Round(NamedTuple):
    """One run of the target: what was drafted, how much of it was kept, and what came instead."""

    drafted: tuple[int, ...]  # gamma tokens
    accepted: int  # how many of them, from the left
    last: int  # the token drawn by the target itself

    @property
    def tokens(self) -> tuple[int, ...]:
        """What the round adds to the text: one token at least, `gamma + 1` at most."""
        return (*self.drafted[: self.accepted], self.last)


def acceptance(p, q):
    """Return the probability of keeping each token if it is drafted: `min(1, p / q)`.

    A token that is never drafted gets one.
    """
    return np.minimum(1.0, np.divide(p, q, out=np.ones_like(p, dtype=float), where=q > 0.0))


def excess(p, q):
    """Return what the target wants beyond what the draft offers: `max(0, p - q)`."""
    return np.maximum(0.0, p - q)


def residual(p, q):
    """Return what to draw from after a rejection: `max(0, p - q)`, scaled to sum one.

    Where `p` and `q` are equal nothing is ever rejected; then it is `p`.
    """
    beyond = excess(p, q)
    total = beyond.sum(axis=-1, keepdims=True)
    return np.where(total > 0.0, beyond / np.where(total > 0.0, total, 1.0), p)


def write_draft(generator, draft, tokens, gamma):
    """Let the draft write `gamma` tokens: the list, and what each was drawn from.

    Returns `gamma` tokens and `(gamma, vocabulary)`.
    """
    text, laws = list(tokens), []
    for _ in range(gamma):
        laws.append(draft(text, 1)[0])
        text.append(draw(generator, laws[-1]))
    return text[len(tokens) :], np.array(laws)


def count_accepted(uniforms, drafted, p, q):
    """Return how many drafted tokens are kept: those before the first that fails its test.

    A token fails where its number of `uniforms` `(gamma,)` is not below its acceptance. `p` and
    `q` are `(gamma, vocabulary)`.
    """
    for place, token in enumerate(drafted):
        if not uniforms[place] < acceptance(p[place], q[place])[token]:
            return place
    return len(drafted)


def last_law(accepted, p, q):
    """Return what the target draws its own token from: `(vocabulary,)`.

    After a rejection the residual there; after a draft kept whole, the target's own distribution
    one place further. `p` is `(gamma + 1, vocabulary)`, `q` `(gamma, vocabulary)`.
    """
    if accepted == len(q):
        return p[accepted]
    return residual(p[accepted], q[accepted])


def verify(generator, drafted, p, q):
    """Check a draft against the target and add a token of the target's own: a `Round`.

    `p` is `(gamma + 1, vocabulary)`, `q` `(gamma, vocabulary)`.
    """
    accepted = count_accepted(generator.random(len(drafted)), drafted, p, q)
    return Round(tuple(drafted), accepted, draw(generator, last_law(accepted, p, q)))


def step(generator, target, draft, tokens, gamma):
    """Run Algorithm 1 once: draft `gamma` tokens, check them in one run of the target.

    `tokens` is the text so far, not empty. Returns a `Round`.
    """
    drafted, q = write_draft(generator, draft, tokens, gamma)
    p = target([*tokens, *drafted], gamma + 1)  # (gamma + 1, vocabulary)
    return verify(generator, drafted, p, q)


def rounds(generator, target, draft, tokens, gamma, count):
    """Yield rounds until at least `count` tokens were added to the text."""
    text = list(tokens)
    while len(text) < len(tokens) + count:
        done = step(generator, target, draft, text, gamma)
        text += done.tokens
        yield done
