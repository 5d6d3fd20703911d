"""Decode attention for grouped heads: a group's keys are loaded once for all heads that share them.

Provenance: Ainslie et al. 2023, GQA (arXiv:2305.13245), for the groups; the running softmax of Dao
2023, FlashAttention-2 (arXiv:2307.08691), Algorithm 1. The reference is
`kernels.attention.grouped.grouped_attention`.

Arrays are contiguous: `q` and `out` `(batch, groups, SHARED, D)`, one token's queries; `k` and `v`
`(batch, groups, most, D)`, of which `lengths` `(batch,)` int32 says how many are filled.
"""

import triton
import triton.language as tl


@triton.jit
def grouped_decode(
    q_ptr, k_ptr, v_ptr, lengths_ptr, out_ptr, groups, most, scale,
    D: tl.constexpr, SHARED: tl.constexpr, ROWS: tl.constexpr, BLOCK_N: tl.constexpr,
):  # fmt: skip
    """Give a program one group of one batch entry: `SHARED` queries against all of its keys.

    A lone query would be a product of a matrix with a vector, which tensor cores can't do; the
    group's queries together are a matrix, filled up with zeros to the `ROWS` (16 or more) that
    `tl.dot` wants.
    """
    entry, group = tl.program_id(0), tl.program_id(1)
    pair = (entry * groups + group).to(tl.int64)
    row, feature = tl.arange(0, ROWS)[:, None], tl.arange(0, D)[None, :]  # (ROWS, 1), (1, D)
    mine = pair * SHARED * D + row * D + feature  # (ROWS, D)
    q = tl.load(q_ptr + mine, mask=row < SHARED, other=0.0)
    length = tl.load(lengths_ptr + entry)
    k_ptr += pair * most * D
    v_ptr += pair * most * D

    maximum = tl.full((ROWS,), float("-inf"), tl.float32)
    total = tl.zeros((ROWS,), tl.float32)
    mixed = tl.zeros((ROWS, D), tl.float32)
    for start in range(0, length, BLOCK_N):
        columns = start + tl.arange(0, BLOCK_N)  # (N,), the first of them is always filled
        column = columns[:, None]
        k = tl.load(k_ptr + column * D + feature, mask=column < length, other=0.0)  # (N, D)
        scores = tl.dot(q, tl.trans(k), input_precision="ieee")  # (ROWS, N)
        scores *= scale * 1.4426950408889634  # log2(e)
        scores = tl.where(columns[None, :] < length, scores, float("-inf"))

        new = tl.maximum(maximum, tl.max(scores, axis=1))  # (ROWS,)
        weights = tl.exp2(scores - new[:, None])  # (ROWS, N), not yet divided
        factor = tl.exp2(maximum - new)  # (ROWS,), at most 1
        total = factor * total + tl.sum(weights, axis=1)
        v = tl.load(v_ptr + column * D + feature, mask=column < length, other=0.0)  # (N, D)
        mixed = mixed * factor[:, None]
        mixed = tl.dot(weights.to(v.dtype), v, mixed, input_precision="ieee")  # (ROWS, D)
        maximum = new

    out = mixed / tl.where(total == 0.0, 1.0, total)[:, None]  # an empty cache gives zeros
    tl.store(out_ptr + mine, out.to(out_ptr.dtype.element_ty), mask=row < SHARED)
