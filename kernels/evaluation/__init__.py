"""Evaluation: what a benchmark's trials say, how sure of it one can be, and a shop to run them in.

`trials` estimates pass@k and pass^k from counts of successes, `spread` says what both become when
tasks differ in difficulty, `intervals` how far an average over tasks may be off, `shop` replays
small tasks and compares databases, `published` keeps trials that others have run. NumPy only.
"""
