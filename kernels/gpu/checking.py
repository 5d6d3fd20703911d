"""Hold a Triton kernel against its reference, on random inputs.

The reference is given the very numbers that the kernel is given, rounded to the kernel's type, and
computes with them in float64.
"""

from typing import Any, NamedTuple

import numpy as np
import torch

from kernels.gpu.launch import device
from kernels.gpu.registry import Inputs, Kernel


class Comparison(NamedTuple):
    """What a kernel gave beside what its reference gave, result by result, in float64."""

    inputs: Inputs
    got: list[np.ndarray]
    expected: list[np.ndarray]


def rounded(kernel: Kernel, inputs: Inputs, kind: str) -> Inputs:
    """Round the float arrays of drawn inputs to `kind`, `"float16"` or `"float32"`."""

    def one(name: str, value: Any) -> Any:
        if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating):
            return value.astype("float32" if name in kernel.single else kind)
        return value

    return {name: one(name, value) for name, value in inputs.items()}


def tensors(inputs: Inputs) -> Inputs:
    """Turn arrays into tensors on the device where kernels run."""
    return {
        name: torch.from_numpy(value).to(device()) if isinstance(value, np.ndarray) else value
        for name, value in inputs.items()
    }


def doubles(inputs: Inputs) -> Inputs:
    """Turn float arrays into float64, as references want them."""
    return {
        name: value.astype(np.float64)
        if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating)
        else value
        for name, value in inputs.items()
    }


def compare(kernel: Kernel, rng: np.random.Generator, kind: str) -> Comparison:
    """Run a kernel and its reference on inputs drawn from `rng` and rounded to `kind`."""
    inputs = rounded(kernel, kernel.draw(rng), kind)
    got = kernel.launch()(**tensors(inputs))
    expected = kernel.reference(**doubles(inputs))
    given = got if isinstance(got, tuple) else (got,)
    wanted = expected if isinstance(expected, tuple) else (expected,)
    pairs = [
        (one.cpu().double().numpy(), np.asarray(other, dtype=np.float64))
        for one, other in zip(given, wanted, strict=True)
        if other is not None
    ]
    return Comparison(inputs, [one for one, _ in pairs], [other for _, other in pairs])
