"""Start this project's Triton kernels: PyTorch tensors in, PyTorch tensors out.

On a machine with a GPU, kernels are compiled and run there. Elsewhere they run in Triton's
interpreter, which steps through the programs one by one on the CPU; it computes bfloat16 on raw
16-bit integers, so tensors are float16 or float32.
"""

import importlib
import os
import sys
from types import ModuleType

import torch
from torch import Tensor

FLOATS = (torch.float16, torch.float32)


def device() -> str:
    """Return where kernels run: `"cuda"`, or `"cpu"` for the interpreter."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def choose_interpreter() -> None:
    """Have Triton interpret kernels where there is no GPU; call it before Triton is imported.

    Raises
    ------
    RuntimeError
        If Triton has been imported as a compiler and there is no GPU to compile for.
    """
    if device() == "cuda" or os.environ.get("TRITON_INTERPRET") == "1":
        return
    if "triton" in sys.modules:
        raise RuntimeError(
            "Triton was imported before it was told to interpret, and there is no GPU: "
            "set TRITON_INTERPRET=1, or import kernels.gpu.launch and load() kernels first."
        )
    os.environ["TRITON_INTERPRET"] = "1"


def load(module: str) -> ModuleType:
    """Import a module of Triton kernels, such as `kernels.attention.flash_triton`."""
    choose_interpreter()
    return importlib.import_module(module)


def blocks(length: int, size: int) -> int:
    """Return how many blocks of `size` cover `length`."""
    return -(-length // size)


def power_of_two(least: int) -> int:
    """Return the smallest power of two that is at least `least`."""
    return 1 << max(0, least - 1).bit_length()


def checked(**tensors: Tensor) -> tuple[Tensor, ...]:
    """Return tensors laid out contiguously, on one device and of one type that kernels take.

    Raises
    ------
    ValueError
        If a tensor is of another type than the first, or the type is neither float16 nor float32.
    """
    kinds = {name: tensor.dtype for name, tensor in tensors.items()}
    first = next(iter(kinds.values()))
    if first not in FLOATS or any(kind != first for kind in kinds.values()):
        said = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
        raise ValueError(f"kernels take all float16 or all float32, not {said}")
    return tuple(tensor.contiguous() for tensor in tensors.values())


def head_shape(q: Tensor, k: Tensor, v: Tensor) -> tuple[int, int, int, int]:
    """Return `(heads, queries, keys, d)` of what attention is given.

    Raises
    ------
    ValueError
        If the shapes aren't `(heads, queries, d)` and twice `(heads, keys, d)`, or `d` isn't a
        power of two of at least 16.
    """
    shapes = tuple(q.shape), tuple(k.shape), tuple(v.shape)
    if q.ndim != 3 or k.shape != v.shape or (q.shape[0], q.shape[2]) != (k.shape[0], k.shape[2]):
        raise ValueError(f"want (heads, queries, d) and twice (heads, keys, d), not {shapes}")
    heads, queries, d = q.shape
    if d < 16 or d != power_of_two(d):
        raise ValueError(f"d must be a power of two of at least 16, not {d}")
    return heads, queries, k.shape[1], d
