"""Attention and what it needs to know of order.

`core` is scaled dot-product attention with masks, heads and sinusoidal positions (Vaswani et al.
2017), `rotary` the rotary position embedding (Su et al. 2021). NumPy only.
"""
