"""FlashAttention in its first order of loops: keys outside, and the output travels.

Provenance: Dao et al. 2022, FlashAttention (arXiv:2205.14135), Algorithm 1, whose line numbers are
given. It is kept to be counted: `flash_triton` moves less. The reference is
`kernels.attention.traffic.keys_outside`.

Arrays are contiguous: `q` and `out` `(heads, queries, D)`, `k` and `v` `(heads, keys, D)`, `total`
and `maximum` `(heads, queries)` in float32. `out` and `total` start as zeros, `maximum` as minus
infinity (line 2).
"""

import triton
import triton.language as tl


@triton.jit
def flash1_forward(
    q_ptr, k_ptr, v_ptr, out_ptr, total_ptr, maximum_ptr, queries, keys, scale,
    D: tl.constexpr, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    """Give a program one head; hold `BLOCK_C` keys and pass all queries by, `BLOCK_R` at once."""
    head = tl.program_id(0).to(tl.int64)
    feature = tl.arange(0, D)[None, :]  # (1, D)
    q_ptr += head * queries * D
    k_ptr += head * keys * D
    v_ptr += head * keys * D
    out_ptr += head * queries * D
    total_ptr += head * queries
    maximum_ptr += head * queries
    for start in range(0, keys, BLOCK_C):  # line 5
        columns = start + tl.arange(0, BLOCK_C)  # (C,)
        column = columns[:, None]  # (C, 1)
        k = tl.load(k_ptr + column * D + feature, mask=column < keys, other=0.0)  # (C, D), line 6
        v = tl.load(v_ptr + column * D + feature, mask=column < keys, other=0.0)  # (C, D)
        for first in range(0, queries, BLOCK_R):  # line 7
            rows = first + tl.arange(0, BLOCK_R)  # (R,)
            inside = rows < queries
            row = rows[:, None]  # (R, 1)
            place = row * D + feature  # (R, D)
            q = tl.load(q_ptr + place, mask=row < queries, other=0.0)  # line 8
            out = tl.load(out_ptr + place, mask=row < queries, other=0.0).to(tl.float32)
            total = tl.load(total_ptr + rows, mask=inside, other=0.0)
            maximum = tl.load(maximum_ptr + rows, mask=inside, other=float("-inf"))

            scores = tl.dot(q, tl.trans(k), input_precision="ieee") * scale  # (R, C), line 9
            scores = tl.where(columns[None, :] < keys, scores, float("-inf"))
            tile_maximum = tl.max(scores, axis=1)  # (R,), line 10
            weights = tl.exp(scores - tile_maximum[:, None])  # (R, C)
            tile_total = tl.sum(weights, axis=1)  # (R,)
            new = tl.maximum(maximum, tile_maximum)  # (R,), line 11
            before = total * tl.exp(maximum - new)  # (R,)
            factor = tl.exp(tile_maximum - new)  # (R,)
            new_total = before + factor * tile_total

            mixed = tl.dot(weights.to(v.dtype), v, input_precision="ieee")  # (R, D), line 12
            out = (before[:, None] * out + factor[:, None] * mixed) / new_total[:, None]
            tl.debug_barrier()  # all have read before any writes
            tl.store(out_ptr + place, out.to(out_ptr.dtype.element_ty), mask=row < queries)
            tl.store(total_ptr + rows, new_total, mask=inside)  # line 13
            tl.store(maximum_ptr + rows, new, mask=inside)
        tl.debug_barrier()  # all has been written before the next keys' turn
