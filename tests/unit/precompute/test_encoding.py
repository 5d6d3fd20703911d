"""Values to bytes and back: the same bytes for the same value, and nothing lost."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kernels.encoding import EncodingError, decode, encode

FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
DTYPES = st.sampled_from(["<f8", "<f4", "<f2", "<i8", "|u1", "|b1", ">f8", ">i4", "<c16"])
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_side=4, min_side=0))


@pytest.mark.slow
@given(JSON)
def test_json_comes_back_as_it_was(value):
    assert decode("a.json", encode("a.json", value)) == value


@pytest.mark.slow
@given(ARRAYS)
def test_an_array_comes_back_as_it_was(array):
    back = decode("a.npy", encode("a.npy", array))
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(back, array)


@pytest.mark.slow
@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), ARRAYS, max_size=3))
def test_a_mapping_of_arrays_comes_back_in_its_order(arrays):
    back = decode("a.npz", encode("a.npz", arrays))
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)


def test_text_and_bytes_come_back():
    assert decode("a.csv", encode("a.csv", "é,1\r\n2\n")) == "é,1\n2\n"
    assert decode("tiles/0.png", encode("tiles/0.png", b"\x89")) == b"\x89"


def test_numpys_values_are_numbers_and_lists_in_json():
    value = {"a": np.float32(0.5), "b": np.arange(2), "c": (np.bool_(True), np.int64(3))}
    assert encode("a.json", value) == b'{"a":0.5,"b":[0,1],"c":[true,3]}\n'


def test_bytes_do_not_tell_when_or_how_they_were_made():
    array = np.arange(6.0).reshape(2, 3)
    assert encode("a.npy", array) == encode("a.npy", np.asfortranarray(array))
    assert encode("a.npy", array) == encode("a.npy", array.astype(">f8"))
    with zipfile.ZipFile(io.BytesIO(encode("a.npz", {"w": array}))) as archive:
        (entry,) = archive.infolist()
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize(
    ("file", "value", "fault"),
    [
        ("a.json", {"x": float("nan")}, "a.json: JSON has no nan"),
        ("a.json", {1: 2}, "a key of a JSON object is text, not 1"),
        ("a.json", {"x": object()}, "not JSON serializable"),
        ("a.npy", [{}], "array of Python objects"),
        ("a.npz", [1], "takes a mapping of arrays, not a value of type list"),
        ("a.txt", b"x", "takes text, not a value of type bytes"),
        ("a.png", "x", "take bytes, not a value of type str"),
    ],
)
def test_a_value_that_does_not_fit_its_suffix_is_refused(file, value, fault):
    with pytest.raises(EncodingError, match=fault):
        encode(file, value)


def test_a_file_cannot_smuggle_python_objects():
    stream = io.BytesIO()
    np.save(stream, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        decode("a.npy", stream.getvalue())
