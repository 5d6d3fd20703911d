"""Trials that others have run and published, as marks: + for a success, - for a failure.

Provenance: sierra-research/tau-bench on GitHub, commit 59a200c6d575d595120f1cb70fea53cef0632f6b,
`historical_trajectories/gpt-4o-airline.json`, MIT licence, copyright 2024 Sierra: the rewards of
200 conversations of gpt-4o by function calling, 50 tasks of τ-airline and four trials of each;
which of the tasks, as annotated in the same file, end with the database as it was; and where two
trials of a task begin to differ. The tallies are ours; nothing else of the file is kept. They
aren't the runs of the paper's Table 2, whose average is another.
"""

import numpy as np

GPT_4O_AIRLINE = """
    ---- -+-- --+- ---- ---- -+-- +--- --+- ---- ----
    ---- +--- ++++ -++- ---- --++ ---+ ---+ ++++ ----
    ++++ -+++ ---- ---- ++++ ---- +-+- -++- ---- +---
    -+-+ +--+ ---- ---- ++-+ ++++ ++++ -+++ ++++ +---
    ++-+ -+-+ ++++ +--- +-+- +--+ -++- -+-- ++++ ++++
"""

# Tasks, counted from nought, whose annotation calls no tool that writes: the goal is the database
# as it was. All but one of them ask for no words either. The environment at that commit, given
# `transfer_to_human_agents` as the only call, rewards those nineteen and no other task.
NO_WRITES = (12, 13, 15, 17, 18, 21, 24, 29, 35, 36, 37, 38, 39, 40, 41, 42, 44, 47, 48, 49)
NO_WRITES_BUT_WORDS = (44,)

# Pairs of trials that the customer opens with the same message, as (task, trial, other trial), all
# counted from nought: how many replies the agent then gave to the same conversation, each time the
# same one, and whose message is the first that differs. All other pairs differ from the first on.
OPENED_ALIKE = {
    (0, 0, 2): (2, "customer"),
    (0, 0, 3): (1, "customer"),
    (0, 2, 3): (1, "customer"),
    (28, 2, 3): (1, "customer"),
    (35, 1, 3): (1, "customer"),
    (39, 0, 2): (1, "customer"),
    (43, 0, 1): (1, "customer"),
}


def marks(text):
    """Return trials `(tasks, trials)` as truths, one row for each group of marks."""
    return np.array([[mark == "+" for mark in task] for task in text.split()])
