"""What all Triton kernels share.

`launch` starts kernels on PyTorch tensors, on a GPU or in Triton's interpreter; `registry` lists
every kernel with its reference; `counting` counts and traces what a kernel does in the interpreter.
Nothing here is packed for the reader's worker, but for what `assets.py` names.
"""
