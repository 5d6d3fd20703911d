"""Root-mean-square normalisation in one launch: a number is read once and written once.

Provenance: Zhang and Sennrich 2019 (arXiv:1910.07467), eq. 4; the reference is `rms.rms_norm`.
"""

import triton
import triton.language as tl


@triton.jit
def rms_norm_rows(x_ptr, gain_ptr, out_ptr, features, epsilon, BLOCK: tl.constexpr):
    """Give a program one row of `x`, `(rows, features)`, `BLOCK` being at least `features`.

    `gain` is `(features,)`, `out` as `x`. Sums are in float32 whatever the arrays hold.
    """
    row = tl.program_id(0).to(tl.int64)
    place = tl.arange(0, BLOCK)  # (BLOCK,)
    inside = place < features
    x = tl.load(x_ptr + row * features + place, mask=inside, other=0.0).to(tl.float32)
    gain = tl.load(gain_ptr + place, mask=inside, other=0.0).to(tl.float32)
    mean_square = tl.sum(x * x, axis=0) / features
    out = x / tl.sqrt(mean_square + epsilon) * gain  # (BLOCK,)
    tl.store(out_ptr + row * features + place, out.to(out_ptr.dtype.element_ty), mask=inside)
