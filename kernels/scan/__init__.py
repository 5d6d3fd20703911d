"""Recurrences: a state of fixed size that runs along a sequence, and how to run it in parallel.

`linear` scans `h = a h + b` step by step, as a tree and in chunks (Blelloch 1990), `selective` is
Mamba's scan, `convolution` the form that S4 takes where nothing changes with time, `gates` the LSTM
and its kin, `copying` the task that tells a selective layer from a fixed one. NumPy only.
"""
