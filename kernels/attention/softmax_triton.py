"""Softmax of the rows of a matrix, fused: one read and one write a number.

Provenance: Milakov and Gimelshein 2018 (arXiv:1805.02867) for what fusing saves; the reference is
`kernels.attention.core.softmax`.
"""

import triton
import triton.language as tl


@triton.jit
def softmax_rows(x_ptr, out_ptr, columns, BLOCK: tl.constexpr):
    """Give a program one row, `BLOCK` (a power of two) being at least `columns`.

    `x` and `out` are `(rows, columns)` and may be the same array. A row that is minus infinity
    throughout becomes zeros.
    """
    row = tl.program_id(0).to(tl.int64)
    place = tl.arange(0, BLOCK)  # (BLOCK,)
    inside = place < columns
    x = tl.load(x_ptr + row * columns + place, mask=inside, other=float("-inf")).to(tl.float32)
    largest = tl.max(x, axis=0)
    largest = tl.where(largest == float("-inf"), 0.0, largest)  # -inf - -inf would be nan
    raised = tl.exp(x - largest)  # (BLOCK,), 0 beyond the row's end
    total = tl.sum(raised, axis=0)
    weights = raised / tl.where(total == 0.0, 1.0, total)
    tl.store(out_ptr + row * columns + place, weights.to(out_ptr.dtype.element_ty), mask=inside)
