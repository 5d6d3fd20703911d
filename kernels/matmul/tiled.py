"""A matrix product in tiles, and the order of tiles that suits a cache.

Provenance: Golub and Van Loan, Matrix Computations, §1.3 and §1.5, for products by blocks; the
grouped order is that of Tillet, Kung and Cox 2019, Triton (MAPL), as in its matrix multiplication
tutorial.
"""

import numpy as np


def tiled_matmul(a, b, rows, columns, depth):
    """Return `a @ b`, tile by tile: `(m, n)` from `(m, k)` and `(k, n)`.

    A tile of the result is `(rows, columns)` and is summed over tiles of `depth`; at the edges
    tiles are cut off. Raises `ValueError` where the shapes don't meet.
    """
    (m, k), (inner, n) = a.shape, b.shape
    if k != inner:
        raise ValueError(f"{a.shape} can't be multiplied by {b.shape}: {k} is not {inner}")
    out = np.zeros((m, n), dtype=np.result_type(a, b))
    for top in range(0, m, rows):
        for left in range(0, n, columns):
            tile = out[top : top + rows, left : left + columns]  # a view
            for start in range(0, k, depth):
                part = a[top : top + rows, start : start + depth]  # (rows, depth)
                tile += part @ b[start : start + depth, left : left + columns]
    return out


def numbers_loaded(m, n, k, rows, columns):
    """Return how many numbers `tiled_matmul` reads of `a` and `b`.

    `a` is read once for every column of tiles, `b` once for every row of tiles.
    """
    return m * k * -(-n // columns) + k * n * -(-m // rows)


def grouped_order(program, tile_rows, tile_columns, group):
    """Return the tile `(row, column)` that a program works on, in grouped order.

    Programs walk down `group` rows of tiles before they step one column to the right, so that
    those that run at about the same time share rows of `a` and columns of `b`.
    """
    in_group = group * tile_columns
    first = program // in_group * group
    height = min(group, tile_rows - first)  # the last group may be shorter
    within = program % in_group
    return first + within % height, within // height
