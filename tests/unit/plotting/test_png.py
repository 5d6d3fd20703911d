import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from workings.plotting.png import encode, levels, reduced


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 64), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_decoder_reads_back_the_same_greys(rows, columns, shades, seed):
    grey = np.random.default_rng(seed).integers(0, shades, (rows, columns)).astype(np.uint8) * 4
    assert np.array_equal(decoded(encode(grey)), grey)


def test_large_images_take_several_stored_blocks():
    grey = (np.arange(300 * 300).reshape(300, 300) % 251).astype(np.uint8)
    assert np.array_equal(decoded(encode(grey)), grey)


def test_few_levels_take_few_bits():
    mask = np.tril(np.full((64, 64), 255, np.uint8))
    assert len(encode(mask)) < 64 * 64 / 8 + 200


def test_levels_ignore_the_last_bits_of_a_value():
    values = np.linspace(0, 1, 1000)
    assert np.mean(levels(values) == levels(values * (1 + 1e-15))) == 1
    assert levels(np.array([[np.nan, -1.0, 2.0]])).tolist() == [[0, 0, 255]]


def test_large_matrices_are_averaged_down():
    values = np.ones((1000, 300))
    values[:, 150:] = 3.0
    small = reduced(values)
    assert small.shape == (256, 256)
    assert small[:, 0].max() == 1.0 and small[:, -1].min() == 3.0
    assert abs(small.mean() - 2.0) < 0.02
