"""Read a .safetensors file: a table of contents in JSON, then the numbers.

Provenance: the format's own description (README of huggingface/safetensors, "Format"): eight bytes
with the header's length, the header, and one block of little-endian numbers that the header's
`data_offsets` cut up. Nothing in it can run, which is the format's point.
"""

import json

import numpy as np

TYPES: dict[str, np.dtype] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
}


def read(content):
    """Return a mapping from name to array, views into `content` (bytes), which stays in memory.

    Raises `ValueError` for a header that is cut off, a type that NumPy lacks (BF16, F8), and
    offsets that don't hold what the shape says.
    """
    if len(content) < 8 or len(content) < 8 + int.from_bytes(content[:8], "little"):
        raise ValueError(f"{len(content)} bytes end before the header does: no .safetensors file")
    start = 8 + int.from_bytes(content[:8], "little")
    found = {}
    for name, entry in json.loads(content[8:start]).items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in TYPES:
            raise ValueError(f"{name} is {entry['dtype']}; only {', '.join(TYPES)} can be read")
        kind, shape = TYPES[entry["dtype"]], tuple(entry["shape"])
        first, last = (start + offset for offset in entry["data_offsets"])
        count = int(np.prod(shape, dtype=np.int64))
        if last - first != count * kind.itemsize or last > len(content):
            raise ValueError(f"{name} {shape} doesn't fit bytes {first} to {last} of the file")
        found[name] = np.frombuffer(content, kind, count, first).reshape(shape)
    return found
