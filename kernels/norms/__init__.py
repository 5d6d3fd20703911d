"""Normalisation: `rms` divides by the root mean square (Zhang and Sennrich 2019). NumPy only."""
