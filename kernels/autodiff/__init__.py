"""Gradients of what NumPy computes, and the rules that learn from them.

`tensor` remembers arithmetic and `backward` walks it back, `recompute` with less memory;
`elementwise`, `shaping`, `networks` and `losses` are the operations that networks are made of;
`layered` is the layered network of 1986 with its two passes written out;
`check` compares with central differences; `optimisers` and `muon` turn a gradient into a step;
`training` runs the loop. NumPy only, float64 throughout. Weights are `(inputs, outputs)`.

An operation of your own is a call to `tensor.record`: the value, and for each input the function
that pulls a gradient back to it.
"""
