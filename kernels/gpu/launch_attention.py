"""Start the kernels of `kernels.attention`, `kernels.norms` and `kernels.matmul`.

Every function takes and gives PyTorch tensors of one type, float16 or float32. Attention's are
`(heads, time, d)`, a batch counting as more heads; with `causal` the last query sees the last key.
"""

import torch
from torch import Tensor

from kernels.gpu.launch import blocks, checked, head_shape, load, power_of_two


def softmax(x: Tensor) -> Tensor:
    """Return the softmax of each row of `(rows, columns)`; a row of minus infinity gives zeros."""
    (x,) = checked(x=x)
    rows, columns = x.shape
    out = torch.empty_like(x)
    kernel = load("kernels.attention.softmax_triton").softmax_rows
    kernel[(rows,)](x, out, columns, BLOCK=power_of_two(columns))
    return out


def naive_attention(
    q: Tensor, k: Tensor, v: Tensor, causal: bool = False, block_m: int = 128, block_n: int = 128
) -> Tensor:
    """Attend in three launches, with scores and weights in memory: `(heads, queries, d)`."""
    q, k, v = checked(q=q, k=k, v=v)
    heads, queries, keys, d = head_shape(q, k, v)
    naive = load("kernels.attention.naive_triton")
    scores = q.new_empty(heads, queries, keys)
    tiles = (blocks(queries, block_m), blocks(keys, block_n), heads)
    naive.scores_tile[tiles](
        q, k, scores, queries, keys, d**-0.5,
        D=d, BLOCK_M=block_m, BLOCK_N=block_n, CAUSAL=causal,
    )  # fmt: skip
    weights = softmax(scores.view(heads * queries, keys)).view_as(scores)
    out = torch.empty_like(q)
    naive.mix_values[(tiles[0], heads)](
        weights, v, out, queries, keys, D=d, BLOCK_M=block_m, BLOCK_N=block_n
    )
    return out


def flash_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    causal: bool = False,
    block_m: int = 128,
    block_n: int = 64,
    warps: int = 4,
    stages: int = 2,
) -> tuple[Tensor, Tensor]:
    """Attend in one launch; return the output and the log-sum-exp `(heads, queries)`."""
    q, k, v = checked(q=q, k=k, v=v)
    heads, queries, keys, d = head_shape(q, k, v)
    out = torch.empty_like(q)
    lse = q.new_empty(heads, queries, dtype=torch.float32)
    kernel = load("kernels.attention.flash_triton").flash_forward
    kernel[(blocks(queries, block_m), heads)](
        q, k, v, out, lse, queries, keys, d**-0.5,
        D=d, BLOCK_M=block_m, BLOCK_N=block_n, CAUSAL=causal, num_warps=warps, num_stages=stages,
    )  # fmt: skip
    return out, lse


def flash1_attention(q: Tensor, k: Tensor, v: Tensor, block_r: int, block_c: int) -> Tensor:
    """Attend in FlashAttention's first order of loops; see `traffic.block_sizes` for blocks."""
    q, k, v = checked(q=q, k=k, v=v)
    heads, queries, keys, d = head_shape(q, k, v)
    out = torch.zeros_like(q)
    total = q.new_zeros(heads, queries, dtype=torch.float32)
    maximum = torch.full_like(total, float("-inf"))
    kernel = load("kernels.attention.flash1_triton").flash1_forward
    kernel[(heads,)](
        q, k, v, out, total, maximum, queries, keys, d**-0.5,
        D=d, BLOCK_R=block_r, BLOCK_C=block_c,
    )  # fmt: skip
    return out


def flash_attention_backward(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    out: Tensor,
    lse: Tensor,
    dout: Tensor,
    causal: bool = False,
    block_m: int = 64,
    block_n: int = 64,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return `(dq, dk, dv)` from what `flash_attention` gave and the output's gradient."""
    q, k, v, out, dout = checked(q=q, k=k, v=v, out=out, dout=dout)
    heads, queries, keys, d = head_shape(q, k, v)
    kernels = load("kernels.attention.flash_backward_triton")
    delta = torch.empty_like(lse)
    rows = heads * queries
    kernels.row_delta[(blocks(rows, block_m),)](out, dout, delta, rows, D=d, BLOCK=block_m)
    dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
    sizes = {"D": d, "BLOCK_M": block_m, "BLOCK_N": block_n, "CAUSAL": causal}
    kernels.flash_backward_keys[(blocks(keys, block_n), heads)](
        q, k, v, dout, lse, delta, dk, dv, queries, keys, d**-0.5, **sizes
    )
    kernels.flash_backward_queries[(blocks(queries, block_m), heads)](
        q, k, v, dout, lse, delta, dq, queries, keys, d**-0.5, **sizes
    )
    return dq, dk, dv


def rms_norm(x: Tensor, gain: Tensor, epsilon: float = 1e-6) -> Tensor:
    """Return `(rows, features)` scaled to a root mean square of 1, times `gain` `(features,)`."""
    x, gain = checked(x=x, gain=gain)
    rows, features = x.shape
    out = torch.empty_like(x)
    kernel = load("kernels.norms.rms_triton").rms_norm_rows
    kernel[(rows,)](x, gain, out, features, epsilon, BLOCK=power_of_two(features))
    return out


def matmul(
    a: Tensor,
    b: Tensor,
    block_m: int = 64,
    block_n: int = 64,
    block_k: int = 32,
    group: int = 8,
    warps: int = 4,
    stages: int = 2,
) -> Tensor:
    """Return `a @ b`: `(m, n)` from `(m, k)` and `(k, n)`."""
    a, b = checked(a=a, b=b)
    (m, k), (inner, n) = a.shape, b.shape
    if k != inner:
        raise ValueError(f"{tuple(a.shape)} can't be multiplied by {tuple(b.shape)}")
    out = a.new_empty(m, n)
    kernel = load("kernels.matmul.tiled_triton").matmul_tile
    kernel[(blocks(m, block_m) * blocks(n, block_n),)](
        a, b, out, m, n, k,
        BLOCK_M=block_m, BLOCK_N=block_n, BLOCK_K=block_k, GROUP=group,
        num_warps=warps, num_stages=stages,
    )  # fmt: skip
    return out
