"""Number formats against `ml_dtypes`, NumPy's own float16, and plain loops over every code."""

import math
from functools import partial

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from kernels.numerics import (
    accumulation,
    blocks,
    errors,
    floats,
    hadamard,
    integers,
    packing,
    ternary,
)

SEEDS = st.integers(0, 2**32 - 1)
SHIFTS = st.floats(-3, 3)
EITHER = st.booleans()
WITH_BOUNDS = {
    floats.E4M3: ml_dtypes.float8_e4m3fn,
    floats.E5M2: ml_dtypes.float8_e5m2,
    floats.FP16: np.float16,
    floats.BF16: ml_dtypes.bfloat16,
}
ALL = {**WITH_BOUNDS, floats.E2M1: ml_dtypes.float4_e2m1fn}
FORMS = pytest.mark.parametrize("form", ALL, ids=lambda form: form.name)
BOUNDED = pytest.mark.parametrize("form", WITH_BOUNDS, ids=lambda form: form.name)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def cast(x, form):
    """What the independent library makes of float64 numbers; it doesn't saturate but in E2M1."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(x, dtype=float).astype(ALL[form]).astype(float)


def all_codes(form):
    return np.arange(2**form.bits)


# Floating-point formats


@FORMS
def test_every_code_means_what_the_library_says(form):
    codes = all_codes(form)
    unsigned = np.uint16 if form.bits == 16 else np.uint8
    if form is floats.E2M1:
        expected = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])
    else:
        with np.errstate(invalid="ignore"):  # NaN
            expected = codes.astype(unsigned).view(ALL[form]).astype(float)
    decoded = floats.decode(codes, form)
    np.testing.assert_array_equal(decoded, expected)
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(np.signbit(decoded[finite]), np.signbit(expected[finite]))


@FORMS
def test_codes_come_back_from_their_values(form):
    codes = all_codes(form)
    value = floats.decode(codes, form)
    kept = ~np.isnan(value)
    np.testing.assert_array_equal(floats.encode(value, form, saturate=False)[kept], codes[kept])


@BOUNDED
def test_limits_are_those_of_the_library(form):
    info = np.finfo(np.float16) if form is floats.FP16 else ml_dtypes.finfo(ALL[form])
    assert form.largest == float(info.max) == floats.magnitudes(form)[-1]
    assert form.smallest_normal == float(info.tiny)
    assert form.smallest == float(info.smallest_subnormal) == floats.magnitudes(form)[1]


@pytest.mark.slow
@FORMS
@settings(deadline=None)
@given(x=npst.arrays(float, 20, elements=st.floats(-1e6, 1e6) | st.floats(-8, 8)))
def test_rounding_agrees_with_the_library(form, x):
    np.testing.assert_array_equal(floats.nearest(x, form, saturate=False), cast(x, form))


@FORMS
def test_halves_go_to_even_codes_everywhere(form):
    """Every midpoint of two neighbours, where a wrong rule for ties would show."""
    value = floats.magnitudes(form)
    middle = (value[1:] + value[:-1]) / 2
    rounded = floats.nearest(middle, form)
    np.testing.assert_array_equal(floats.encode(rounded, form) % 2, 0)
    np.testing.assert_array_equal(rounded, cast(middle, form))
    np.testing.assert_array_equal(floats.nearest(np.nextafter(middle, 0), form), value[:-1])
    np.testing.assert_array_equal(floats.nearest(np.nextafter(middle, np.inf), form), value[1:])


@pytest.mark.parametrize(
    ("form", "x", "saturated", "not_saturated"),
    [
        (floats.E4M3, 464.0, 448.0, 448.0),  # half way to 480, which would be odd
        (floats.E4M3, np.nextafter(464.0, 500), 448.0, np.nan),
        (floats.E4M3, -1e9, -448.0, np.nan),
        (floats.E4M3, np.inf, 448.0, np.nan),
        (floats.E5M2, 61439.0, 57344.0, 57344.0),
        (floats.E5M2, 61440.0, 57344.0, np.inf),  # half way to 65536, which is even
        (floats.E5M2, -np.inf, -57344.0, -np.inf),
        (floats.E4M3, np.nan, np.nan, np.nan),
        (floats.E5M2, np.nan, np.nan, np.nan),
        (floats.E2M1, 1e9, 6.0, 6.0),
        (floats.E2M1, -np.inf, -6.0, -6.0),
    ],
)
def test_what_lies_past_the_largest_value(form, x, saturated, not_saturated):
    np.testing.assert_array_equal(floats.nearest(x, form), saturated)
    np.testing.assert_array_equal(floats.nearest(x, form, saturate=False), not_saturated)


def test_codes_of_special_values():
    assert floats.encode(np.nan, floats.E4M3) == 0x7F
    assert np.isnan(floats.decode(floats.encode(np.nan, floats.E5M2), floats.E5M2))
    assert floats.encode(np.inf, floats.E5M2, saturate=False) == 0x7C
    assert floats.encode(-0.0, floats.E4M3) == 0x80
    assert floats.encode(-1e-9, floats.E4M3) == 0x80
    assert floats.encode([1e9, -np.inf], floats.E5M2).tolist() == [0x7B, 0xFB]  # saturated


def test_e2m1_refuses_nan():
    with pytest.raises(ValueError, match="E2M1 has no code for NaN"):
        floats.nearest(np.nan, floats.E2M1)


@pytest.mark.slow
@FORMS
@settings(deadline=None)
@given(x=npst.arrays(float, 10, elements=st.floats(-1e5, 1e5)))
def test_rounding_finds_the_closest_value_keeps_order_and_does_nothing_twice(form, x):
    x = np.sort(np.clip(x, -form.largest, form.largest))
    rounded = floats.nearest(x, form)
    value = floats.magnitudes(form)
    if form.bits <= 8:
        closest = np.abs(np.abs(x)[:, None] - value).min(axis=1)
        np.testing.assert_array_equal(np.abs(rounded - x), closest)
    assert (np.diff(rounded) >= 0).all()
    np.testing.assert_array_equal(floats.nearest(rounded, form), rounded)
    np.testing.assert_array_equal(floats.nearest(-x, form), -rounded)


@FORMS
def test_stochastic_rounding_is_a_neighbour_and_right_on_average(form):
    rng = np.random.default_rng(5)
    x = rng.uniform(-1, 1, 8) * min(form.largest, 30.0)
    drawn = floats.stochastic(np.tile(x, (20_000, 1)), form, rng)
    step = floats.spacing(x, form)
    assert (np.abs(drawn - x) < step).all()
    np.testing.assert_array_equal(floats.nearest(drawn, form), drawn)
    standard_error = drawn.std(axis=0) / math.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - x) <= 4 * standard_error + 1e-15).all()


def test_stochastic_rounding_stays_within_the_format():
    drawn = floats.stochastic(np.full(50, -1e9), floats.E5M2, np.random.default_rng(2))
    np.testing.assert_array_equal(drawn, -57344.0)


def test_stochastic_rounding_leaves_values_of_the_format():
    value = floats.decode(np.arange(16), floats.E2M1)
    drawn = floats.stochastic(np.tile(value, (50, 1)), floats.E2M1, np.random.default_rng(1))
    np.testing.assert_array_equal(drawn, np.tile(value, (50, 1)))


# Shared scales


def test_tiles_take_their_own_largest_element():
    x = normal(1, 6, 8)
    largest = blocks.largest_in_tiles(x, (2, 4))
    for i in range(3):
        for j in range(2):
            assert largest[i, j] == max(
                abs(x[r, c]) for r in (2 * i, 2 * i + 1) for c in range(4 * j, 4 * j + 4)
            )
    repeated = blocks.over_tiles(largest, (2, 4))
    assert repeated[3, 4] == largest[1, 1] and repeated.shape == x.shape


def test_tiles_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="tiles of 1 by 16 don't divide a matrix of 2 by 24"):
        blocks.nvfp4(np.zeros((2, 24)))


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.sampled_from([None, (1, 4), (4, 4)]), st.sampled_from([floats.E4M3, floats.E5M2]))
def test_tiled_values_are_the_librarys_after_scaling(seed, tile, form):
    x = normal(seed, 4, 8) * 10.0 ** normal(seed + 1, 4, 8)
    scaled = blocks.tiled(x, form, tile)
    assert np.abs(scaled.elements).max() == form.largest
    expected = cast(x / blocks.over_tiles(scaled.scales, scaled.tile), form)
    expected = np.where(np.isfinite(expected), expected, np.sign(x) * form.largest)
    np.testing.assert_array_equal(scaled.elements, expected)
    error = np.abs(blocks.dequantise(scaled) - x)
    half_step = 2.0 ** -(form.mantissa_bits + 1)
    floor = blocks.over_tiles(scaled.scales, scaled.tile) * form.smallest / 2
    assert (error <= np.maximum(np.abs(x) * half_step, floor) * (1 + 1e-9)).all()


def test_tiles_save_small_numbers_beside_an_outlier():
    x = np.abs(normal(3, 4, 256)) + 0.1
    x[0, 0] = 1e6
    whole = blocks.dequantise(blocks.tiled(x, floats.E4M3))
    by_tile = blocks.dequantise(blocks.tiled(x, floats.E4M3, (1, 128)))
    far = np.s_[1:, :]
    assert errors.relative_error(by_tile[far], x[far]) < 0.04
    assert errors.relative_error(whole[far], x[far]) > 0.9


def mxfp4_in_loops(row):
    out = []
    for start in range(0, len(row), 32):
        block = row[start : start + 32]
        exponent = math.floor(math.log2(max(abs(block)))) - 2
        out += [float(cast(v / 2.0**exponent, floats.E2M1)) * 2.0**exponent for v in block]
    return out


def nvfp4_in_loops(x):
    tensor_scale = float(np.float32(np.abs(x).max() / 2688))
    out = np.zeros_like(x)
    for i, row in enumerate(x):
        for start in range(0, len(row), 16):
            block = row[start : start + 16]
            scale = float(cast(max(abs(block)) / 6 / tensor_scale, floats.E4M3))
            for j, v in enumerate(block):
                code = float(cast(v / (scale * tensor_scale), floats.E2M1)) if scale else 0.0
                out[i, start + j] = code * scale * tensor_scale
    return out


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.floats(-6, 6), st.floats(0, 1.5))
def test_block_formats_agree_with_loops_over_the_library(seed, size, spread):
    rng = np.random.default_rng(seed)
    x = 10.0**size * rng.standard_normal((2, 64)) * np.exp(spread * rng.standard_normal((2, 64)))
    nv, mx = blocks.dequantise(blocks.nvfp4(x)), blocks.dequantise(blocks.mxfp4(x))
    np.testing.assert_allclose(nv, nvfp4_in_loops(x), rtol=1e-14)
    np.testing.assert_array_equal(mx, [mxfp4_in_loops(row) for row in x])


@settings(deadline=None)
@given(SEEDS, st.sampled_from([(1, 16), (16, 16)]), st.booleans())
def test_nvfp4_elements_and_scales_are_members_of_their_formats(seed, tile, at_random):
    rng = np.random.default_rng(seed)
    rounding = partial(floats.stochastic, generator=rng) if at_random else floats.nearest
    scaled = blocks.nvfp4(rng.standard_normal((16, 32)) * 7.0, tile, rounding)
    assert set(np.abs(scaled.elements).ravel()) <= {0, 0.5, 1, 1.5, 2, 3, 4, 6}
    np.testing.assert_array_equal(cast(scaled.scales, floats.E4M3), scaled.scales)
    assert scaled.scales.max() == 448.0
    assert scaled.scales.shape == (16 // tile[0], 32 // tile[1])


@settings(deadline=None)
@given(SEEDS, st.sampled_from([-20, -3, 1, 8]))
def test_block_formats_follow_powers_of_two(seed, power):
    x = normal(seed, 2, 32)
    for form in (blocks.nvfp4, blocks.mxfp4, blocks.tiled):
        here, there = blocks.dequantise(form(x)), blocks.dequantise(form(x * 2.0**power))
        np.testing.assert_allclose(there, here * 2.0**power, rtol=1e-14)


def test_square_blocks_round_a_matrix_and_its_transpose_alike():
    w = normal(4, 32, 48)
    there = blocks.dequantise(blocks.nvfp4(w, (16, 16)))
    back = blocks.dequantise(blocks.nvfp4(np.ascontiguousarray(w.T), (16, 16)))
    np.testing.assert_array_equal(there.T, back)
    rows = blocks.dequantise(blocks.nvfp4(w[:, :48]))
    columns = blocks.dequantise(blocks.nvfp4(np.ascontiguousarray(w.T)))
    assert not np.array_equal(rows.T, columns)


def test_zeros_stay_zeros_in_every_block_format():
    for form in (blocks.nvfp4, blocks.mxfp4, blocks.tiled):
        np.testing.assert_array_equal(blocks.dequantise(form(np.zeros((2, 32)))), 0.0)


def test_powers_of_two_that_eight_bits_cannot_hold_are_cut():
    for size, power, element in ((2.0**-140, -127, 0.0), (2.0**135, 127, 6.0)):
        scaled = blocks.mxfp4(np.full((1, 32), size))
        assert scaled.scales == 2.0**power
        np.testing.assert_array_equal(scaled.elements, element)


def test_a_block_too_small_for_its_scale_is_lost():
    x = np.ones((1, 32))
    x[0, 16:] = 1e-7
    np.testing.assert_array_equal(blocks.dequantise(blocks.nvfp4(x))[0, 16:], 0.0)
    assert (blocks.dequantise(blocks.mxfp4(x[:, 16:].repeat(2, axis=1))) > 0).all()


def test_finer_scales_lose_less_on_normal_numbers():
    x = normal(5, 64, 256)
    nv, mx = (
        errors.relative_error(blocks.dequantise(f(x)), x) for f in (blocks.nvfp4, blocks.mxfp4)
    )
    assert nv < 0.85 * mx < 0.15


# Sums in few bits


@settings(deadline=None)
@given(npst.arrays(float, 20, elements=st.floats(-1e6, 1e6)))
def test_eleven_significant_bits_are_float16_without_its_range(x):
    x = np.where(np.abs(x) < 1e-3, 0.0, x)
    scaled = x * 2.0**-6  # into the normal numbers of float16
    with np.errstate(under="ignore"):
        expected = scaled.astype(np.float16).astype(float) * 2.0**6
    kept = np.abs(scaled) >= 2.0**-14
    np.testing.assert_array_equal(accumulation.keep_bits(x, 11, np.rint)[kept], expected[kept])


@given(st.floats(1e-3, 1e3), st.integers(1, 30))
def test_cutting_never_makes_a_number_larger_and_loses_less_than_the_last_bit(x, bits):
    for number in (x, -x):
        cut = float(accumulation.keep_bits(number, bits))
        assert abs(cut) <= abs(number) and cut * number > 0
        assert abs(number - cut) < abs(number) * 2.0 ** (1 - bits)
        mantissa, _ = math.frexp(cut)
        assert (mantissa * 2**bits).is_integer()


def test_a_sum_in_few_bits_agrees_with_one_number_at_a_time():
    a, b = normal(1, 1, 12), normal(2, 12, 1)
    total, running = 0.0, 0.0
    for i in range(12):
        if i in (4, 8):
            total, running = total + running, 0.0
        running = float(np.float16(running + a[0, i] * b[i, 0]))
    ours = accumulation.matmul(a, b, bits=11, step=1, promote=4, rounding=np.rint)
    assert ours.item() == pytest.approx(total + running, rel=1e-14)


def test_promotion_saves_long_sums():
    """The paper's case, 4,096 products: cutting drifts, and promotion stops the drift."""
    rng = np.random.default_rng(3)
    a, b = (floats.nearest(np.abs(rng.standard_normal(shape)), floats.E4M3)
            for shape in ((8, 4096), (4096, 8)))  # fmt: skip
    exact = a @ b
    plain, promoted = (
        np.abs(accumulation.matmul(a, b, promote=promote) / exact - 1).max()
        for promote in (None, 128)
    )
    assert promoted < plain / 10 and plain > 0.002
    np.testing.assert_allclose(accumulation.matmul(a, b, bits=53), exact, rtol=1e-13)


