"""Policies that learn from preferences: what is best, what comparisons say, and losses between.

`optimum` holds the policy that reward with a price on straying asks for, and the reward that a
policy implies; `preferences` draws and fits comparisons (Bradley & Terry 1952); `direct` is the
loss of DPO and its gradient (Rafailov et al. 2023), `identity` that of IPO (Azar et al. 2023), both
on a table of replies. NumPy only.
"""
