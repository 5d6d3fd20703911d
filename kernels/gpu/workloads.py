"""Inputs of the size that kernels meet in use, for each kernel of the list.

`WORKLOADS` has a function for every kernel; it is given sizes and a generator and returns what the
launcher is called with, arrays in float16 and as tensors on a device. PyTorch's own attention is
there too, as a yardstick. FLOPs and bytes are the least that the result needs, as a roofline
counts: each array once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from kernels.gpu.launch_attention import flash_attention
from kernels.gpu.published import Problem

Sizes = Mapping[str, Any]
YARDSTICK = "torch-attention"


@dataclass(frozen=True)
class Workload:
    """Arguments of one call, and the FLOPs that sources count for it, 0 where they count none."""

    arguments: dict[str, Any]
    flops: float = 0.0

    @property
    def read(self) -> int:
        """Bytes of the arrays that are handed in."""
        tensors = [one for one in self.arguments.values() if isinstance(one, Tensor)]
        return sum(one.numel() * one.element_size() for one in tensors)


class Maker:
    """Makes random tensors on a device, from a seed."""

    def __init__(self, device: str, seed: int) -> None:
        self.device = device
        self.generator = torch.Generator(device).manual_seed(seed)

    def normal(self, *shape: int, dtype: torch.dtype = torch.float16) -> Tensor:
        """Return standard normal numbers."""
        return torch.randn(shape, generator=self.generator, device=self.device).to(dtype)

    def whole(self, most: int, *shape: int, dtype: torch.dtype) -> Tensor:
        """Return whole numbers from 0 to `most` - 1."""
        numbers = torch.randint(most, shape, generator=self.generator, device=self.device)
        return numbers.to(dtype)

    def heads(self, sizes: Sizes) -> dict[str, Tensor]:
        """Return queries, keys and values, `(heads * batch, n, d)`."""
        shape = (sizes["heads"] * sizes["batch"], sizes["n"], sizes["d"])
        return {name: self.normal(*shape) for name in ("q", "k", "v")}


def _problem(sizes: Sizes) -> Problem:
    return Problem(sizes["n"], sizes["d"], sizes["heads"], sizes["batch"], sizes["causal"])


def _softmax(sizes: Sizes, make: Maker) -> Workload:
    return Workload({"x": make.normal(sizes["rows"], sizes["columns"])})


def _attention(sizes: Sizes, make: Maker) -> Workload:
    given = {
        name: sizes[name] for name in ("block_m", "block_n", "warps", "stages") if name in sizes
    }
    arguments = {**make.heads(sizes), "causal": sizes["causal"], **given}
    return Workload(arguments, _problem(sizes).flops)


def _flash1(sizes: Sizes, make: Maker) -> Workload:
    blocks = {name: sizes[name] for name in ("block_r", "block_c")}
    return Workload({**make.heads(sizes), **blocks}, _problem(sizes).flops)


def _backward(sizes: Sizes, make: Maker) -> Workload:
    heads = make.heads(sizes)
    out, lse = flash_attention(**heads, causal=sizes["causal"])
    more = {"out": out, "lse": lse, "dout": make.normal(*out.shape), "causal": sizes["causal"]}
    return Workload({**heads, **more}, 2.5 * _problem(sizes).flops)  # five products instead of two


def _torch_attention(sizes: Sizes, make: Maker) -> Workload:
    shape = (sizes["batch"], sizes["heads"], sizes["n"], sizes["d"])
    arrays = {name: make.normal(*shape) for name in ("query", "key", "value")}
    return Workload({**arrays, "is_causal": sizes["causal"]}, _problem(sizes).flops)


def _rms_norm(sizes: Sizes, make: Maker) -> Workload:
    features = sizes["features"]
    return Workload({"x": make.normal(sizes["rows"], features), "gain": make.normal(features)})


def _matmul(sizes: Sizes, make: Maker) -> Workload:
    m, n, k = (sizes[name] for name in "mnk")
    tiles = {name: value for name, value in sizes.items() if name not in "mnk"}
    return Workload({"a": make.normal(m, k), "b": make.normal(k, n), **tiles}, 2.0 * m * n * k)


def _decode_flops(sizes: Sizes) -> float:
    return 4.0 * sizes["sequences"] * sizes["heads"] * sizes["length"] * sizes["d"]


def _paged(sizes: Sizes, make: Maker) -> Workload:
    sequences, size, length = sizes["sequences"], sizes["size"], sizes["length"]
    each = -(-length // size)
    pool = (sequences * each, size, sizes["groups"], sizes["d"])
    table = torch.randperm(pool[0], generator=make.generator, device=make.device)
    arguments = {
        "q": make.normal(sequences, sizes["heads"], sizes["d"]),
        "k": make.normal(*pool),
        "v": make.normal(*pool),
        "table": table.reshape(sequences, each).to(torch.int32),
        "lengths": torch.full((sequences,), length, dtype=torch.int32, device=make.device),
        "splits": sizes["splits"],
    }
    return Workload(arguments, _decode_flops(sizes))


def _grouped(sizes: Sizes, make: Maker) -> Workload:
    sequences, length = sizes["sequences"], sizes["length"]
    cache = (sequences, sizes["groups"], length, sizes["d"])
    arguments = {
        "q": make.normal(sequences, sizes["heads"], sizes["d"]),
        "k": make.normal(*cache),
        "v": make.normal(*cache),
        "lengths": torch.full((sequences,), length, dtype=torch.int32, device=make.device),
    }
    return Workload(arguments, _decode_flops(sizes))


def _int4(sizes: Sizes, make: Maker) -> Workload:
    m, n, k = (sizes[name] for name in "mnk")
    groups = k // sizes["group"]
    arguments = {
        "x": make.normal(m, k),
        "codes": make.whole(256, n, k // 2, dtype=torch.uint8),
        "scales": make.normal(n, groups).abs() / 16,
        "zeros": make.whole(16, n, groups, dtype=torch.uint8),
    }
    return Workload(arguments, 2.0 * m * n * k)


def _route(sizes: Sizes, make: Maker) -> Workload:
    logits = make.normal(sizes["tokens"], sizes["experts"])
    x = make.normal(sizes["tokens"], sizes["features"])
    return Workload({"logits": logits, "x": x, "k": sizes["k"]})


def _scan(sizes: Sizes, make: Maker) -> Workload:
    batch, time, d_inner, states = (sizes[name] for name in ("batch", "time", "d_inner", "states"))
    arguments = {
        "x": make.normal(batch, time, d_inner),
        "delta": torch.nn.functional.softplus(make.normal(batch, time, d_inner)),
        "a": -make.normal(d_inner, states).float().exp().to(torch.float16),
        "b": make.normal(batch, time, states),
        "c": make.normal(batch, time, states),
        "d": make.normal(d_inner),
        "z": make.normal(batch, time, d_inner),
    }
    return Workload(arguments)


WORKLOADS: dict[str, Callable[[Sizes, Maker], Workload]] = {
    "softmax": _softmax,
    "naive-attention": _attention,
    "flash-attention": _attention,
    "flash-attention-1": _flash1,
    "flash-attention-backward": _backward,
    YARDSTICK: _torch_attention,
    "rms-norm": _rms_norm,
    "matmul": _matmul,
    "paged-decode": _paged,
    "grouped-decode": _grouped,
    "int4-matmul": _int4,
    "top-k-routing": _route,
    "selective-scan": _scan,
}
