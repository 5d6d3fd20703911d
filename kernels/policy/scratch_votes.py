"""Many answers to one question: how often one is right, and how often the commonest is.

Provenance: pass@1 as a mean over samples and cons@64, a majority vote among 64, are DeepSeek-AI
2025, DeepSeek-R1 (arXiv:2501.12948, first version), §3; voting is Wang et al. 2022,
Self-Consistency Improves Chain of Thought Reasoning (arXiv:2203.11171).
"""

import numpy as np


def pass_at_1(answers, right):
    """Return the share of right answers to each question: `(questions,)`.

    `answers` is `(questions, samples)` and `right` `(questions,)`.
    """
    return (answers == right[:, None]).mean(axis=-1)


def tally(answers, kinds=10):
    """Count each answer's votes: `(..., samples)` of whole numbers to `(..., kinds)`."""
    return (answers[..., None] == np.arange(kinds)).sum(axis=-2)


def vote(answers, right):
    """Return the chance that the commonest answer is right, where a tie is broken by lot.

    `(..., samples)` and `(...)` to `(...)`: 1, 0, or one over the number of answers that lead.
    """
    votes = tally(answers)  # (..., kinds)
    leading = votes == votes.max(axis=-1, keepdims=True)
    won = np.take_along_axis(leading, np.asarray(right)[..., None], axis=-1)[..., 0]
    return won / leading.sum(axis=-1)


def consensus(answers, right, k):
    """Return cons@k of each question, averaged over blocks of `k` samples: `(questions,)`.

    Raises
    ------
    ValueError
        If the samples can't be cut into blocks of `k`.
    """
    questions, samples = answers.shape
    if samples % k:
        raise ValueError(f"{samples} samples can't be cut into blocks of {k}.")
    blocks = answers.reshape(questions, samples // k, k)
    return vote(blocks, np.broadcast_to(right[:, None], blocks.shape[:2])).mean(axis=-1)
