"""Start the kernels that serve: decode attention, four-bit products, routing, selective scans.

Floats are PyTorch tensors of one type, float16 or float32; shapes are those of the references.
"""

import torch
from torch import Tensor

from kernels.gpu.launch import blocks, checked, load, power_of_two


def head_size(d: int) -> int:
    """Return `d` again.

    Raises
    ------
    ValueError
        If it isn't a power of two of at least 16.
    """
    if d < 16 or d != power_of_two(d):
        raise ValueError(f"d must be a power of two of at least 16, not {d}")
    return d


def shared_heads(heads: int, groups: int) -> int:
    """Return how many heads read one group's keys.

    Raises
    ------
    ValueError
        If the groups don't share the heads out evenly.
    """
    if groups < 1 or heads % groups:
        raise ValueError(f"{heads} heads can't be shared out evenly among {groups} groups")
    return heads // groups


def paged_decode(
    q: Tensor, k: Tensor, v: Tensor, table: Tensor, lengths: Tensor, splits: int = 1
) -> Tensor:
    """Attend through block tables: `(sequences, heads, d)`.

    `q` is `(sequences, heads, d)`, `k` and `v` `(blocks, size, groups, d)` with a power of two for
    `size`; `table` `(sequences, most)` and `lengths` `(sequences,)` are int32.
    """
    q, k, v = checked(q=q, k=k, v=v)
    (sequences, heads, d), (_, size, groups, _) = q.shape, k.shape
    if size != power_of_two(size):
        raise ValueError(f"a block must hold a power of two of tokens, not {size}")
    kernels = load("kernels.attention.paged_triton")
    mixed = q.new_empty(sequences, heads, splits, d, dtype=torch.float32)
    lse = q.new_empty(sequences, heads, splits, dtype=torch.float32)
    kernels.paged_decode[(sequences, heads, splits)](
        q, k, v, table.contiguous(), lengths, mixed, lse, heads, table.shape[1], d**-0.5,
        D=head_size(d), SIZE=size, SHARED=shared_heads(heads, groups), SPLITS=splits,
    )  # fmt: skip
    out = torch.empty_like(q)
    kernels.merge_splits[(sequences * heads,)](
        mixed, lse, out, D=d, SPLITS=splits, WIDTH=power_of_two(splits)
    )
    return out


def grouped_decode(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    lengths: Tensor,
    block_n: int = 64,
    warps: int = 4,
    stages: int = 2,
) -> Tensor:
    """Attend with all heads of a group together: `(batch, heads, d)`.

    `q` is `(batch, heads, d)`, `k` and `v` `(batch, groups, most, d)`, `lengths` `(batch,)` int32.
    """
    q, k, v = checked(q=q, k=k, v=v)
    (batch, heads, d), (_, groups, most, _) = q.shape, k.shape
    shared = shared_heads(heads, groups)
    out = torch.empty_like(q)
    kernel = load("kernels.attention.grouped_decode_triton").grouped_decode
    kernel[(batch, groups)](
        q, k, v, lengths, out, groups, most, d**-0.5,
        D=head_size(d), SHARED=shared, ROWS=max(16, power_of_two(shared)), BLOCK_N=block_n,
        num_warps=warps, num_stages=stages,
    )  # fmt: skip
    return out


