"""FlashAttention's forward pass in one launch: scores live in tiles and never reach memory.

Provenance: Dao 2023, FlashAttention-2 (arXiv:2307.08691), Algorithm 1. The reference is
`kernels.attention.online.flash_attention`, with which it shares names.

Arrays are contiguous: `q` and `out` `(heads, queries, D)`, `k` and `v` `(heads, keys, D)`, the
log-sum-exp `(heads, queries)` in float32. Any lengths; `D` and the blocks are powers of two.
"""

import triton
import triton.language as tl


@triton.jit
def flash_forward(
    q_ptr, k_ptr, v_ptr, out_ptr, lse_ptr, queries, keys, scale,
    D: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, CAUSAL: tl.constexpr,
):  # fmt: skip
    """Give a program `BLOCK_M` queries of one head, and pass all keys by them, `BLOCK_N` at once.

    With `CAUSAL` the last query sees the last key, and each one before it a key less; tiles that
    lie wholly in the future are never loaded. A query that sees no key gets zeros.
    """
    block, head = tl.program_id(0), tl.program_id(1).to(tl.int64)
    rows = block * BLOCK_M + tl.arange(0, BLOCK_M)  # (M,)
    row, feature = rows[:, None], tl.arange(0, D)[None, :]  # (M, 1), (1, D)
    q_ptr += head * queries * D
    k_ptr += head * keys * D
    v_ptr += head * keys * D
    q = tl.load(q_ptr + row * D + feature, mask=row < queries, other=0.0)  # (M, D)

    maximum = tl.full((BLOCK_M,), float("-inf"), tl.float32)
    total = tl.zeros((BLOCK_M,), tl.float32)
    mixed = tl.zeros((BLOCK_M, D), tl.float32)
    end = keys
    if CAUSAL:
        end = tl.minimum(keys, (block + 1) * BLOCK_M + keys - queries)
    for start in range(0, end, BLOCK_N):
        columns = start + tl.arange(0, BLOCK_N)  # (N,)
        column = columns[:, None]  # (N, 1)
        k = tl.load(k_ptr + column * D + feature, mask=column < keys, other=0.0)  # (N, D)
        scores = tl.dot(q, tl.trans(k), input_precision="ieee")  # (M, N)
        scores *= scale * 1.4426950408889634  # log2(e): powers of two are cheaper than of e
        visible = columns[None, :] < keys
        if CAUSAL:
            visible = visible & (columns[None, :] <= row + keys - queries)
        scores = tl.where(visible, scores, float("-inf"))

        new = tl.maximum(maximum, tl.max(scores, axis=1))  # (M,)
        anchor = tl.where(new == float("-inf"), 0.0, new)  # -inf - -inf would be nan
        weights = tl.exp2(scores - anchor[:, None])  # (M, N), not yet divided
        factor = tl.exp2(maximum - anchor)  # (M,), at most 1: rescales what was summed so far
        total = factor * total + tl.sum(weights, axis=1)
        v = tl.load(v_ptr + column * D + feature, mask=column < keys, other=0.0)  # (N, D)
        mixed = mixed * factor[:, None]
        mixed = tl.dot(weights.to(v.dtype), v, mixed, input_precision="ieee")  # (M, D)
        maximum = new

    safe = tl.where(total == 0.0, 1.0, total)
    out = mixed / safe[:, None]  # divided once, at the end
    place = out_ptr + head * queries * D + row * D + feature
    tl.store(place, out.to(out_ptr.dtype.element_ty), mask=row < queries)
    lse = (maximum + tl.log2(safe)) * 0.6931471805599453  # ln(2): back to powers of e
    tl.store(lse_ptr + head * queries + rows, lse, mask=rows < queries)
