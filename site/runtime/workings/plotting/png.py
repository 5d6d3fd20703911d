"""A tiny PNG encoder, the same bytes on every machine.

Compressors differ between builds of zlib, so pixels are stored without compression, which costs
little: a heat map has one pixel a cell, is quantised to 64 levels (less than the eye sees between
neighbouring cells), and is packed to 1, 2 or 4 bits a pixel where it has few distinct levels. The
host compresses the page as a whole.
"""

import binascii
import struct
import zlib

import numpy as np

#: Larger images are averaged down: a figure has no more pixels to show them with.
MAX_SIDE = 256


def reduced(values: np.ndarray, side: int = MAX_SIDE) -> np.ndarray:
    """Average blocks of `values` (rows, columns) so that neither side exceeds `side`."""
    for axis in (0, 1):
        size = values.shape[axis]
        if size > side:
            edges = np.linspace(0, size, side + 1).astype(int)[:-1]
            counts = np.diff(np.append(edges, size))
            sums = np.add.reduceat(values, edges, axis=axis)
            values = sums / (counts[:, None] if axis == 0 else counts)
    return values


def levels(alpha: np.ndarray) -> np.ndarray:
    """Quantise 0 ... 1 to 64 levels of an 8-bit grey; NaN becomes 0."""
    steps = np.rint(np.nan_to_num(np.clip(alpha, 0.0, 1.0)) * 63.0)
    return np.rint(steps * (255.0 / 63.0)).astype(np.uint8)


def encode(grey: np.ndarray) -> bytes:
    """PNG of an array of 8-bit greys (rows, columns)."""
    height, width = grey.shape
    shades, index = np.unique(grey, return_inverse=True)
    index = index.reshape(grey.shape).astype(np.uint8)
    palette = b""
    if len(shades) > 16:
        depth, kind, rows = 8, 0, grey
    else:
        depth = 1 if len(shades) <= 2 else 2 if len(shades) <= 4 else 4
        kind = 3
        palette = _chunk(b"PLTE", np.repeat(shades, 3).tobytes())
        rows = _packed(index, depth)
    lines = np.zeros((height, rows.shape[1] + 1), np.uint8)  # filter byte 0, then the row
    lines[:, 1:] = rows
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            palette,
            _chunk(b"IDAT", _stored(lines.tobytes())),
            _chunk(b"IEND", b""),
        )
    )


def data_url(grey: np.ndarray) -> str:
    """Encode as a `data:` URL."""
    return "data:image/png;base64," + binascii.b2a_base64(encode(grey), newline=False).decode()


def _packed(index: np.ndarray, depth: int) -> np.ndarray:
    """Several indices to the byte, the leftmost in the highest bits."""
    per = 8 // depth
    pad = -index.shape[1] % per
    padded = np.pad(index, ((0, 0), (0, pad))).reshape(index.shape[0], -1, per)
    shifts = np.arange(per - 1, -1, -1, dtype=np.uint8) * np.uint8(depth)
    return (padded << shifts).sum(axis=2).astype(np.uint8)


def _stored(data: bytes) -> bytes:
    """Make a zlib stream of stored blocks."""
    out = [b"\x78\x01"]
    for start in range(0, len(data), 65535):
        block = data[start : start + 65535]
        last = start + 65535 >= len(data)
        out.append(struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF) + block)
    out.append(struct.pack(">I", zlib.adler32(data)))
    return b"".join(out)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
