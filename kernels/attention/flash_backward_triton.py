"""FlashAttention's backward pass: three launches that compute the weights again, tile by tile.

Provenance: Dao 2023, FlashAttention-2 (arXiv:2307.08691), the backward pass, split in two launches
so that no program waits for another; the reference is `flash_backward.flash_attention_backward`.

Arrays are contiguous: `q`, `out`, `dout` and `dq` `(heads, queries, D)`, `k`, `v`, `dk` and `dv`
`(heads, keys, D)`; `lse` and `delta` `(heads, queries)` in float32. `lse` is in powers of e, as
`flash_triton.flash_forward` leaves it. A query that saw no key has an `lse` of minus infinity.
"""

import triton
import triton.language as tl


@triton.jit
def row_delta(out_ptr, dout_ptr, delta_ptr, rows, D: tl.constexpr, BLOCK: tl.constexpr):
    """Sum `out * dout` over the features, `BLOCK` of all heads' `rows` a program."""
    row = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)  # (BLOCK,)
    place = row[:, None] * D + tl.arange(0, D)[None, :]  # (BLOCK, D)
    inside = row[:, None] < rows
    out = tl.load(out_ptr + place, mask=inside, other=0.0).to(tl.float32)
    dout = tl.load(dout_ptr + place, mask=inside, other=0.0).to(tl.float32)
    tl.store(delta_ptr + row, tl.sum(out * dout, axis=1), mask=row < rows)


@triton.jit
def tile_weights(q, k, lse, row, column, queries, keys, scale, CAUSAL: tl.constexpr):
    """Compute a tile's weights again from the log-sum-exp: `(M, N)`, those of a softmax.

    `q` is `(M, D)`, `k` `(N, D)`, `lse` `(M,)`, `row` `(M, 1)` and `column` `(1, N)`.
    """
    scores = tl.dot(q, tl.trans(k), input_precision="ieee") * scale  # (M, N)
    visible = (row < queries) & (column < keys)
    if CAUSAL:
        visible = visible & (column <= row + keys - queries)
    visible = visible & (lse != float("-inf"))[:, None]
    return tl.exp(tl.where(visible, scores - lse[:, None], float("-inf")))


@triton.jit
def flash_backward_keys(
    q_ptr, k_ptr, v_ptr, dout_ptr, lse_ptr, delta_ptr, dk_ptr, dv_ptr, queries, keys, scale,
    D: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, CAUSAL: tl.constexpr,
):  # fmt: skip
    """Give a program `BLOCK_N` keys of one head; sum what all queries ask of them."""
    block, head = tl.program_id(0), tl.program_id(1).to(tl.int64)
    column = block * BLOCK_N + tl.arange(0, BLOCK_N)[:, None]  # (N, 1)
    feature = tl.arange(0, D)[None, :]  # (1, D)
    place = head * keys * D + column * D + feature  # (N, D)
    k = tl.load(k_ptr + place, mask=column < keys, other=0.0)
    v = tl.load(v_ptr + place, mask=column < keys, other=0.0)
    dk = tl.zeros((BLOCK_N, D), tl.float32)
    dv = tl.zeros((BLOCK_N, D), tl.float32)
    q_ptr += head * queries * D
    dout_ptr += head * queries * D
    begin = 0
    if CAUSAL:  # no query before this one sees the block's first key
        begin = tl.maximum(0, block * BLOCK_N - keys + queries) // BLOCK_M * BLOCK_M
    for start in range(begin, queries, BLOCK_M):
        rows = start + tl.arange(0, BLOCK_M)  # (M,)
        row = rows[:, None]  # (M, 1)
        q = tl.load(q_ptr + row * D + feature, mask=row < queries, other=0.0)  # (M, D)
        dout = tl.load(dout_ptr + row * D + feature, mask=row < queries, other=0.0)  # (M, D)
        lse = tl.load(lse_ptr + head * queries + rows, mask=rows < queries, other=0.0)
        delta = tl.load(delta_ptr + head * queries + rows, mask=rows < queries, other=0.0)
        weights = tile_weights(q, k, lse, row, tl.trans(column), queries, keys, scale, CAUSAL)
        turned = tl.trans(weights.to(dout.dtype))  # (N, M)
        dv = tl.dot(turned, dout, dv, input_precision="ieee")  # (N, D)
        dweights = tl.dot(dout, tl.trans(v), input_precision="ieee")  # (M, N)
        dscores = weights * (dweights - delta[:, None])  # (M, N), through the softmax
        dk = tl.dot(tl.trans(dscores.to(q.dtype)), q, dk, input_precision="ieee")  # (N, D)
    tl.store(dk_ptr + place, (dk * scale).to(dk_ptr.dtype.element_ty), mask=column < keys)
    tl.store(dv_ptr + place, dv.to(dv_ptr.dtype.element_ty), mask=column < keys)


@triton.jit
def flash_backward_queries(
    q_ptr, k_ptr, v_ptr, dout_ptr, lse_ptr, delta_ptr, dq_ptr, queries, keys, scale,
    D: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, CAUSAL: tl.constexpr,
):  # fmt: skip
    """Give a program `BLOCK_M` queries of one head; sum what all keys answer."""
    block, head = tl.program_id(0), tl.program_id(1).to(tl.int64)
    rows = block * BLOCK_M + tl.arange(0, BLOCK_M)  # (M,)
    row, feature = rows[:, None], tl.arange(0, D)[None, :]  # (M, 1), (1, D)
    place = head * queries * D + row * D + feature  # (M, D)
    q = tl.load(q_ptr + place, mask=row < queries, other=0.0)
    dout = tl.load(dout_ptr + place, mask=row < queries, other=0.0)
    lse = tl.load(lse_ptr + head * queries + rows, mask=rows < queries, other=0.0)
    delta = tl.load(delta_ptr + head * queries + rows, mask=rows < queries, other=0.0)
    dq = tl.zeros((BLOCK_M, D), tl.float32)
    k_ptr += head * keys * D
    v_ptr += head * keys * D
    end = keys
    if CAUSAL:
        end = tl.minimum(keys, (block + 1) * BLOCK_M + keys - queries)
    for start in range(0, end, BLOCK_N):
        column = start + tl.arange(0, BLOCK_N)[:, None]  # (N, 1)
        k = tl.load(k_ptr + column * D + feature, mask=column < keys, other=0.0)  # (N, D)
        v = tl.load(v_ptr + column * D + feature, mask=column < keys, other=0.0)  # (N, D)
        weights = tile_weights(q, k, lse, row, tl.trans(column), queries, keys, scale, CAUSAL)
        dweights = tl.dot(dout, tl.trans(v), input_precision="ieee")  # (M, N)
        dscores = weights * (dweights - delta[:, None])  # (M, N)
        dq = tl.dot(dscores.to(k.dtype), k, dq, input_precision="ieee")  # (M, D)
    tl.store(dq_ptr + place, (dq * scale).to(dq_ptr.dtype.element_ty), mask=row < queries)
