"""Matrix product with four-bit weights, which become numbers in registers and nowhere else.

Provenance: Frantar et al. 2023, GPTQ (arXiv:2210.17323), and Lin et al. 2024, AWQ
(arXiv:2306.00978), for weights in groups with scales and zero points. The reference is
`kernels.numerics.weight_only.matmul_by_halves`.

Arrays are contiguous: `x` `(m, k)`, `codes` uint8 `(n, k / 2)`, two codes a byte, the even input's
in the low half; `scales` `(n, k / group)` floats and `zeros`, of the same shape, uint8.
"""

import triton
import triton.language as tl


@triton.jit
def int4_matmul(
    x_ptr, codes_ptr, scales_ptr, zeros_ptr, out_ptr, m, n, k, group,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """Give a program one tile of `out` `(m, n)`; `group` is a multiple of `BLOCK_K`, `k` of it.

    A byte holds the codes of two neighbouring inputs. Low halves meet the even inputs of `x`, high
    halves the odd ones: two products, and no need to weave the halves together.
    """
    row = (tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M))[:, None]  # (M, 1)
    column = (tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N))[:, None]  # (N, 1)
    pair = tl.arange(0, BLOCK_K // 2)[None, :]  # (1, K / 2)
    total = tl.zeros((BLOCK_M, BLOCK_N), tl.float32)
    for start in range(0, k, BLOCK_K):
        even = x_ptr + row.to(tl.int64) * k + start + 2 * pair  # (M, K / 2)
        x_even = tl.load(even, mask=row < m, other=0.0)
        x_odd = tl.load(even + 1, mask=row < m, other=0.0)

        byte = column.to(tl.int64) * (k // 2) + start // 2 + pair  # (N, K / 2)
        codes = tl.load(codes_ptr + byte, mask=column < n, other=0)
        here = column * (k // group) + start // group  # (N, 1): all of the tile is in one group
        scale = tl.load(scales_ptr + here, mask=column < n, other=0.0).to(tl.float32)
        zero = tl.load(zeros_ptr + here, mask=column < n, other=0).to(tl.float32)
        low = scale * ((codes & 15).to(tl.float32) - zero)  # S (q - Z)
        high = scale * ((codes >> 4).to(tl.float32) - zero)

        low, high = tl.trans(low.to(x_even.dtype)), tl.trans(high.to(x_even.dtype))  # (K / 2, N)
        total = tl.dot(x_even, low, total, input_precision="ieee")
        total = tl.dot(x_odd, high, total, input_precision="ieee")

    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)[None, :]  # (1, N)
    place = out_ptr + row.to(tl.int64) * n + columns
    tl.store(place, total.to(out_ptr.dtype.element_ty), mask=(row < m) & (columns < n))
