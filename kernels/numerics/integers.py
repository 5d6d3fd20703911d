"""Whole numbers in place of weights: int8 and int4 with a scale per tensor, row or group.

Provenance: Jacob et al. 2018 (arXiv:1712.05877), §2.1, eq. 1, `r = S (q - Z)`, and §3: zero must
be exact, and symmetric codes leave out the lowest. Groups within a row are those of Frantar et al.
2023, GPTQ (arXiv:2210.17323), and Lin et al. 2024, AWQ (arXiv:2306.00978).

Weights are `(outputs, inputs)`.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grid:
    """A scale `S` and a zero point `Z` for each group; codes run from `low` to `high`.

    `scale` and `zero` broadcast against the weights they are for.
    """

    scale: np.ndarray
    zero: np.ndarray
    low: int
    high: int


@dataclass(frozen=True)
class Quantised:
    """Codes `(outputs, inputs)`, and the grid of their groups, `(…, groups, 1)`."""

    codes: np.ndarray
    grid: Grid
    grouped: tuple[int, int, int]


def fit_symmetric(w, bits):
    """Fit a grid with zero in its middle to the last axis: `S = max|w| / (2^(bits-1) - 1)`."""
    high = 2 ** (bits - 1) - 1
    largest = np.abs(w).max(axis=-1, keepdims=True)
    scale = np.where(largest > 0.0, largest / high, 1.0)
    return Grid(scale, np.zeros_like(scale), -high, high)


def fit_asymmetric(w, bits):
    """Fit a grid from the least (or zero) to the largest (or zero) along the last axis.

    `S = (max - min) / (2^bits - 1)`, and `Z` is the code that stands for zero.
    """
    high = 2**bits - 1
    least = np.minimum(w.min(axis=-1, keepdims=True), 0.0)
    largest = np.maximum(w.max(axis=-1, keepdims=True), 0.0)
    scale = np.where(largest > least, (largest - least) / high, 1.0)
    return Grid(scale, np.rint(-least / scale), 0, high)


def fit(w, bits, symmetric=True):
    """Fit either grid to the last axis."""
    return fit_symmetric(w, bits) if symmetric else fit_asymmetric(w, bits)


def to_codes(w, grid):
    """Round to the nearest code, halves to even: whole numbers as int64."""
    return np.clip(np.rint(w / grid.scale) + grid.zero, grid.low, grid.high).astype(np.int64)


def from_codes(codes, grid):
    """Return the numbers that codes stand for: `S (q - Z)`."""
    return grid.scale * (codes - grid.zero)


def group_shape(w, per):
    """Return the shape that lays each group along the last axis: `(outer, groups, size)`.

    `per` is `"tensor"`, `"row"` or the size of a group. Raises `ValueError` where groups don't fit.
    """
    outputs, inputs = w.shape
    if per == "tensor":
        return 1, 1, outputs * inputs
    size = inputs if per == "row" else per
    if inputs % size:
        raise ValueError(f"groups of {size} don't divide rows of {inputs}")
    return outputs, inputs // size, size


def quantise(w, bits, per="row", symmetric=True):
    """Round every weight to the nearest code of its group's grid."""
    shape = group_shape(w, per)
    grouped = w.reshape(shape)
    grid = fit(grouped, bits, symmetric)
    return Quantised(to_codes(grouped, grid).reshape(w.shape), grid, shape)


def dequantise(quantised):
    """Return the weights that the codes stand for: `(outputs, inputs)`."""
    codes = quantised.codes.reshape(quantised.grouped)
    return from_codes(codes, quantised.grid).reshape(quantised.codes.shape)


def round_to_nearest(w, bits, per="row", symmetric=True):
    """Quantise and return weights again: the floor that `gptq` and `awq` have to beat."""
    return dequantise(quantise(w, bits, per, symmetric))
