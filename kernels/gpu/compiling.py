"""Compile Triton kernels ahead of time for a named architecture, with no GPU, and read the result.

Provenance: Triton's compiler and the `ptxas`, `cuobjdump` and `nvdisasm` of its own package, whose
versions stand beside every number: registers and spills are the assembler's choice, and another
version chooses otherwise.

A process of its own compiles each configuration, because some take minutes: it is stopped at a
limit, and that is a result too. What is read: registers, spills, shared memory, the mix of
instructions in all and in the innermost loop that multiplies matrices. Nothing here is a time.
"""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kernels.gpu.disassembly import (
    AMD_KINDS,
    SASS_KINDS,
    amd_metadata,
    amdgcn,
    inner_loop,
    matrix_flops,
    mix,
    sass,
)
from kernels.gpu.occupancy import MULTIPROCESSORS, residence

TARGETS = {"sm_80": ("cuda", 80, 32), "sm_90": ("cuda", 90, 32), "gfx942": ("hip", "gfx942", 64)}


@dataclass(frozen=True)
class Configuration:
    """A kernel with all that decides its machine code.

    `signature` gives a Triton type for each parameter ("*fp16", "i32", "fp32"), `constants` the
    values of compile-time parameters. `multiples_of_16` are parameters of which that is known, as
    it is for a tensor's address and for most lengths when a kernel is launched.
    """

    module: str
    kernel: str
    signature: Mapping[str, str]
    constants: Mapping[str, Any]
    architecture: str
    warps: int = 4
    stages: int = 2
    multiples_of_16: Sequence[str] = field(default=())


def compile_kernel(configuration: Configuration, scratch: Path, limit: float = 60.0) -> dict:
    """Compile in a process of its own and return what was found, as JSON values.

    `scratch` is a folder for the compiler's cache, `limit` seconds of patience. The result has
    "status" "compiled", "timed out" or "failed" (then with "why"), and for "compiled" registers,
    spills, shared memory in bytes, mixes, occupancy and the versions of the tools.

    Raises `ValueError` for an architecture that is not in `TARGETS`.
    """
    if configuration.architecture not in TARGETS:
        known = ", ".join(TARGETS)
        raise ValueError(f"architecture {configuration.architecture!r} is not one of {known}")
    environment = {
        **os.environ,
        "TRITON_CACHE_DIR": str(scratch / "triton"),
        "TRITON_DEFAULT_FP_FUSION": "1",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    environment.pop("TRITON_INTERPRET", None)
    with subprocess.Popen(
        [sys.executable, "-m", "kernels.gpu.compiling"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,  # so that the assembler is stopped with the compiler
    ) as process:
        try:
            out, errors = process.communicate(json.dumps(asdict(configuration)), timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return {"status": "timed out", "why": f"not done within {limit:g} s"}
    if process.returncode:
        lines = [line.strip() for line in errors.splitlines() if line.strip()]
        return {"status": "failed", "why": lines[-1] if lines else f"exit {process.returncode}"}
    return {"status": "compiled", **json.loads(out.splitlines()[-1])}


def _compile(configuration: Configuration) -> dict:
    """Compile here and now; what the process of its own does."""
    from importlib import import_module

    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    triton.knobs.nvidia.dump_ptxas_log = True
    triton.knobs.compilation.always_compile = True  # else there is no log to read
    kernel = getattr(import_module(configuration.module), configuration.kernel)
    backend, architecture, warp = TARGETS[configuration.architecture]
    amd = backend == "hip"
    attributes = {}
    for name in configuration.multiples_of_16:
        known = [["tt.divisibility", 16]]
        if amd and configuration.signature[name].startswith("*"):
            known.append(["tt.pointer_range", 32])  # as for tensors below 2 GB
        attributes[(kernel.arg_names.index(name),)] = known
    compile_time = dict.fromkeys(configuration.constants, "constexpr")
    source = ASTSource(
        kernel,
        {**configuration.signature, **compile_time},
        dict(configuration.constants),
        attributes,
    )
    log = io.StringIO()
    with contextlib.redirect_stdout(log):  # what the assembler says goes there
        compiled = triton.compile(
            source,
            target=GPUTarget(backend, architecture, warp),
            options={"num_warps": configuration.warps, "num_stages": configuration.stages},
        )
    shared = int(compiled.metadata.shared)
    program, kinds, found = (
        _read_amd(compiled.asm) if amd else _read_nvidia(compiled.asm, log.getvalue())
    )
    loop = inner_loop(program, kinds)
    resident = residence(
        MULTIPROCESSORS[configuration.architecture],
        found["registers"],
        shared + found["static_shared"],
        configuration.warps,
    )
    return {
        **found,
        "shared": shared,
        "mix": mix(program, kinds),
        "loop": mix(loop, kinds),
        "loop_matrix_flops": matrix_flops(loop, configuration.warps),
        "blocks": resident.blocks,
        "occupancy": resident.occupancy,
        "limits": resident.limits,
        "limited_by": resident.limited_by,
        "versions": {"triton": triton.__version__, **({} if amd else _tools())},
    }


def _read_amd(asm: Mapping[str, Any]) -> tuple[list, dict[str, str], dict[str, int]]:
    listing = asm["amdgcn"]
    found = amd_metadata(listing)
    return amdgcn(listing), AMD_KINDS, {**found, "static_shared": 0}


def _read_nvidia(asm: Mapping[str, Any], log: str) -> tuple[list, dict[str, str], dict[str, int]]:
    with tempfile.TemporaryDirectory() as folder:
        cubin = Path(folder) / "kernel.cubin"
        cubin.write_bytes(asm["cubin"])
        usage = _run("cuobjdump", "-res-usage", str(cubin))
        listing = _run("nvdisasm", "-c", str(cubin))
    program = sass(listing)
    numbers = {name: int(value) for name, value in re.findall(r"(REG|STACK|SHARED):(\d+)", usage)}
    reserved = 1024 if numbers["SHARED"] >= 1024 and "sm_90" in listing else 0  # the driver's
    return (
        program,
        SASS_KINDS,
        {
            "registers": numbers["REG"],
            "stack": numbers["STACK"],
            **spills(log),
            "static_shared": numbers["SHARED"] - reserved,
        },
    )


def _run(tool: str, *arguments: str) -> str:
    import triton

    path = getattr(triton.knobs.nvidia, tool).path
    return subprocess.run([path, *arguments], check=True, capture_output=True, text=True).stdout


def _tools() -> dict[str, str]:
    """Return the versions of the assembler and the disassembler."""
    versions = {}
    for tool in ("ptxas", "nvdisasm"):
        found = re.search(r"\bV([\d.]+)", _run(tool, "--version"))
        versions[tool] = found[1] if found else "unknown"
    return versions


def spills(log: str) -> dict[str, int]:
    """Return the bytes a thread that `ptxas -v` says it spills, stored and loaded."""
    stores = re.findall(r"(\d+) bytes spill stores", log)
    loads = re.findall(r"(\d+) bytes spill loads", log)
    return {
        "spill_stores": sum(int(number) for number in stores),
        "spill_loads": sum(int(number) for number in loads),
    }


def main() -> None:
    """Read a configuration from standard input, compile it, print what was found in one line."""
    configuration = Configuration(**json.load(sys.stdin))
    print(json.dumps(_compile(configuration)))


if __name__ == "__main__":
    main()