# Integers


@settings(deadline=None)
@given(SEEDS, st.sampled_from([2, 3, 4, 8]), st.sampled_from(["tensor", "row", 4]), EITHER, SHIFTS)
def test_no_weight_moves_by_more_than_half_a_step(seed, bits, per, symmetric, shift):
    w = normal(seed, 3, 8) + shift
    quantised = integers.quantise(w, bits, per, symmetric)
    grid = quantised.grid
    assert quantised.codes.dtype == np.int64
    assert grid.low <= quantised.codes.min() and quantised.codes.max() <= grid.high
    assert grid.high - grid.low < 2**bits
    assert (grid.low <= grid.zero).all() and (grid.zero <= grid.high).all()
    assert grid.low == (-grid.high if symmetric else 0)
    moved = np.abs(integers.dequantise(quantised) - w).reshape(quantised.grouped)
    assert (moved <= grid.scale / 2 * (1 + 1e-9)).all()


@pytest.mark.parametrize("per", ["tensor", "row", 4])
def test_symmetric_rounding_agrees_with_one_weight_at_a_time(per):
    w, bits = normal(7, 3, 8), 4
    size = {"tensor": None, "row": 8, 4: 4}[per]
    for r in range(3):
        for c in range(8):
            group = w if size is None else w[r, c // size * size : c // size * size + size]
            step = np.abs(group).max() / 7
            expected = round(w[r, c] / step) * step  # Python rounds halves to even too
            assert integers.round_to_nearest(w, bits, per)[r, c] == pytest.approx(expected)


def test_a_grid_has_zero_in_its_middle_unless_told_otherwise():
    assert (integers.fit(normal(1, 2, 4), 4).low, integers.fit(normal(1, 2, 4), 4).high) == (-7, 7)


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_the_least_and_the_largest_weight_take_the_first_and_the_last_code(bits):
    codes = integers.quantise(np.array([[-1.0, 0.2, 2.0]]), bits, symmetric=False).codes
    assert (codes.min(), codes.max()) == (0, 2**bits - 1)


def test_asymmetric_codes_of_a_known_row():
    quantised = integers.quantise(np.array([[-1.0, 0.0, 0.5, 2.0]]), 2, symmetric=False)
    np.testing.assert_array_equal(quantised.codes, [[0, 1, 1, 3]])  # a half to even
    np.testing.assert_array_equal(integers.dequantise(quantised), [[-1.0, 0.0, 0.0, 2.0]])


@settings(deadline=None)
@given(SEEDS, st.sampled_from(["tensor", "row", 2]), st.floats(-5, 5))
def test_zero_is_exact_and_rounding_twice_changes_nothing(seed, per, shift):
    w = normal(seed, 3, 8) + shift
    w[:, 3] = 0.0
    for symmetric in (True, False):
        once = integers.round_to_nearest(w, 4, per, symmetric)
        np.testing.assert_array_equal(once[:, 3], 0.0)
        twice = integers.round_to_nearest(once, 4, per, symmetric)
        np.testing.assert_allclose(twice, once, atol=1e-12)


def test_equal_weights_and_zeros_survive():
    for symmetric in (True, False):
        for number in (0.0, -3.0):
            w = np.full((2, 4), number)
            rounded = integers.round_to_nearest(w, 4, symmetric=symmetric)
            np.testing.assert_allclose(rounded, w, rtol=1e-15)


def test_smaller_groups_and_more_bits_lose_less():
    w = normal(8, 32, 128) * np.exp(normal(9, 32, 128))
    for symmetric in (True, False):
        by_group = [errors.relative_error(integers.round_to_nearest(w, 4, per, symmetric), w)
                    for per in ("tensor", "row", 32, 8)]  # fmt: skip
        by_bits = [errors.relative_error(integers.round_to_nearest(w, bits, "row", symmetric), w)
                   for bits in (2, 3, 4, 8)]  # fmt: skip
        assert sorted(by_group, reverse=True) == by_group
        assert sorted(by_bits, reverse=True) == by_bits


def test_groups_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="groups of 3 don't divide rows of 8"):
        integers.quantise(np.zeros((2, 8)), 4, per=3)


