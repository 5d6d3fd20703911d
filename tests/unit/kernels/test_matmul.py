"""A product in tiles, and the order of its tiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.matmul.tiled import grouped_order, numbers_loaded, tiled_matmul

SIZES = st.integers(1, 12)


@pytest.mark.slow
@given(SIZES, SIZES, SIZES, SIZES, SIZES, SIZES)
def test_tiles_give_the_product(m, n, k, rows, columns, depth):
    rng = np.random.default_rng(m * n * k)
    a, b = rng.standard_normal((m, k)), rng.standard_normal((k, n))
    np.testing.assert_allclose(tiled_matmul(a, b, rows, columns, depth), a @ b, atol=1e-12)


def test_shapes_that_do_not_meet_are_refused():
    with pytest.raises(ValueError, match="4 is not 3"):
        tiled_matmul(np.ones((2, 4)), np.ones((3, 2)), 2, 2, 2)


@given(SIZES, SIZES, SIZES)
def test_every_tile_is_visited_once(rows, columns, group):
    order = [grouped_order(program, rows, columns, group) for program in range(rows * columns)]
    assert sorted(order) == [(row, column) for row in range(rows) for column in range(columns)]


def test_a_group_walks_down_before_it_steps_right():
    assert [grouped_order(program, 3, 2, 2) for program in range(6)] == [
        (0, 0),
        (1, 0),
        (0, 1),
        (1, 1),
        (2, 0),
        (2, 1),
    ]


def test_neighbours_in_grouped_order_share_more():
    """Nine programs at once touch 3 + 3 strips of the inputs in groups of 3, 1 + 9 row by row."""
    shared = [grouped_order(program, 9, 9, 3) for program in range(9)]
    assert len({row for row, _ in shared}) + len({column for _, column in shared}) == 6
    by_row = [grouped_order(program, 9, 9, 1) for program in range(9)]
    assert len({row for row, _ in by_row}) + len({column for _, column in by_row}) == 10


def test_larger_tiles_load_less():
    assert numbers_loaded(64, 64, 64, 16, 16) == 2 * 64 * 64 * 4
    assert numbers_loaded(64, 64, 64, 32, 32) == 2 * 64 * 64 * 2
    assert numbers_loaded(65, 64, 8, 64, 64) == 65 * 8 + 8 * 64 * 2
