"""Forget what happened inside a block, and work it out again on the way back.

Provenance: Chen et al. 2016, Training deep nets with sublinear memory cost (arXiv:1604.06174), §3.
Memory for one more forward pass of the block; the numbers are the same to the last bit.
"""

import numpy as np

from .backward import backward, parents_first
from .tensor import Tensor, as_tensor, record


def recompute(block, *inputs):
    """Run `block` on the inputs, remembering these alone: what `block(*inputs)` returns.

    `block` must give the same result each time, and must take as an input every Tensor that is to
    get a gradient: it can't reach those that it merely mentions.
    """
    tensors = [as_tensor(each) for each in inputs]
    output = block(*(as_tensor(each.data) for each in tensors))
    waiting: dict = {}  # gradients of one walk that have not been handed on yet

    def pull(i):
        def hand_on(g):
            if i not in waiting:
                waiting.update(run_again(block, tensors, g))
            return waiting.pop(i)

        return hand_on

    return record(output.data, *((each, pull(i)) for i, each in enumerate(tensors)))


def run_again(block, tensors, gradient):
    """Run the block once more, now remembering, and walk back: gradients by number of input."""
    leaves = [Tensor(each.data, tracked=each.tracked) for each in tensors]
    backward(block(*leaves), gradient)
    return {
        i: np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
        for i, leaf in enumerate(leaves)
        if leaf.tracked
    }


def remembered_bytes(output):
    """Return the memory of all results that a walk back from `output` would visit."""
    return sum(node.data.nbytes for node in parents_first(output))
