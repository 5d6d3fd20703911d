"""Reading compiled kernels: listings by hand, one small kernel compiled for real."""

import pytest

from kernels.gpu import compiling, disassembly
from kernels.gpu.compiling import Configuration, compile_kernel
from kernels.gpu.disassembly import AMD_KINDS, SASS_KINDS, Instruction

SASS = """\
flash:
        /*0000*/                   LDC R1, c[0x0][0x28] ;
        /*0010*/              @!P3 BRA `(.L_x_0) ;
.L_x_1:
        /*0020*/                   LDGSTS.E.BYPASS.128 [R4], desc[UR6][R2.64] ;
        /*0030*/                   LDSM.16.MT88.4 R8, [R5] ;
        /*0040*/                   HMMA.16816.F32 R12, R8, R4, R12 ;
        /*0050*/                   HMMA.16816.F32 R16, R8, R6, R16 ;
        /*0060*/                   MUFU.EX2 R47, R47 ;
        /*0070*/                   NOP ;
        /*0080*/               @P3 BRA `(.L_x_1) ;
.L_x_0:
        /*0090*/                   MUFU.RCP R3, R3 ;
        /*00a0*/              @!P0 STG.E.128 desc[UR6][R2.64], R12 ;
        /*00b0*/                   STL [R1], R2 ;
        /*00c0*/                   EXIT ;
.L_x_2:
        /*00d0*/                   BRA `(.L_x_2);
"""


def test_a_listing_is_read_with_labels_predicates_and_jumps():
    program = disassembly.sass(SASS)
    assert program[:3] == [Instruction("LDC"), Instruction("BRA", ".L_x_0"), ".L_x_1"]
    assert len(program) == 17


def test_each_instruction_is_counted_under_one_kind():
    counts = disassembly.mix(disassembly.sass(SASS), SASS_KINDS)
    found = {kind: count for kind, count in counts.items() if count}
    assert found == {
        "tensor core": 2,
        "global load": 1,
        "global store": 1,
        "shared load": 1,
        "spill store": 1,
        "exponential": 1,
        "other special": 1,
        "branch": 4,
        "other": 1,  # LDC
    }


def test_the_inner_loop_is_the_one_that_multiplies_matrices():
    program = disassembly.sass(SASS)
    loop = disassembly.inner_loop(program, SASS_KINDS)
    assert loop[0] == ".L_x_1" and loop[-1] == Instruction("BRA", ".L_x_1")
    assert disassembly.matrix_flops(loop, warps=4) == 2 * 4 * 2 * 16 * 8 * 16
    assert disassembly.inner_loop(program[program.index(".L_x_0") :], SASS_KINDS) == []


@pytest.mark.parametrize(
    ("name", "flops"),
    [
        ("HGMMA.64x128x16.F32", 2 * 64 * 128 * 16 * 2),  # 8 warps are two groups
        ("HMMA.1688.F32", 2 * 16 * 8 * 8 * 8),
        ("v_mfma_f32_32x32x8_f16", 2 * 32 * 32 * 8 * 8),
        ("FFMA", 0),
    ],
)
def test_a_matrix_instructions_flops_follow_from_its_shape(name, flops):
    assert disassembly.matrix_flops([Instruction(name)], warps=8) == flops


def test_amd_listings_are_read_too():
    listing = """\
.LBB0_1:
\tglobal_load_dwordx4 v[0:3], v4, s[0:1]
\tds_read_b64 v[2:3], v1
\tv_mfma_f32_32x32x8_f16 a[0:15], v[0:1], v[2:3], a[0:15]
\tv_exp_f32_e32 v1, v1
\ts_cbranch_scc1 .LBB0_1
\ts_endpgm
; TotalNumVgprs: 157
; Occupancy: 3
    .private_segment_fixed_size: 8
    .sgpr_count:     27
    .vgpr_spill_count: 2
"""
    program = disassembly.amdgcn(listing)
    loop = disassembly.inner_loop(program, AMD_KINDS)
    assert len(loop) == 6
    counts = disassembly.mix(program, AMD_KINDS)
    assert (counts["tensor core"], counts["exponential"], counts["branch"]) == (1, 1, 2)
    assert disassembly.amd_metadata(listing) == {
        "registers": 157,
        "scalar_registers": 27,
        "spilled_registers": 2,
        "scratch": 8,
        "waves_by_registers": 3,
    }
    with pytest.raises(ValueError, match="the listing has no scalar_registers"):
        disassembly.amd_metadata("; TotalNumVgprs: 157")


def test_the_assemblers_report_of_spills_is_added_up():
    log = "4 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads\n"
    assert compiling.spills(log * 2) == {"spill_stores": 16, "spill_loads": 24}
    assert compiling.spills("") == {"spill_stores": 0, "spill_loads": 0}


KERNEL = """\
import triton
import triton.language as tl


@triton.jit
def raise_two(x_ptr, out_ptr, BLOCK: tl.constexpr):
    place = tl.arange(0, BLOCK)
    tl.store(out_ptr + place, tl.exp2(tl.load(x_ptr + place)))


@triton.jit
def wrong(x_ptr, out_ptr, BLOCK: tl.constexpr):
    tl.store(out_ptr, undefined_name)
"""


@pytest.fixture
def configuration(tmp_path, monkeypatch):
    (tmp_path / "small_kernels.py").write_text(KERNEL)
    monkeypatch.syspath_prepend(tmp_path)
    return lambda kernel, architecture: Configuration(
        module="small_kernels",
        kernel=kernel,
        signature={"x_ptr": "*fp32", "out_ptr": "*fp32"},
        constants={"BLOCK": 256},
        architecture=architecture,
        multiples_of_16=["x_ptr", "out_ptr"],
    )


@pytest.mark.slow
def test_a_small_kernel_compiles_with_no_gpu(configuration, tmp_path):
    found = compile_kernel(configuration("raise_two", "sm_80"), tmp_path)
    assert found["status"] == "compiled", found
    assert found["mix"]["exponential"] == 2  # 256 numbers, 128 threads
    assert found["mix"]["global load"] == found["mix"]["global store"] == 1  # two numbers at once
    assert 0 < found["registers"] < 64 and found["spill_stores"] == 0 and found["shared"] == 0
    assert found["occupancy"] == 1.0
    assert all(found["versions"][tool] for tool in ("triton", "ptxas", "nvdisasm"))


@pytest.mark.slow
def test_amds_compiler_and_the_arithmetic_agree_on_waves(configuration, tmp_path):
    found = compile_kernel(configuration("raise_two", "gfx942"), tmp_path)
    assert found["status"] == "compiled", found
    assert found["limits"]["registers"] >= found["waves_by_registers"] == 8
    assert found["mix"]["exponential"] == 1  # 256 numbers, 256 threads


@pytest.mark.slow
def test_what_does_not_compile_says_why(configuration, tmp_path):
    found = compile_kernel(configuration("wrong", "sm_80"), tmp_path)
    assert found["status"] == "failed"
    assert "undefined_name" in found["why"]


def test_a_compilation_that_takes_too_long_is_stopped(configuration, tmp_path):
    found = compile_kernel(configuration("raise_two", "sm_80"), tmp_path, limit=0.05)
    assert found == {"status": "timed out", "why": "not done within 0.05 s"}


def test_an_unknown_architecture_is_named(configuration, tmp_path):
    with pytest.raises(ValueError, match="'sm_10' is not one of sm_80, sm_90, gfx942"):
        compile_kernel(configuration("raise_two", "sm_10"), tmp_path)
