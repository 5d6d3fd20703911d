"""Gradients of what NumPy computes, and the rules that learn from them.

`tensor` records arithmetic and walks it back; `elementwise`, `shaping`, `networks` and `losses` are
the operations that networks are made of; `check` compares with central differences; `optimisers`
and `muon` turn a gradient into a step; `training` runs the loop. NumPy only, float64 throughout.

An operation of your own is a call to `tensor.record`: the value, and for each input the function
that pulls a gradient back to it.
"""
