"""Read CTranslate2's `model.bin`: names, shapes and numbers, one after the other.

Provenance: OpenNMT/CTranslate2, `python/ctranslate2/specs/model_spec.py`, `_serialize` of binary
version 6 (versions 5 and 6 lie alike). All numbers are little-endian.

| field | bytes |
|---|---|
| version | 4 |
| the specification's name (its length with a final zero in 2 bytes), its revision (4) | 6 + n |
| number of variables | 4 |
| each: name, rank (1), sides (4 each), type (1), length in bytes (4), the numbers | |
| number of aliases, each two names: the other name, and what it stands for | 4 + … |
"""

import struct

import numpy as np

TYPES: dict[int, np.dtype] = {
    0: np.dtype("<f4"),
    1: np.dtype("i1"),
    2: np.dtype("<i2"),
    3: np.dtype("<i4"),
    4: np.dtype("<f2"),
}
VERSIONS = (5, 6)


class Reader:
    """A place in some bytes that moves on with what is read."""

    def __init__(self, content):
        self.content, self.place = content, 0

    def number(self, form):
        """Return one unsigned number; `form` is `struct`'s letter for its width."""
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def text(self):
        """Return a name; its final zero is left away."""
        return self.take(self.number("H"))[:-1].decode()

    def take(self, count):
        """Return the next bytes; raises `ValueError` where there are fewer."""
        if self.place + count > len(self.content):
            raise ValueError(f"the file ends at {len(self.content)}, in the middle of a field")
        self.place += count
        return self.content[self.place - count : self.place]


def variable(reader):
    """Return one variable: its name and its array."""
    name = reader.text()
    shape = [reader.number("I") for _ in range(reader.number("B"))]
    kind = reader.number("B")
    if kind not in TYPES:
        raise ValueError(f"{name} is of type {kind}; only {', '.join(map(str, TYPES))} can be read")
    data = reader.take(reader.number("I"))
    return name, np.frombuffer(data, TYPES[kind]).reshape(shape)


def read(content):
    """Return the specification's name, and a mapping from name to array with aliases followed.

    Raises `ValueError` for another version, a type that NumPy lacks, and a file that is cut off.
    """
    reader = Reader(content)
    version = reader.number("I")
    if version not in VERSIONS:
        raise ValueError(f"binary version {version}; this reader knows {VERSIONS}")
    specification, _revision = reader.text(), reader.number("I")
    found = dict(variable(reader) for _ in range(reader.number("I")))
    for _ in range(reader.number("I")):
        alias, name = reader.text(), reader.text()
        found[alias] = found[name]
    return specification, found
