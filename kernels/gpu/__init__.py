"""What all Triton kernels share.

`launch` starts kernels on PyTorch tensors, on a GPU or in Triton's interpreter; `registry` lists
every kernel with its reference; `counting` counts and traces what a kernel does in the interpreter.
`compiling` compiles for named architectures with no GPU, `disassembly` reads what comes of it,
`occupancy` says how much fits at once. `published` holds others' timings, `roofline_model` models
them; `timing` and `workloads` measure where there is a GPU.

Nothing here is packed for the reader's worker, but for what `assets.py` names.
"""