# Ternary weights and packing


@settings(deadline=None)
@given(SEEDS, st.integers(-30, 30))
def test_ternary_codes_ignore_the_size_of_the_weights(seed, power):
    w = normal(seed, 4, 6)
    codes, gamma = ternary.absmean(w)
    again, larger = ternary.absmean(w * 2.0**power)
    np.testing.assert_array_equal(again, codes)
    assert larger == gamma * 2.0**power


def test_ternary_codes_of_known_weights():
    w = np.array([[0.4, -0.6, 2.0], [-0.5, 0.0, 2.5]])  # mean size 1: halves go to zero
    codes, gamma = ternary.absmean(w)
    assert gamma == pytest.approx(1.0)
    np.testing.assert_array_equal(codes, [[0, -1, 1], [0, 0, 1]])
    assert codes.dtype == np.int8
    np.testing.assert_allclose(ternary.ternarise(w), codes)
    np.testing.assert_array_equal(ternary.absmean(np.zeros((2, 2)))[0], 0)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 5), st.integers(1, 9), st.integers(1, 4))
def test_additions_alone_give_the_exact_product(seed, outputs, inputs, tokens):
    rng = np.random.default_rng(seed)
    codes = rng.integers(-1, 2, (outputs, inputs))
    x = rng.integers(-127, 128, (tokens, inputs))
    np.testing.assert_array_equal(ternary.add_only(codes, x), x @ codes.T)
    assert ternary.additions(codes) == sum(abs(int(code)) for code in codes.ravel())


