"""What a compiled kernel does, instruction by instruction: its mix, its loops, its matrix FLOPs.

Provenance: NVIDIA, CUDA Binary Utilities, Instruction Set Reference (mnemonics of SASS); NVIDIA,
PTX ISA, Warp-Level and Asynchronous Warpgroup Matrix Instructions (shapes); AMD, CDNA3 Instruction
Set Architecture; LLVM, User Guide for AMDGPU Backend (the metadata that follows a kernel).

Text in, numbers out: nothing here starts a compiler. Counts are of instructions as they stand in
the program, each issued for a whole warp, not of how often they run.
"""

import re
from collections import Counter
from dataclasses import dataclass

SASS_KINDS = {
    "tensor core": r"HMMA|HGMMA|IMMA|IGMMA|QGMMA|BGMMA|DMMA",
    "global load": r"LDG|LDGSTS|UTMALDG|LD",
    "global store": r"STG|UTMASTG|ST|RED|ATOMG?",
    "shared load": r"LDS|LDSM",
    "shared store": r"STS|STSM",
    "spill load": r"LDL",
    "spill store": r"STL",
    "exponential": r"MUFU\.EX2",
    "other special": r"MUFU",
    "shuffle": r"SHFL",
    "barrier": r"BAR|B2R|WARPSYNC|SYNCS|UCGABAR|MEMBAR|FENCE|DEPBAR|LDGDEPBAR|WARPGROUP|ERRBAR",
    "float": r"FADD|FMUL|FFMA|FMNMX|FSETP|FSEL|FSET|FCHK|FSWZADD|HADD2|HMUL2|HFMA2|HMNMX2",
    "conversion": r"F2F|F2FP|F2I|I2F|I2FP|F2IP|I2I|FRND",
    "integer": r"IMAD|IADD3|IADD|VIADD|VIMNMX|IMNMX|ISETP|LEA|LOP3|LOP|PLOP3|SHF|SHL|SHR|SGXT|SEL|"
    r"PRMT|POPC|FLO|BMSK|IABS|UIADD3|UIMAD|ULEA|ULOP3|USHF|USEL|UISETP|USGXT|UPRMT|UPLOP3|UBMSK|"
    r"R2P|P2R",
    "branch": r"BRA|EXIT|CALL|RET|BSSY|BSYNC|BREAK|JMP|BRX|BREV|BMOV|NANOSLEEP",
}
AMD_KINDS = {
    "tensor core": r"v_s?mfmac?_",
    "global load": r"(global|buffer|flat)_load",
    "global store": r"(global|buffer|flat)_(store|atomic)",
    "shared load": r"ds_read",
    "shared store": r"ds_write",
    "spill load": r"scratch_load",
    "spill store": r"scratch_store",
    "exponential": r"v_exp_",
    "other special": r"v_(rcp|rsq|log|sqrt|sin|cos)_",
    "shuffle": r"ds_(bpermute|permute|swizzle)|v_permlane|v_readlane|v_readfirstlane",
    "barrier": r"s_barrier|s_waitcnt",
    "conversion": r"v_cvt_",
    "float": r"v_(pk_)?(add|sub|mul|fma|fmac|max|min|max3|min3|mad|div_\w+)_(f16|f32)|v_cmp\w*_f",
    "branch": r"s_c?branch|s_endpgm|s_setpc|s_swappc|s_cbranch",
}
IGNORED = re.compile(r"NOP$|s_nop$")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its mnemonic with modifiers, and the label that it may jump to."""

    name: str
    target: str = ""


def sass(listing: str) -> list[Instruction | str]:
    """Return instructions and labels (as text) of what `nvdisasm -c` prints, in order."""
    found: list[Instruction | str] = []
    for line in listing.splitlines():
        if label := re.match(r"(\.L\w+):", line):
            found.append(label[1])
        elif match := re.match(r"\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][\w.]*)(.*)", line):
            to = re.search(r"`\((\.L\w+)\)", match[2])
            found.append(Instruction(match[1], to[1] if to else ""))
    return found


def amdgcn(listing: str) -> list[Instruction | str]:
    """Return instructions and labels (as text) of an AMD assembly listing, in order."""
    found: list[Instruction | str] = []
    for line in listing.splitlines():
        if label := re.match(r"(\.LBB\w+):", line):
            found.append(label[1])
        elif match := re.match(r"\s+((?:v|s|ds|global|buffer|flat|scratch)_\w+)(.*)", line):
            to = re.search(r"(\.LBB\w+)", match[2])
            found.append(Instruction(match[1], to[1] if to else ""))
    return found


def mix(program: list[Instruction | str], kinds: dict[str, str]) -> dict[str, int]:
    """Return how many instructions there are of each kind, "other" last; no-operations left out."""
    end = r"(?=\.|$)" if kinds is SASS_KINDS else ""  # AMD's names go on with the type
    patterns = {kind: re.compile(f"(?:{pattern}){end}") for kind, pattern in kinds.items()}
    counts = Counter(dict.fromkeys([*kinds, "other"], 0))
    for item in program:
        if isinstance(item, Instruction) and not IGNORED.match(item.name):
            kind = next((kind for kind in patterns if patterns[kind].match(item.name)), "other")
            counts[kind] += 1
    return dict(counts)


def loops(program: list[Instruction | str]) -> list[list[Instruction | str]]:
    """Return the stretches that a jump backwards closes, each from its label to the jump."""
    places: dict[str, int] = {}
    found = []
    for place, item in enumerate(program):
        if isinstance(item, str):
            places[item] = place
        elif item.target in places:
            found.append(program[places[item.target] : place + 1])
    return found


def inner_loop(program: list[Instruction | str], kinds: dict[str, str]) -> list[Instruction | str]:
    """Return the shortest loop among those with the most matrix instructions; empty if none."""
    candidates = [(mix(loop, kinds)["tensor core"], -len(loop), loop) for loop in loops(program)]
    candidates = [candidate for candidate in candidates if candidate[0]]
    return max(candidates, key=lambda candidate: candidate[:2])[2] if candidates else []


def matrix_flops(program: list[Instruction | str], warps: int) -> int:
    """Return the FLOPs of the matrix instructions for a block of `warps` warps, each passed once.

    `HMMA.16816` multiplies 16 by 16 with 16 by 8 in one warp, `HGMMA.64xNx16` 64 by 16 with 16 by
    N in four; `v_mfma_f32_32x32x8` says its shape itself.
    """
    flops = 0
    for item in program:
        if isinstance(item, str):
            continue
        if match := re.match(r"HMMA\.(16)(8)(\d+)\.", item.name):
            m, n, k = (int(number) for number in match.groups())
            flops += 2 * m * n * k * warps
        elif match := re.match(r"[HQ]GMMA\.(\d+)x(\d+)x(\d+)\.", item.name):
            m, n, k = (int(number) for number in match.groups())
            flops += 2 * m * n * k * warps // 4
        elif match := re.match(r"v_mfma_f32_(\d+)x(\d+)x(\d+)_", item.name):
            m, n, k = (int(number) for number in match.groups())
            flops += 2 * m * n * k * warps
    return flops


def amd_metadata(listing: str) -> dict[str, int]:
    """Return what the compiler says of a kernel for AMD: registers, spills, waves a SIMD.

    Raises `ValueError` where the listing lacks one of them.
    """
    wanted = {
        "registers": r"; TotalNumVgprs: (\d+)",
        "scalar_registers": r"\.sgpr_count:\s+(\d+)",
        "spilled_registers": r"\.vgpr_spill_count:\s+(\d+)",
        "scratch": r"\.private_segment_fixed_size:\s+(\d+)",
        "waves_by_registers": r"; Occupancy: (\d+)",
    }
    found = {}
    for name, pattern in wanted.items():
        match = re.search(pattern, listing)
        if not match:
            raise ValueError(f"the listing has no {name} ({pattern})")
        found[name] = int(match[1])
    return found
