"""How many blocks of a kernel fit on one multiprocessor at a time, and what stops the next one.

Provenance: NVIDIA, CUDA C++ Programming Guide, Technical Specifications per Compute Capability
(limits); NVIDIA, `cuda_occupancy.h` of the CUDA toolkit (granularities and the order of rounding);
NVIDIA Ampere and Hopper Tuning Guides, §1.4.1.1 (limits; 1 KB of shared memory a block is the
driver's). AMD: CDNA3 Instruction Set Architecture and LLVM's AMDGPU usage guide (registers, waves);
AMD, MI300X datasheet.

Registers are given out a warp at a time, shared memory a block at a time, both rounded up. The
arithmetic says how many warps may be resident, not how many are or whether that is enough.
"""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Multiprocessor:
    """What one multiprocessor has; memory in bytes, registers of 32 bits.

    `registers` and `warps` are the whole multiprocessor's; each of its `parts` has an equal share,
    and a warp takes registers of one part only. `register_unit` is the number of registers that a
    warp's share is rounded up to. `reserved` bytes of shared memory a block belong to the driver.
    """

    name: str
    source: str
    count: int
    warp: int
    warps: int
    blocks: int
    threads_a_block: int
    registers: int
    registers_a_thread: int
    register_unit: int
    parts: int
    shared: int
    shared_a_block: int
    shared_unit: int
    reserved: int


A100 = Multiprocessor(
    name="A100 (sm_80)",
    source="CUDA C++ Programming Guide, specifications of 8.0; Ampere Tuning Guide, §1.4.1.1",
    count=108,
    warp=32,
    warps=64,
    blocks=32,
    threads_a_block=1024,
    registers=65536,
    registers_a_thread=255,
    register_unit=256,
    parts=4,
    shared=164 * 1024,
    shared_a_block=163 * 1024,
    shared_unit=128,
    reserved=1024,
)
H100 = Multiprocessor(
    name="H100 SXM (sm_90)",
    source="CUDA C++ Programming Guide, specifications of 9.0; Hopper Tuning Guide, §1.4.1.1",
    count=132,
    warp=32,
    warps=64,
    blocks=32,
    threads_a_block=1024,
    registers=65536,
    registers_a_thread=255,
    register_unit=256,
    parts=4,
    shared=228 * 1024,
    shared_a_block=227 * 1024,
    shared_unit=128,
    reserved=1024,
)
MI300X = Multiprocessor(
    name="MI300X (gfx942)",
    source="AMD CDNA3 ISA guide, §3.6 (registers, LDS); LLVM, AMDGPUBaseInfo.cpp (units, waves)",
    count=304,
    warp=64,
    warps=32,
    blocks=16,
    threads_a_block=1024,
    registers=131072,
    registers_a_thread=512,
    register_unit=512,
    parts=4,
    shared=64 * 1024,
    shared_a_block=64 * 1024,
    shared_unit=512,
    reserved=0,
)

MULTIPROCESSORS = {"sm_80": A100, "sm_90": H100, "gfx942": MI300X}


class Residence(NamedTuple):
    """How many blocks and warps fit at once, and how many blocks each resource would allow."""

    blocks: int
    warps: int
    occupancy: float
    limits: dict[str, int]

    @property
    def limited_by(self) -> list[str]:
        """The resources that stop the next block, in order of `limits`."""
        return [name for name, blocks in self.limits.items() if blocks == self.blocks]


def rounded_up(amount: int, unit: int) -> int:
    """Return the least multiple of `unit` that is not below `amount`."""
    return -(-amount // unit) * unit


def blocks_by_registers(on: Multiprocessor, registers: int, warps: int) -> int:
    """Return the blocks of `warps` warps that the register file holds, `registers` a thread.

    A block may not take more than there are, counted as if its warps filled all parts evenly.
    """
    a_warp = rounded_up(registers * on.warp, on.register_unit)
    if registers > on.registers_a_thread or a_warp * rounded_up(warps, on.parts) > on.registers:
        return 0
    if a_warp == 0:
        return on.blocks
    return on.registers // on.parts // a_warp * on.parts // warps


def blocks_by_shared(on: Multiprocessor, shared: int) -> int:
    """Return the blocks that the shared memory holds, `shared` bytes each."""
    taken = rounded_up(shared + on.reserved, on.shared_unit)
    if shared > on.shared_a_block:
        return 0
    return on.shared // taken if taken else on.blocks


def residence(on: Multiprocessor, registers: int, shared: int, warps: int) -> Residence:
    """Return what fits of a kernel of `registers` a thread, `shared` bytes and `warps` a block.

    Raises `ValueError` for amounts that no kernel has.
    """
    if registers < 0 or shared < 0 or warps < 1:
        raise ValueError(
            f"registers {registers}, shared memory {shared} and warps {warps}: a kernel needs at "
            "least one warp, and no less than nothing of the others"
        )
    too_large = warps * on.warp > on.threads_a_block
    limits = {
        "registers": blocks_by_registers(on, registers, warps),
        "shared memory": blocks_by_shared(on, shared),
        "warps": 0 if too_large else on.warps // warps,
        "blocks": on.blocks,
    }
    blocks = min(limits.values())
    return Residence(blocks, blocks * warps, blocks * warps / on.warps, limits)