def test_a_ternary_layer_is_its_weights_times_rounded_activations():
    w, x = normal(1, 5, 64), normal(2, 3, 64)
    x[1] *= 1e-3  # far from one
    whole, scale = ternary.int8_per_token(x)
    assert whole.dtype == np.int64 and np.abs(whole).max(axis=-1).tolist() == [127] * 3
    np.testing.assert_allclose(
        ternary.ternary_linear(w, x), (whole * scale) @ ternary.ternarise(w).T
    )
    assert (np.abs(whole * scale - x) <= scale / 2 * (1 + 1e-12)).all()
    np.testing.assert_array_equal(ternary.ternary_linear(w, np.zeros((1, 64))), 0.0)


def test_the_bits_of_a_trit():
    assert pytest.approx(1.585, abs=1e-3) == ternary.BITS


@given(st.lists(st.integers(0, 15), max_size=20))
def test_nibbles_come_back(codes):
    codes = np.array(codes + codes, dtype=int)
    packed = packing.pack_nibbles(codes)
    assert packed.dtype == np.uint8 and packed.size == len(codes) // 2
    np.testing.assert_array_equal(packing.unpack_nibbles(packed), codes)


def test_the_first_nibble_is_the_low_half():
    np.testing.assert_array_equal(packing.pack_nibbles([[1, 2]]), [[0x21]])


