"""Packed four-bit weights against the quantiser they come from, and products against each other."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.numerics import weight_only
from kernels.numerics.integers import dequantise, quantise

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 4), st.sampled_from([2, 4, 16]))


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


@settings(deadline=None)
@given(SEEDS, SHAPES)
def test_unpacking_gives_the_quantisers_weights_but_for_the_scales_rounding(seed, shape):
    outputs, groups, group = shape
    w = normal(seed, outputs, groups * group)
    packed = weight_only.pack_weights(w, group)
    expected = dequantise(quantise(w, 4, group, symmetric=False))
    unpacked = weight_only.unpack(packed)
    assert unpacked.dtype == np.float32
    np.testing.assert_allclose(unpacked, expected, rtol=2**-11, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, SHAPES, st.integers(1, 5))
def test_products_agree_with_torch_and_with_halves(seed, shape, samples):
    outputs, groups, group = shape
    x, w = normal(seed, samples, groups * group), normal(seed + 1, outputs, groups * group)
    packed = weight_only.pack_weights(w, group)
    low = torch.from_numpy(packed.codes) & 15
    high = torch.from_numpy(packed.codes) >> 4
    codes = torch.stack([low, high], -1).reshape(outputs, groups, group).double()
    scale, zero = (torch.from_numpy(part.astype(float))[..., None] for part in packed[1:])
    dense = (scale * (codes - zero)).reshape(outputs, -1)
    expected = torch.nn.functional.linear(torch.from_numpy(x), dense).numpy()
    np.testing.assert_allclose(weight_only.matmul(x, packed), expected, rtol=1e-5, atol=1e-5)
    found = weight_only.matmul_by_halves(x, packed, group)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@settings(deadline=None)
@given(SEEDS, SHAPES)
def test_bytes_are_those_of_the_arrays(seed, shape):
    outputs, groups, group = shape
    packed = weight_only.pack_weights(normal(seed, outputs, groups * group), group)
    expected = sum(part.nbytes for part in packed)
    assert weight_only.weight_bytes(outputs, groups * group, group) == pytest.approx(expected)


def test_zero_stays_zero():
    w = np.abs(normal(2, 3, 8)) + 0.5
    w[:, ::3] = 0.0
    unpacked = weight_only.unpack(weight_only.pack_weights(w, 8))
    np.testing.assert_array_equal(unpacked[:, ::3], 0.0)


def test_symmetric_codes_are_refused():
    with pytest.raises(ValueError, match="codes from 0 to 15"):
        weight_only.pack(quantise(normal(1, 2, 8), 4, 8))
