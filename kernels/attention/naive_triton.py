"""Attention in three launches: scores to memory, softmax over rows, weights times values.

Provenance: Dao et al. 2022, FlashAttention (arXiv:2205.14135), Algorithm 0. The launch between
these two is `softmax_triton.softmax_rows`. The reference is `kernels.attention.core.attention`.

Arrays are contiguous: `q` and `out` `(heads, queries, D)`, `k` and `v` `(heads, keys, D)`, the
scores `(heads, queries, keys)`.
"""

import triton
import triton.language as tl


@triton.jit
def scores_tile(
    q_ptr, k_ptr, scores_ptr, queries, keys, scale,
    D: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, CAUSAL: tl.constexpr,
):  # fmt: skip
    """Give a program one tile of the scores, `BLOCK_M` queries by `BLOCK_N` keys of one head."""
    head = tl.program_id(2).to(tl.int64)
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)[:, None]  # (M, 1)
    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)[:, None]  # (N, 1)
    feature = tl.arange(0, D)[None, :]  # (1, D)
    q_ptr += head * queries * D
    k_ptr += head * keys * D
    q = tl.load(q_ptr + rows * D + feature, mask=rows < queries, other=0.0)  # (M, D)
    k = tl.load(k_ptr + columns * D + feature, mask=columns < keys, other=0.0)  # (N, D)
    scores = tl.dot(q, tl.trans(k), input_precision="ieee") * scale  # (M, N)

    columns = tl.trans(columns)  # (1, N)
    if CAUSAL:  # the last query sees the last key
        scores = tl.where(columns <= rows + keys - queries, scores, float("-inf"))
    place = scores_ptr + head * queries * keys + rows.to(tl.int64) * keys + columns
    inside = (rows < queries) & (columns < keys)
    tl.store(place, scores.to(scores_ptr.dtype.element_ty), mask=inside)


@triton.jit
def mix_values(
    weights_ptr, v_ptr, out_ptr, queries, keys,
    D: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr,
):  # fmt: skip
    """Give a program `BLOCK_M` queries of one head: their weights times all the values."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)[:, None]  # (M, 1)
    feature = tl.arange(0, D)[None, :]  # (1, D)
    v_ptr += head * keys * D
    weights_ptr += head * queries * keys + rows.to(tl.int64) * keys  # (M, 1)
    mixed = tl.zeros((BLOCK_M, D), tl.float32)
    for start in range(0, keys, BLOCK_N):
        columns = start + tl.arange(0, BLOCK_N)  # (N,)
        inside = (rows < queries) & (columns < keys)[None, :]
        weights = tl.load(weights_ptr + columns[None, :], mask=inside, other=0.0)  # (M, N)
        column = columns[:, None]  # (N, 1)
        v = tl.load(v_ptr + column * D + feature, mask=column < keys, other=0.0)  # (N, D)
        mixed = tl.dot(weights, v, mixed, input_precision="ieee")
    out = out_ptr + head * queries * D + rows * D + feature
    tl.store(out, mixed.to(out_ptr.dtype.element_ty), mask=rows < queries)
