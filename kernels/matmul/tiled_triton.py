"""A matrix product in tiles, in an order of programs that suits a cache.

Provenance: Tillet, Kung and Cox 2019, Triton (MAPL), and its matrix multiplication tutorial for the
grouped order; the reference is `tiled.tiled_matmul`, the order is `tiled.grouped_order`.
"""

import triton
import triton.language as tl


@triton.jit
def matmul_tile(
    a_ptr, b_ptr, out_ptr, m, n, k,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """Give a program one tile of `out` `(m, n)`, from `a` `(m, k)` and `b` `(k, n)`."""
    program = tl.program_id(0)
    tile_rows, tile_columns = tl.cdiv(m, BLOCK_M), tl.cdiv(n, BLOCK_N)
    in_group = GROUP * tile_columns
    first = program // in_group * GROUP
    height = tl.minimum(GROUP, tile_rows - first)  # the last group may be shorter
    within = program % in_group
    rows = (first + within % height) * BLOCK_M + tl.arange(0, BLOCK_M)[:, None]  # (M, 1)
    columns = within // height * BLOCK_N + tl.arange(0, BLOCK_N)[None, :]  # (1, N)

    a_row = a_ptr + rows.to(tl.int64) * k  # (M, 1)
    total = tl.zeros((BLOCK_M, BLOCK_N), tl.float32)
    for start in range(0, k, BLOCK_K):
        depth = start + tl.arange(0, BLOCK_K)  # (K,)
        across, down = depth[None, :], depth[:, None]  # (1, K), (K, 1)
        a = tl.load(a_row + across, mask=(rows < m) & (across < k), other=0.0)  # (M, K)
        b_row = b_ptr + down.to(tl.int64) * n  # (K, 1)
        b = tl.load(b_row + columns, mask=(down < k) & (columns < n), other=0.0)  # (K, N)
        total = tl.dot(a, b, total, input_precision="ieee")
    place = out_ptr + rows.to(tl.int64) * n + columns
    tl.store(place, total.to(out_ptr.dtype.element_ty), mask=(rows < m) & (columns < n))