@pytest.mark.parametrize("codes", [[1, 2, 3], [16, 0], [-1, 0]])
def test_what_is_no_pair_of_nibbles_is_refused(codes):
    with pytest.raises(ValueError, match="even number of codes from 0 to 15"):
        packing.pack_nibbles(codes)


@given(st.lists(st.integers(-8, 7), max_size=20))
def test_twos_complement_comes_back(codes):
    written = packing.unsigned(codes)
    assert all(
        bits == int(format(code & 15, "d")) for bits, code in zip(written, codes, strict=True)
    )
    np.testing.assert_array_equal(packing.signed(written), codes)
    np.testing.assert_array_equal(packing.signed(written.astype(np.uint8)), codes)


@given(st.lists(st.integers(-1, 1), max_size=23))
def test_trits_come_back_five_a_byte(codes):
    packed = packing.pack_trits(np.array(codes, dtype=int))
    assert packed.dtype == np.uint8 and len(packed) == math.ceil(len(codes) / 5)
    np.testing.assert_array_equal(packing.unpack_trits(packed, len(codes)), codes)


def test_the_last_byte_is_filled_up_with_zeros():
    np.testing.assert_array_equal(
        packing.unpack_trits(packing.pack_trits(np.array([1, -1])), 5), [1, -1, 0, 0, 0]
    )


