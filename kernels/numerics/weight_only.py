"""Weights in four bits, activations in sixteen: the matrix product that unpacks as it goes.

Provenance: Frantar et al. 2023, GPTQ (arXiv:2210.17323), and Lin et al. 2024, AWQ
(arXiv:2306.00978), whose kernels read packed weights and compute in half precision; two codes a
byte as in `packing`, scales and zero points of groups as in `integers`.

Weights are `(outputs, inputs)`, activations `(samples, inputs)`: the product is `x @ w.T`.
"""

from typing import NamedTuple

import numpy as np

from .integers import Quantised, quantise
from .packing import bits_each, pack_nibbles, unpack_nibbles


class Packed(NamedTuple):
    """Four-bit weights as they lie in memory.

    `codes` is uint8 `(outputs, inputs / 2)`, the even input's code in the low half of a byte;
    `scales` float16 and `zeros` uint8 are `(outputs, inputs / group)`.
    """

    codes: np.ndarray
    scales: np.ndarray
    zeros: np.ndarray


def pack(quantised: Quantised) -> Packed:
    """Lay what `integers.quantise(w, 4, group, symmetric=False)` returns out in bytes.

    Scales are rounded to float16: the weights are what they, so rounded, say.
    """
    outputs, groups, _ = quantised.grouped
    scales = quantised.grid.scale.reshape(outputs, groups).astype(np.float16)
    zeros = quantised.grid.zero.reshape(outputs, groups).astype(np.uint8)
    return Packed(pack_nibbles(quantised.codes), scales, zeros)


def pack_weights(w, group):
    """Round `w` to four bits in groups of `group` along its inputs, and pack it."""
    return pack(quantise(w, 4, group, symmetric=False))


def unpack(packed: Packed):
    """Return the weights that the bytes stand for, `S (q - Z)`: float32, `(outputs, inputs)`."""
    codes = unpack_nibbles(packed.codes).astype(np.float32)  # (outputs, inputs)
    group = codes.shape[1] // packed.scales.shape[1]
    scale = np.repeat(packed.scales.astype(np.float32), group, axis=1)
    zero = np.repeat(packed.zeros.astype(np.float32), group, axis=1)
    return scale * (codes - zero)


def matmul(x, packed: Packed):
    """Multiply: `(samples, outputs)`."""
    return x @ unpack(packed).T


def matmul_by_halves(x, packed: Packed, group):
    """Multiply as the kernel does: group by group, even inputs apart from odd ones.

    A byte's two codes belong to neighbouring inputs. With the activations split in the same way,
    low halves and high halves are two products, and nothing has to be woven together.
    """
    out = np.zeros((len(x), len(packed.codes)))
    for g, first in enumerate(range(0, x.shape[1], group)):
        even, odd = x[:, first : first + group : 2], x[:, first + 1 : first + group : 2]
        codes = packed.codes[:, first // 2 : (first + group) // 2]  # (outputs, group / 2)
        scale = packed.scales[:, g, None].astype(np.float32)  # (outputs, 1)
        zero = packed.zeros[:, g, None].astype(np.float32)
        low, high = scale * ((codes & 15) - zero), scale * ((codes >> 4) - zero)
        out += even @ low.T + odd @ high.T
    return out


def weight_bytes(outputs, inputs, group):
    """Return the bytes that packed weights take: codes, scales of two bytes, zeros of one."""
    return outputs * inputs * bits_each(4, group, 24) / 8
