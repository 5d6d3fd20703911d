r"""Values to bytes and back, by a file's suffix: how jobs keep what they computed.

| suffix | value |
|---|---|
| `.json` | what JSON can say; floats as `repr`, NumPy's scalars and arrays as numbers and lists |
| `.npy` | an array |
| `.npz` | a mapping of arrays |
| `.txt`, `.csv` | text with `\n` at line ends |
| anything else | bytes |

The same value gives the same bytes on every machine: arrays are little-endian and in C order, and
archives are neither dated nor compressed. The standard library and NumPy only, so that pages can
read in the browser what jobs have written.
"""

import io
import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np

TEXT = (".txt", ".csv")
_DATE = (1980, 1, 1, 0, 0, 0)


class EncodingError(ValueError):
    """A value doesn't fit its file's suffix; the message names both."""


def encode(file: str, value: object) -> bytes:
    """Give the bytes of a file that holds `value`.

    Raises
    ------
    EncodingError
        If the suffix asks for another kind of value, or the value can't be kept exactly.
    """
    suffix = PurePosixPath(file).suffix
    if suffix == ".json":
        return _json(file, value)
    if suffix == ".npy":
        return _npy(file, value)
    if suffix == ".npz":
        if not isinstance(value, Mapping):
            raise EncodingError(
                f"{file}: a .npz file takes a mapping of arrays, not {_kind(value)}."
            )
        return _npz(file, value)
    if suffix in TEXT:
        if not isinstance(value, str):
            raise EncodingError(f"{file}: a {suffix} file takes text, not {_kind(value)}.")
        return value.replace("\r\n", "\n").encode()
    if not isinstance(value, bytes | bytearray | memoryview):
        raise EncodingError(
            f"{file}: files ending in '{suffix}' take bytes, not {_kind(value)}. "
            "Values can be kept as .json, .npy, .npz, .txt and .csv."
        )
    return bytes(value)


def decode(file: str, content: bytes) -> Any:
    """Give back the value that `encode` put into these bytes."""
    suffix = PurePosixPath(file).suffix
    if suffix == ".json":
        return json.loads(content)
    if suffix == ".npy":
        return np.load(io.BytesIO(content), allow_pickle=False)
    if suffix == ".npz":
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    return content.decode() if suffix in TEXT else content


def _json(file: str, value: object) -> bytes:
    try:
        text = json.dumps(
            _plain(file, value), ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
    except (TypeError, ValueError) as fault:
        raise EncodingError(f"{file}: {fault}.") from fault
    return text.encode() + b"\n"


def _plain(file: str, value: Any) -> Any:
    """Turn NumPy's values, tuples and mappings into what JSON has."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        raise EncodingError(f"{file}: JSON has no {value}; write None, or keep a .npy file.")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise EncodingError(f"{file}: a key of a JSON object is text, not {key!r}.")
        return {key: _plain(file, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(file, item) for item in value]
    return value


def _npy(file: str, value: object) -> bytes:
    array = np.asarray(value)
    if array.dtype.hasobject:
        raise EncodingError(f"{file}: an array of Python objects can't be kept; give it a dtype.")
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array, order="C"), allow_pickle=False)
    return stream.getvalue()


def _npz(file: str, arrays: Mapping[str, object]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", _DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, _npy(f"{file}[{name}]", array))
    return stream.getvalue()


def _kind(value: object) -> str:
    return f"a value of type {type(value).__name__}"
