"""Trials that others have run and published, as marks: + for a success, - for a failure.

Provenance: sierra-research/tau-bench on GitHub, commit 59a200c6d575d595120f1cb70fea53cef0632f6b,
`historical_trajectories/gpt-4o-airline.json`, MIT licence, copyright 2024 Sierra: the rewards of
200 conversations of gpt-4o by function calling, 50 tasks of τ-airline and four trials of each. The
tally is ours; nothing else of the file is kept. They aren't the runs of the paper's Table 2, whose
average is another.
"""

import numpy as np

GPT_4O_AIRLINE = """
    ---- -+-- --+- ---- ---- -+-- +--- --+- ---- ----
    ---- +--- ++++ -++- ---- --++ ---+ ---+ ++++ ----
    ++++ -+++ ---- ---- ++++ ---- +-+- -++- ---- +---
    -+-+ +--+ ---- ---- ++-+ ++++ ++++ -+++ ++++ +---
    ++-+ -+-+ ++++ +--- +-+- +--+ -++- -+-- ++++ ++++
"""


def marks(text):
    """Return trials `(tasks, trials)` as truths, one row for each group of marks."""
    return np.array([[mark == "+" for mark in task] for task in text.split()])