def test_bits_of_the_block_formats():
    assert packing.bits_each(4) == 4
    assert packing.bits_each(4, scale_bits=8) == 12  # a scale for each element
    assert packing.bits_each(4, 16, 8) == 4.5
    assert packing.bits_each(4, 32, 8) == 4.25
    assert packing.bits_each(4, 128, 20) == pytest.approx(4.156, abs=1e-3)


# Errors


def test_errors_of_known_numbers():
    assert errors.root_mean_square([3.0, -4.0]) == pytest.approx(math.sqrt(12.5))
    assert errors.relative_error(np.array([1.1, 0.9]), np.ones(2)) == pytest.approx(0.1)
    assert errors.signal_to_noise(np.array([1.1, 0.9]), np.ones(2)) == pytest.approx(20.0)
    near, exact = np.array([5.05, -4.95]), np.array([5.0, -5.0])
    assert errors.relative_error(near, exact) == pytest.approx(0.01)
    assert errors.signal_to_noise(near, exact) == pytest.approx(40.0)
    w, x = np.array([[1.0, 2.0]]), np.array([[1.0, 1.0], [0.0, 2.0]])
    assert errors.output_error(w, np.array([[1.0, 1.0]]), x) == pytest.approx((1 + 4) / 2)


# Hadamard


