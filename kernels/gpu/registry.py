"""The list of all Triton kernels: how each is started, checked and compiled.

An entry ties a launcher (PyTorch tensors in and out) to a reference (NumPy arrays in float64), to
random inputs, and to what has to be known for compiling it without a GPU. Entries lie in the
modules of `ENTRIES`, each with a tuple `KERNELS`; importing them imports neither PyTorch nor
Triton, so that a compiler of the list may decide itself how Triton starts.
"""

import importlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

ENTRIES = ("kernels.gpu.entries_attention", "kernels.gpu.entries_serving")

Inputs = dict[str, Any]
"""Arguments by name: float arrays in float64, integer arrays, and plain values."""


@dataclass(frozen=True)
class Build:
    """One `@triton.jit` function of a module, and the ways to compile it.

    Parameters
    ----------
    function
        Its name in the kernel's module.
    types
        Triton's type of each argument that is known only when it runs: `{"q_ptr": "*fp16",
        "queries": "i32", "scale": "fp32"}`, in the function's order.
    constants
        The values to compile for, of each `tl.constexpr`.
    warps, stages
        Values of `num_warps` and `num_stages`.
    divisible
        Arguments that are multiples of 16, which Triton's compiler makes use of.
    keep
        Says of a configuration whether it is worth compiling.
    """

    function: str
    types: Mapping[str, str]
    constants: Mapping[str, Sequence[Any]]
    warps: Sequence[int] = (4,)
    stages: Sequence[int] = (2,)
    divisible: tuple[str, ...] = ()
    keep: Callable[[Mapping[str, Any]], bool] = lambda configuration: True

    def configurations(self) -> Iterator[dict[str, Any]]:
        """Yield each combination: the constants by name, `num_warps` and `num_stages`."""
        axes = {**self.constants, "num_warps": self.warps, "num_stages": self.stages}
        for values in itertools.product(*axes.values()):
            configuration = dict(zip(axes, values, strict=True))
            if self.keep(configuration):
                yield configuration


@dataclass(frozen=True)
class Kernel:
    """One thing that Triton computes, in one launch or several.

    Parameters
    ----------
    name
        In kebab case.
    modules
        The modules that hold its `@triton.jit` functions, the one to be shown first.
    launcher
        `module:function`, called with the drawn inputs by name, arrays as PyTorch tensors. It
        returns a tensor or a tuple of tensors.
    reference
        Called with the same inputs as NumPy arrays; returns an array or a tuple of arrays, of which
        an entry may be `None` where the kernel's result isn't compared.
    draw
        Makes random inputs from a generator: shapes, odd lengths, masks and block sizes vary.
    tolerance
        The largest difference from the reference that is let pass, beside `relative` times the
        reference, by the type of the float arrays (`"float32"`, `"float16"`).
    single
        Names of inputs that are float32 whatever the others are.
    """

    name: str
    modules: tuple[str, ...]
    launcher: str
    reference: Callable[..., Any]
    draw: Callable[[np.random.Generator], Inputs]
    tolerance: Mapping[str, float]
    relative: Mapping[str, float] = field(
        default_factory=lambda: {"float32": 1e-5, "float16": 2e-3}
    )
    single: tuple[str, ...] = ()
    builds: tuple[Build, ...] = ()

    def launch(self) -> Callable[..., Any]:
        """Import and return the launcher; this imports PyTorch."""
        module, _, name = self.launcher.partition(":")
        return getattr(importlib.import_module(module), name)


def all_kernels() -> dict[str, Kernel]:
    """Return every entry by its name.

    Raises
    ------
    ValueError
        If two entries share a name.
    """
    found: dict[str, Kernel] = {}
    for module in ENTRIES:
        for kernel in importlib.import_module(module).KERNELS:
            if kernel.name in found:
                raise ValueError(f"{module}: there is a kernel '{kernel.name}' already")
            found[kernel.name] = kernel
    return found
