"""Policies that learn: what is best, what comparisons and rewards say, and losses between.

`optimum` holds the policy that reward with a price on straying asks for, and the reward that a
policy implies; `preferences` draws and fits comparisons (Bradley & Terry 1952); `direct` is the
loss of DPO and its gradient (Rafailov et al. 2023), `identity` that of IPO (Azar et al. 2023), both
on a table of replies. `replies` judges and scores what a tiny language model says; `jobs_courtesy`
trained it on pairs of its own replies, by `courtesy_torch`.

`group_relative` is GRPO, where a group of answers is its own baseline (Shao et al. 2024,
DeepSeek-AI 2025), and `group_relative_length` what dividing by length does to it (Liu et al. 2025).
`scratch` is a task that may be worked out line by line or answered at once, `scratch_model` a
network that reads and writes its lines, `scratch_training` imitation and then GRPO, `scratch_votes`
a count of answers; `jobs_scratch` trains policies. All but `courtesy_torch` is NumPy only.
"""