def int4_matmul(
    x: Tensor,
    codes: Tensor,
    scales: Tensor,
    zeros: Tensor,
    block_m: int = 16,
    block_n: int = 64,
    block_k: int = 32,
    warps: int = 4,
    stages: int = 2,
) -> Tensor:
    """Multiply `x` `(m, k)` by the parts of a `weight_only.Packed`, weights `(n, k)`: `(m, n)`.

    Raises
    ------
    ValueError
        If a group of weights isn't made of whole blocks of `block_k`.
    """
    (x,) = checked(x=x)
    (m, k), (n, groups) = x.shape, scales.shape
    if codes.shape != (n, k // 2) or k % groups or (k // groups) % block_k:
        raise ValueError(
            f"{groups} groups in {k} inputs: codes must be {(n, k // 2)}, not "
            f"{tuple(codes.shape)}, and a group must be a multiple of {block_k}"
        )
    out = x.new_empty(m, n)
    kernel = load("kernels.numerics.int4_matmul_triton").int4_matmul
    kernel[(blocks(m, block_m), blocks(n, block_n))](
        x, codes.contiguous(), scales.contiguous(), zeros.contiguous(), out, m, n, k, k // groups,
        BLOCK_M=block_m, BLOCK_N=block_n, BLOCK_K=block_k, num_warps=warps, num_stages=stages,
    )  # fmt: skip
    return out


def route(
    logits: Tensor, x: Tensor, k: int, block_t: int = 16
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Choose experts and sort tokens by them.

    `logits` is `(tokens, experts)`, `x` `(tokens, d)`. Returns `experts` and `weights`, both
    `(tokens, k)`; `order` and `inverse` `(tokens * k,)`, `offsets` `(experts + 1,)`, and the sorted
    tokens `(tokens * k, d)`. Whole numbers are int32.

    Raises
    ------
    ValueError
        If `k` isn't from 1 to the number of experts.
    """
    logits, x = checked(logits=logits, x=x)
    (tokens, count), d, assignments = logits.shape, x.shape[1], logits.shape[0] * k
    if not 1 <= k <= count:
        raise ValueError(f"can't take the best {k} of {count} experts")
    many, wide = blocks(tokens, block_t), power_of_two(count + 1)
    kernels = load("kernels.routing.topk_triton")

    def whole(*shape: int) -> Tensor:
        return logits.new_empty(*shape, dtype=torch.int32)

    experts, weights = whole(tokens, k), logits.new_empty(tokens, k)
    counts, starts, offsets = whole(many, count), whole(many, count), whole(count + 1)
    kernels.choose[(many,)](
        logits, experts, weights, counts, tokens, count,
        K=k, CHOICES=power_of_two(k), BLOCK_T=block_t, BLOCK_E=wide,
    )  # fmt: skip
    kernels.reserve[(1,)](counts, starts, offsets, many, count, BLOCK_E=wide)
    order, inverse = whole(assignments), whole(assignments)
    kernels.place[(many,)](
        experts, starts, order, inverse, assignments, count, block_t * k,
        BLOCK_A=power_of_two(block_t * k), BLOCK_E=wide,
    )  # fmt: skip
    out = x.new_empty(assignments, d)
    kernels.send[(blocks(assignments, 16), blocks(d, 64))](
        x, order, out, assignments, d, K=k, BLOCK_A=16, BLOCK_D=64
    )
    return experts, weights, order, inverse, offsets, out


def selective_scan(
    x: Tensor,
    delta: Tensor,
    a: Tensor,
    b: Tensor,
    c: Tensor,
    d: Tensor,
    z: Tensor,
    block_d: int = 32,
    warps: int = 4,
) -> tuple[Tensor, Tensor]:
    """Run Mamba's scan: `y` `(batch, time, d_inner)` and the last state, in float32.

    Arguments are those of `kernels.scan.selective.selective_scan`, `a` with a power of two of
    states.
    """
    x, delta, a, b, c, d, z = checked(x=x, delta=delta, a=a, b=b, c=c, d=d, z=z)
    (batch, time, d_inner), states = x.shape, a.shape[1]
    if states != power_of_two(states):
        raise ValueError(f"a channel must have a power of two of states, not {states}")
    y, h = torch.empty_like(x), x.new_empty(batch, d_inner, states, dtype=torch.float32)
    kernel = load("kernels.scan.selective_triton").selective_scan
    kernel[(blocks(d_inner, block_d), batch)](
        x, delta, a, b, c, d, z, y, h, time, d_inner, N=states, BLOCK_D=block_d, num_warps=warps
    )
    return y, h
