"""Occupancy against the vendor's worked examples, hand-worked cases and a brute-force form."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workings_build.assets import GPU_MODULES

from kernels.gpu.occupancy import A100, H100, MI300X, MULTIPROCESSORS, residence, rounded_up

NVIDIA = st.sampled_from([A100, H100])
ANY = st.sampled_from(list(MULTIPROCESSORS.values()))
WARPS = st.sampled_from([1, 2, 4, 8, 16, 32])


@pytest.mark.parametrize(
    ("threads", "blocks", "occupancy"),
    [(128, 12, 0.75), (320, 4, 0.625)],
    ids=["128 threads", "320 threads"],
)
def test_the_best_practices_guides_example_of_37_registers(threads, blocks, occupancy):
    # CUDA C++ Best Practices Guide, "Calculating Occupancy": 65,536 registers, 2,048 threads.
    found = residence(A100, registers=37, shared=0, warps=threads // 32)
    assert (found.blocks, found.occupancy) == (blocks, occupancy)
    assert found.limited_by == ["registers"]


@pytest.mark.parametrize(
    ("registers", "occupancy"), [(32, 1.0), (33, 0.75), (40, 0.75), (41, 0.625)]
)
def test_registers_of_a_warp_are_rounded_up_to_256(registers, occupancy):
    # 33 to 40 registers take 1,280 a warp: 65,536 / 4 parts / 1,280 = 12 warps a part, 48 in all.
    assert residence(H100, registers, 0, warps=4).occupancy == occupancy


def test_flash_attention_with_118_registers_fills_a_quarter_of_an_h100():
    # 120 * 32 = 3,840 registers a warp; 16,384 // 3,840 = 4 warps a part, 16 in all, 8 a block.
    found = residence(H100, registers=118, shared=64 * 1024, warps=8)
    assert (found.blocks, found.warps, found.occupancy) == (2, 16, 0.25)
    assert found.limits["shared memory"] == 3  # 228 KB / 65 KB


def test_the_drivers_kilobyte_counts_against_shared_memory():
    # 164 KB hold two blocks of 81 KB and the driver's kilobyte, but not of one byte more.
    assert residence(A100, 32, 81 * 1024, warps=4).limits["shared memory"] == 2
    assert residence(A100, 32, 81 * 1024 + 1, warps=4).limits["shared memory"] == 1


@pytest.mark.parametrize(("on", "most"), [(A100, 163 * 1024), (H100, 227 * 1024)])
def test_a_block_may_take_all_but_the_drivers_kilobyte(on, most):
    assert residence(on, 32, most, warps=4).blocks == 1
    too_much = residence(on, 32, most + 1, warps=4)
    assert too_much.blocks == 0 and too_much.limited_by == ["shared memory"]


def test_a_block_of_too_many_threads_registers_or_both_never_starts():
    assert residence(H100, 32, 0, warps=33).limited_by == ["warps"]
    assert residence(H100, 256, 0, warps=1).limited_by == ["registers"]
    assert residence(H100, 128, 0, warps=32).blocks == 0  # 131,072 registers for one block


def test_small_blocks_meet_the_limit_of_blocks():
    found = residence(H100, registers=16, shared=0, warps=1)
    assert found.blocks == 32 and found.occupancy == 0.5 and found.limited_by == ["blocks"]


@pytest.mark.parametrize(
    ("registers", "waves"), [(64, 8), (65, 7), (128, 4), (129, 3), (256, 2), (257, 1), (512, 1)]
)
def test_waves_of_a_simd_on_cdna3_share_512_registers_in_steps_of_eight(registers, waves):
    assert residence(MI300X, registers, 0, warps=4).blocks == waves


@given(ANY, st.integers(0, 512), st.integers(0, 256 * 1024), WARPS)
def test_what_is_resident_fits_and_one_block_more_would_not(on, registers, shared, warps):
    found = residence(on, registers, shared, warps)
    a_warp = rounded_up(registers * on.warp, on.register_unit)
    a_block = rounded_up(shared + on.reserved, on.shared_unit)

    def fits(blocks: int) -> bool:
        a_part = on.registers // on.parts // a_warp if a_warp else on.warps
        return (
            blocks <= on.blocks
            and blocks * warps <= on.warps
            and blocks * warps <= max(a_part * on.parts, 0) + (0 if a_warp else on.warps)
            and blocks * a_block <= on.shared
        )

    assert fits(found.blocks)
    startable = (
        registers <= on.registers_a_thread
        and shared <= on.shared_a_block
        and a_warp * rounded_up(warps, on.parts) <= on.registers
        and warps * on.warp <= on.threads_a_block
    )
    assert startable or found.blocks == 0
    assert not startable or not fits(found.blocks + 1)


@given(NVIDIA, st.integers(1, 255), st.integers(0, 160 * 1024), WARPS)
def test_needing_less_never_lowers_occupancy(on, registers, shared, warps):
    found = residence(on, registers, shared, warps)
    assert residence(on, registers - 1, shared, warps).blocks >= found.blocks
    assert residence(on, registers, shared // 2, warps).blocks >= found.blocks
    assert 0 <= found.occupancy <= 1


def test_amounts_that_no_kernel_has_are_named():
    with pytest.raises(ValueError, match="warps 0: a kernel needs at least one warp"):
        residence(H100, 32, 0, warps=0)


def test_what_pages_run_of_this_folder_imports_nothing_heavy():
    script = "import sys, kernels.gpu.roofline_model, kernels.gpu.occupancy; print(*sys.modules)"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    found = subprocess.run(  # counting lines imports things itself
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=plain
    )
    assert not {"torch", "triton", "subprocess"} & set(found.stdout.split())
    ours = {name for name in found.stdout.split() if name.startswith("kernels.gpu.")}
    assert {f"{name.replace('.', '/')}.py" for name in ours} <= set(GPU_MODULES)
