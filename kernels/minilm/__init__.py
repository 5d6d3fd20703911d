"""MiniLM-L6, a real trained encoder of 22.7 million parameters, in NumPy.

`wordpiece` cuts text into tokens, `encoder` is the forward pass with every layer's attention; the
weights are read by `kernels.pretrained.safetensors` from all-MiniLM-L6-v2's file. `jobs` makes the
attention maps that pages show.
"""