@pytest.mark.parametrize("n", [1, 2, 8, 64])
def test_the_fast_transform_is_scipys_matrix(n):
    from scipy.linalg import hadamard as scipys

    x = normal(n, 3, n)
    expected = scipys(n) / math.sqrt(n)
    np.testing.assert_allclose(hadamard.matrix(n), expected, atol=1e-15)
    np.testing.assert_allclose(hadamard.transform(x), x @ expected, atol=1e-13)


@settings(deadline=None)
@given(SEEDS, st.sampled_from([2, 16, 32]))
def test_rotations_keep_lengths_and_products_and_come_back(seed, size):
    rng = np.random.default_rng(seed)
    x, w = rng.standard_normal((3, 32)), rng.standard_normal((4, 32))
    signs = hadamard.random_signs(rng, size)
    rotated = hadamard.rotate(x, signs)
    np.testing.assert_allclose(np.linalg.norm(rotated, axis=-1), np.linalg.norm(x, axis=-1))
    np.testing.assert_allclose(rotated @ hadamard.rotate(w, signs).T, x @ w.T, atol=1e-12)
    np.testing.assert_allclose(hadamard.rotate_back(rotated, signs), x, atol=1e-13)


def test_signs_are_drawn_of_both_kinds_alike():
    signs = hadamard.random_signs(np.random.default_rng(3), 10_000)
    assert set(signs) == {-1.0, 1.0} and abs(signs.mean()) < 0.05


def test_lengths_other_than_powers_of_two_are_refused():
    with pytest.raises(ValueError, match="needs a power of two, not 12"):
        hadamard.transform(np.zeros(12))
    with pytest.raises(ValueError, match="pieces of 16 don't divide rows of 24"):
        hadamard.rotate(np.zeros(24), np.ones(16))


def test_one_outlier_is_spread_over_all():
    spike = np.zeros(64)
    spike[5] = 8.0
    signs = hadamard.random_signs(np.random.default_rng(1), 64)
    assert hadamard.peak_to_rms(spike) == pytest.approx(8.0)
    assert hadamard.peak_to_rms(hadamard.rotate(spike, signs)) == pytest.approx(1.0)


def test_each_row_has_its_own_peak():
    x = np.array([[3.0, -4.0], [10.0, 10.0], [0.0, 0.1]])
    expected = [4.0 / math.sqrt(12.5), 1.0, math.sqrt(2.0)]
    np.testing.assert_allclose(hadamard.peak_to_rms(x), expected, rtol=1e-14)


def product_error(x, w, rounding, signs=None):
    """The error of `x wᵀ` when both are rounded, as they are or after a rotation of both."""
    exact = x @ w.T
    if signs is not None:
        x, w = hadamard.rotate(x, signs), hadamard.rotate(w, signs)
    return errors.relative_error(rounding(x) @ rounding(w).T, exact)


def gain(x, w, rounding, signs):
    return product_error(x, w, rounding) / product_error(x, w, rounding, signs)


def fp8(x):
    return blocks.dequantise(blocks.tiled(x))


def int8(x):
    return integers.round_to_nearest(x, 8, "tensor")


@pytest.mark.parametrize("seed", range(6))
def test_when_a_rotation_helps_and_when_it_does_not(seed):
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, 128, 64))
    signs = hadamard.random_signs(rng, 64)
    channel = np.where(np.arange(64) == 7, 20.0, 1.0)
    assert gain(q * channel, k * channel, fp8, signs) > 3  # the same channel on both sides
    assert 0.8 < gain(q * channel, k, fp8, signs) < 1.25  # on one side only
    assert gain(q * channel, k, int8, signs) > 2  # but integers share one step
    strewn_q, strewn_k = (np.where(rng.random(x.shape) < 0.002, 20.0 * x, x) for x in (q, k))
    assert 0.6 < gain(strewn_q, strewn_k, fp8, signs) < 1.25


@pytest.mark.parametrize("seed", range(4))
def test_rotating_small_blocks_does_not_lower_the_error_of_sparse_outliers(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((64, 64))
    x = np.where(rng.random(x.shape) < 0.05, 100.0 * x, x)
    rotated = hadamard.rotate(x, hadamard.random_signs(rng, 16))
    plain, turned = (errors.relative_error(blocks.dequantise(blocks.nvfp4(y)), y)
                     for y in (x, rotated))  # fmt: skip
    assert plain < 1.1 * turned
