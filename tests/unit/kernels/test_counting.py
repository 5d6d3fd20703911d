"""What is counted while kernels run, against closed forms."""

import numpy as np
import pytest
import torch
import triton
import triton.language as tl
from triton.runtime import interpreter
from triton.runtime.errors import InterpreterError

from kernels.attention import traffic
from kernels.gpu.counting import counting
from kernels.gpu.launch_attention import (
    flash1_attention,
    flash_attention,
    matmul,
    naive_attention,
    rms_norm,
    softmax,
)
from kernels.matmul import tiled

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="kernels aren't interpreted")
HALF, SINGLE = 2, 4


def drawn(queries, keys, d=16, heads=1, kind="float16"):
    rng = np.random.default_rng(3)
    shapes = ((heads, queries, d), (heads, keys, d), (heads, keys, d))
    return [torch.from_numpy(rng.standard_normal(shape).astype(kind)) for shape in shapes]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["float16", "float32"])
@pytest.mark.parametrize(("queries", "keys"), [(64, 64), (37, 51), (16, 33)])
def test_naive_attention_moves_the_scores_four_times(queries, keys, kind):
    d, block = 16, 16
    with counting() as counted:
        naive_attention(*drawn(queries, keys, kind=kind), block_m=block, block_n=block)
    size = int(kind[5:]) // 8
    rows, columns = -(-queries // block), -(-keys // block)
    inputs = queries * d * columns + keys * d * rows  # each tile of scores loads both its sides
    scores = 4 * queries * keys
    assert counted.moved == size * (inputs + scores + keys * d * rows + queries * d)
    assert [launch.kernel for launch in counted.launches] == [
        "scores_tile",
        "softmax_rows",
        "mix_values",
    ]
    first, second, third = counted.launches
    assert first.stored_to == {"scores": size * queries * keys}
    assert second.loaded_from == {"x": size * queries * keys} and second.loaded == second.stored
    assert third.loaded_from["weights"] == size * queries * keys


@pytest.mark.parametrize(("queries", "keys"), [(64, 64), (37, 51), (16, 33)])
@pytest.mark.parametrize("blocks", [(16, 16), (32, 16), (16, 32)])
def test_flash_attention_moves_what_the_reference_moves(queries, keys, blocks):
    d = 16
    with counting() as counted:
        flash_attention(*drawn(queries, keys), block_m=blocks[0], block_n=blocks[1])
    moves = traffic.queries_outside_moves(queries, keys, d, blocks[0])
    assert counted.moved == HALF * (moves - queries) + SINGLE * queries  # the sums are float32
    (launch,) = counted.launches
    assert launch.stored_to == {"out": HALF * queries * d, "lse": SINGLE * queries}
    assert launch.loaded_from["k"] == launch.loaded_from["v"]


@pytest.mark.parametrize(("queries", "keys", "columns"), [(32, 64, 16), (37, 51, 32)])
def test_the_first_flash_attention_moves_what_the_reference_moves(queries, keys, columns):
    d = 16
    with counting() as counted:
        flash1_attention(*drawn(queries, keys), block_r=16, block_c=columns)
    moves = traffic.keys_outside_moves(queries, keys, d, columns)
    sums = -(-keys // columns) * queries * 4  # total and maximum, read and written
    assert counted.moved == HALF * (moves - sums) + SINGLE * sums


def test_a_causal_mask_spares_the_tiles_in_the_future():
    given, n, d = drawn(64, 64), 64, 16
    with counting() as counted:
        flash_attention(*given, causal=True, block_m=16, block_n=16)
    tiles = 1 + 2 + 3 + 4
    assert counted.loaded == HALF * (n * d + tiles * 16 * d * 2)
    assert counted.flops == tiles * 4 * 16 * 16 * d


@pytest.mark.slow
def test_operations_are_equal_however_attention_is_computed():
    given, n, d = drawn(64, 64, heads=2), 64, 16
    flops = []
    for launcher, blocks in (
        (naive_attention, {"block_m": 16, "block_n": 32}),
        (flash_attention, {"block_m": 32, "block_n": 16}),
        (flash1_attention, {"block_r": 16, "block_c": 32}),
    ):
        with counting() as counted:
            launcher(*given, **blocks)
        flops.append(counted.flops)
        assert counted.exponentials >= 2 * n * n
    assert flops == [2 * 4 * n * n * d] * 3


def test_exponentials_are_one_a_score_and_one_a_rescaling():
    n, block = 64, 16
    with counting() as counted:
        flash_attention(*drawn(n, n), block_m=block, block_n=block)
    assert counted.exponentials == n * n + n * (n // block)
    assert counted.total("logarithms") == n
    assert counted.total("reduced") == 2 * n * (n // block) * (block - 1)


def test_fused_kernels_read_once_and_write_once():
    x = torch.randn(5, 33)
    with counting() as counted:
        softmax(x)
        rms_norm(x, torch.ones(33))
    first, second = counted.launches
    assert first.loaded == first.stored == SINGLE * x.numel()
    assert second.loaded_from == {"x": SINGLE * x.numel(), "gain": SINGLE * x.numel()}
    assert second.stored == SINGLE * x.numel()


def test_a_product_in_tiles_loads_what_the_reference_says():
    with counting() as counted:
        matmul(torch.randn(40, 23), torch.randn(23, 50), 16, 32, 16, group=2)
    assert counted.loaded == SINGLE * tiled.numbers_loaded(40, 50, 23, 16, 32)
    assert counted.stored == SINGLE * 40 * 50
    assert counted.flops == 2 * 48 * 64 * 32  # of whole tiles


def test_accesses_are_traced_in_order_with_their_places():
    with counting(traced=True) as counted:
        flash_attention(*drawn(20, 40), block_m=16, block_n=32)
    rows = [(a.program[0], a.kind, a.array, a.box) for a in counted.accesses]
    whole = (0, 16)
    assert rows[:7] == [
        (0, "load", "q", ((0, 1), (0, 16), whole)),
        (0, "load", "k", ((0, 1), (0, 32), whole)),
        (0, "load", "v", ((0, 1), (0, 32), whole)),
        (0, "load", "k", ((0, 1), (32, 40), whole)),
        (0, "load", "v", ((0, 1), (32, 40), whole)),
        (0, "store", "out", ((0, 1), (0, 16), whole)),
        (0, "store", "lse", ((0, 1), (0, 16))),
    ]
    assert rows[7] == (1, "load", "q", ((0, 1), (16, 20), whole))
    assert sum(a.numbers for a in counted.accesses if a.array == "k") == 2 * 40 * 16


@triton.jit
def unmasked_copy(x_ptr, out_ptr, BLOCK: tl.constexpr):
    place = tl.arange(0, BLOCK)
    tl.store(out_ptr + place, tl.load(x_ptr + place))


def test_an_access_beyond_its_array_is_told():
    x, out = torch.zeros(16), torch.zeros(16)
    with counting() as counted:
        unmasked_copy[(1,)](x, out, BLOCK=16)
    assert counted.moved == 2 * SINGLE * 16
    with pytest.raises(InterpreterError, match="a load runs beyond the end of x"), counting():
        unmasked_copy[(1,)](x[:5], out, BLOCK=16)
    with pytest.raises(InterpreterError, match="a store runs beyond the end of out"), counting():
        unmasked_copy[(1,)](x, out[:5], BLOCK=16)


def test_counting_changes_no_result_and_leaves_the_interpreter_as_it_was():
    given = drawn(33, 20, kind="float32")
    before = flash_attention(*given, block_m=16, block_n=16)
    owners = interpreter.interpreter_builder, interpreter.GridExecutor, interpreter.ReduceOps
    state = [dict(vars(owner)) for owner in owners]
    with counting() as counted:
        during = flash_attention(*given, block_m=16, block_n=16)
    with pytest.raises(ZeroDivisionError), counting():
        raise ZeroDivisionError
    program = interpreter.interpreter_builder
    after = [dict(vars(owner)) for owner in owners]
    for one in (*state, *after):
        one.pop("grid_idx", None), one.pop("grid_dim", None)
    assert state == after
    assert not any(name.startswith("create_") for name in vars(program))
    assert all(torch.equal(one, other) for one, other in zip(before, during, strict=True))
    flash_attention(*given, block_m=16, block_n=16)
    assert len(counted.launches) == 1
