"""Job: every kernel of the list, compiled for every architecture."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kernels.gpu.compiling import TARGETS, Configuration
from kernels.gpu.jobs_compiled import SAME, compile_all, differences
from kernels.gpu.registry import Build, Kernel, all_kernels
from kernels.jobs import Context, job


def home(kernel: Kernel, function: str) -> str:
    """Return the module of a kernel that defines a function; imports none of them.

    Raises `ValueError` where none does.
    """
    for module in kernel.modules:
        found = importlib.util.find_spec(module)
        if found and found.origin:
            text = Path(found.origin).read_text(encoding="utf-8")
            if f"\ndef {function}(" in text:
                return module
    raise ValueError(f"the kernel '{kernel.name}': none of its modules defines {function}")


def configuration(
    kernel: Kernel, build: Build, chosen: dict[str, Any], architecture: str
) -> Configuration:
    """Return one of a build's configurations for one architecture."""
    constants = {name: value for name, value in chosen.items() if not name.startswith("num_")}
    return Configuration(
        module=home(kernel, build.function),
        kernel=build.function,
        signature=build.types,
        constants=constants,
        architecture=architecture,
        warps=chosen["num_warps"],
        stages=chosen["num_stages"],
        multiples_of_16=build.divisible,
    )


def representatives(architectures: list[str]) -> Iterator[Configuration]:
    """Yield the configuration in the middle of each build's list, for each architecture."""
    for kernel in all_kernels().values():
        for build in kernel.builds:
            all_of_it = list(build.configurations())
            chosen = all_of_it[len(all_of_it) // 2]
            for architecture in architectures:
                yield configuration(kernel, build, chosen, architecture)


@job(
    "kernels-compiled",
    obtained="compiled",
    needs=("triton",),
    parameters={"architectures": list(TARGETS), "limit_seconds": 90},
    reduced={"architectures": ["sm_90"]},
    tolerance=SAME,
)
def kernels_compiled(context: Context) -> dict[str, object]:
    """Every Triton kernel of the project as machine code, one configuration an architecture."""
    todo = list(representatives(context.parameters["architectures"]))
    return {"compiled.json": compile_all(todo, context)}


@kernels_compiled.recheck
def _(context: Context) -> dict[str, float]:
    """Compile the first three again."""
    chosen = list(representatives(context.parameters["architectures"]))[:3]
    return differences(context.asset("compiled.json"), context, *chosen)
