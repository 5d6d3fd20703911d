"""Files of weights: what is written is read, to the last bit or to half a step."""

import io
import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.tinylm import configuration as shaped
from kernels.tinylm import transformer, weights
from kernels.tinylm.configuration import Configuration

SMALL = Configuration(13, 8, 2, 8, 2, 1, 12)
SEEDS = st.integers(0, 2**32 - 1)


def model(seed=0, c=SMALL):
    return shaped.draw(np.random.default_rng(seed), c, 0.3)


def through_a_file(entries):
    held = io.BytesIO()
    np.savez_compressed(held, **entries)
    return np.load(io.BytesIO(held.getvalue()), allow_pickle=False)


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_float16_comes_back_as_the_nearest_half(seed):
    configuration, found = weights.read(through_a_file(weights.write_float16(SMALL, model(seed))))
    assert configuration == SMALL
    for name, values in model(seed).items():
        assert found[name].dtype == np.float64
        np.testing.assert_array_equal(found[name], values.astype(np.float16))


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_int8_comes_back_within_half_a_step_of_its_row(seed):
    configuration, found = weights.read(through_a_file(weights.write_int8(SMALL, model(seed))))
    assert configuration == SMALL
    for name, values in model(seed).items():
        if values.ndim == 1:
            np.testing.assert_array_equal(found[name], values.astype(np.float16))
            continue
        step = np.abs(values).max(axis=1, keepdims=True) / 127
        assert (np.abs(found[name] - values) <= step * (0.5 + 1e-4)).all()


def test_codes_take_a_byte_a_weight_and_halves_two():
    p = model()
    matrices = sum(w.size for w in p.values() if w.ndim == 2)
    rows = sum(len(w) for w in p.values() if w.ndim == 2)
    gains = sum(w.size for w in p.values() if w.ndim == 1)
    shape = len(json.dumps(asdict(SMALL)))
    eight = sum(entry.nbytes for entry in weights.write_int8(SMALL, p).values())
    assert eight == shape + matrices + 4 * rows + 2 * gains
    sixteen = sum(entry.nbytes for entry in weights.write_float16(SMALL, p).values())
    assert sixteen == shape + 2 * (matrices + gains)


def test_a_row_of_zeros_stays_zero():
    p = model() | {"0.q": np.zeros((8, 8))}
    _, found = weights.read(weights.write_int8(SMALL, p))
    np.testing.assert_array_equal(found["0.q"], 0.0)


@pytest.mark.parametrize("write", [weights.write_float16, weights.write_int8])
def test_a_model_from_a_file_says_nearly_the_same(write):
    configuration, found = weights.read(through_a_file(write(SMALL, model())))
    tokens = [1, 5, 12, 0, 3]
    expected = transformer.forward(SMALL, model(), tokens)
    np.testing.assert_allclose(
        transformer.forward(configuration, found, tokens), expected, rtol=0, atol=0.1
    )


def test_weights_are_read_as_the_type_that_is_asked_for():
    for write in (weights.write_float16, weights.write_int8):
        _, found = weights.read(write(SMALL, model()), np.float32)
        assert {w.dtype for w in found.values()} == {np.dtype(np.float32)}


def without(name):
    entries = weights.write_int8(SMALL, model())
    del entries[name]
    return entries


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (without("configuration"), "no entry `configuration`"),
        (without("0.q") | {"0.q.scale": np.ones((8, 1))}, "parameter 0.q is missing"),
        (without("0.q.scale"), "0.q is int8 but there is no 0.q.scale"),
        (without("norm") | {"norm": np.ones(3)}, r"norm is \(3,\), but should be \(8,\)"),
        (without("norm") | {"norm": np.ones(8), "2.q": np.ones(1)}, "has no parameter 2.q"),
    ],
)
def test_files_that_do_not_fit_say_what_is_wrong(entries, message):
    with pytest.raises(ValueError, match=message):
        weights.read(entries)
