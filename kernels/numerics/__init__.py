"""Number formats, and how to round a matrix so that what it computes changes little.

`floats` rounds to FP8, FP4 and the 16-bit formats and gives their bits; `blocks` shares scales:
per tensor, per tile, MXFP4, NVFP4; `integers` are int8 and int4 per tensor, row or group;
`ternary` is BitNet's; `accumulation` sums in few bits; `packing` counts and stores bits;
`weight_only` multiplies by packed weights; `hadamard` rotates outliers away; `gptq` and `awq` round
with an eye on the activations; `lowrank` cuts singular values; `errors` measures what is lost.
NumPy only.

Weights are `(outputs, inputs)`, activations `(samples, inputs)`: a layer is `x @ w.T`.
"""
