"""Scales shared by a tensor, a tile or a block, so that a narrow format fits what it holds.

Provenance: tiles with one scale each are DeepSeek-AI 2024, DeepSeek-V3 (arXiv:2412.19437), §3.3.2;
MXFP4 is Rouhani et al. 2023 (arXiv:2310.10537), Algorithm 1, and OCP Microscaling Formats (MX) 1.0;
NVFP4 is NVIDIA 2025, Pretraining large language models with NVFP4 (arXiv:2509.25149), §2.

Matrices are `(rows, columns)`; a tile `(r, c)` must divide them.
"""

from dataclasses import dataclass

import numpy as np

from .floats import E2M1, E4M3, nearest


@dataclass(frozen=True)
class Scaled:
    """Values of a narrow format, and what to multiply them by.

    `elements` is `(rows, columns)`; `scales` has one for each tile; `tensor_scale` is one number.
    """

    elements: np.ndarray
    scales: np.ndarray
    tile: tuple[int, int]
    tensor_scale: float = 1.0


def largest_in_tiles(x, tile):
    """Return the largest size in each tile: `(rows / r, columns / c)`.

    Raises `ValueError` where the tiles don't fit.
    """
    (rows, columns), (r, c) = x.shape, tile
    if rows % r or columns % c:
        raise ValueError(f"tiles of {r} by {c} don't divide a matrix of {rows} by {columns}")
    return np.abs(x).reshape(rows // r, r, columns // c, c).max(axis=(1, 3))


def over_tiles(scales, tile):
    """Repeat each tile's scale for all its elements: `(rows, columns)`."""
    return np.repeat(np.repeat(scales, tile[0], axis=0), tile[1], axis=1)


def dequantise(scaled):
    """Return the numbers that the format stands for: `(rows, columns)`."""
    return scaled.elements * over_tiles(scaled.scales, scaled.tile) * scaled.tensor_scale


def ratio(x, scale):
    """Divide, and give zero where the scale is zero: there the whole tile is lost."""
    return np.divide(x, scale, out=np.zeros(np.shape(x)), where=scale > 0.0)


def tiled(x, form=E4M3, tile=None, rounding=None):
    """Scale each tile so that its largest element becomes the format's largest, then round.

    Without a tile the whole tensor shares one scale. DeepSeek-V3 takes `(1, 128)` for activations
    and `(128, 128)` for weights. Scales are kept in full precision. `rounding` is a function of an
    array and a format: `nearest` unless told, or `stochastic` with its generator settled.
    """
    tile, rounding = tile or x.shape, rounding or nearest
    scales = largest_in_tiles(x, tile) / form.largest
    return Scaled(rounding(ratio(x, over_tiles(scales, tile)), form), scales, tile)


def mxfp4(x, rounding=None):
    """Round to E2M1 in blocks of 32 along the rows that share a power of two.

    The power is `floor(log2(largest)) - 2`, from -127 to 127, so a block's largest element, up to
    8 in its units, may be cut to 6.
    """
    exponent = np.frexp(largest_in_tiles(x, (1, 32)))[1] - 1  # floor(log2 of the largest)
    scales = np.ldexp(1.0, np.clip(exponent - 2, -127, 127))
    rounding = rounding or nearest
    return Scaled(rounding(x / over_tiles(scales, (1, 32)), E2M1), scales, (1, 32))


def nvfp4(x, tile=(1, 16), rounding=None):
    """Round to E2M1 in blocks of 16 with an E4M3 scale each and one FP32 scale for the tensor.

    The tensor's scale `largest / (6 * 448)` makes the block scales fill E4M3; each block scale is
    its largest element over 6 in those units, rounded. Elements are scaled by the rounded scale, so
    a largest element can come out past 6, by up to a sixteenth (more where the scale is subnormal),
    and is then cut. `tile` is `(1, 16)` for activations and gradients, `(16, 16)` for weights.
    """
    largest = largest_in_tiles(x, tile)
    tensor_scale = float(np.float32(largest.max() / (E2M1.largest * E4M3.largest)))
    wanted = largest / E2M1.largest
    scales = nearest(wanted / tensor_scale if tensor_scale > 0.0 else 0.0 * wanted, E4M3)
    units = over_tiles(scales, tile) * tensor_scale
    rounding = rounding or nearest
    return Scaled(rounding(ratio(x, units), E2M1), scales, tile, tensor_scale)
