"""8-bit grey PNGs, small: compressed with zlib, each picture in the best of four ways.

Provenance: Portable Network Graphics (W3C, second edition), §5 chunks, §9 filters.

The pixels come back exactly. The bytes depend on the build of zlib, so that what was written is
compared by its pixels; figures inside pages, whose bytes must agree everywhere, are stored without
compression by the runtime's own writer instead.
"""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NONE, SUB, UP = 0, 1, 2


def chunk(kind, data):
    """Return one chunk: length, kind, data, and the checksum of the last two."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(grey, kind):
    """Return a picture's lines, each after its filter's number: `(rows, 1 + columns)` bytes.

    `UP` keeps the difference from the pixel above, `SUB` from the one to the left, modulo 256.
    """
    lines = np.empty((grey.shape[0], grey.shape[1] + 1), np.uint8)
    lines[:, 0], lines[:, 1:] = kind, grey
    if kind == UP:
        lines[1:, 1:] -= grey[:-1]
    elif kind == SUB:
        lines[:, 2:] -= grey[:, :-1]
    return lines


def compress(data, plan):
    """Return a zlib stream; `plan` is one of zlib's strategies."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 15, 9, plan)
    return packer.compress(data) + packer.flush()


def encode(grey):
    """Return the PNG of an array of greys, `(rows, columns)` of `uint8`.

    Raises `ValueError` for anything else.
    """
    if grey.dtype != np.uint8 or grey.ndim != 2 or grey.size == 0:
        raise ValueError(
            f"a grey picture is (rows, columns) of uint8, not {grey.shape} {grey.dtype}"
        )
    packed = (
        compress(filtered(grey, kind).tobytes(), plan)
        for kind in (NONE, UP)
        for plan in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED)
    )
    header = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    return b"".join(
        (
            SIGNATURE,
            chunk(b"IHDR", header),
            chunk(b"IDAT", min(packed, key=len)),
            chunk(b"IEND", b""),
        )
    )


def chunks(content):
    """Yield a file's chunks, kind and data; raises `ValueError` where one is cut off or broken."""
    if not content.startswith(SIGNATURE):
        raise ValueError("no PNG: the signature is missing")
    place = len(SIGNATURE)
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        checked = content[place + 4 : place + 8 + length]
        place += 12 + length
        if place > len(content) or zlib.crc32(checked) != int.from_bytes(
            content[place - 4 : place], "big"
        ):
            raise ValueError(f"the chunk that ends at byte {place} is cut off or broken")
        yield checked[:4], checked[4:]


def decode(content):
    """Return the greys of a PNG, `(rows, columns)` of `uint8`.

    Raises `ValueError` for other kinds of PNG than `encode` writes (another depth or colour,
    interlaced, a filter that looks at two pixels) and for broken files.
    """
    found: dict[bytes, bytes] = {}
    for kind, data in chunks(content):
        found[kind] = found.get(kind, b"") + data
    columns, rows, *form = struct.unpack(">IIBBBBB", found[b"IHDR"])
    if form != [8, 0, 0, 0, 0]:
        raise ValueError(f"only plain 8-bit grey can be read, not {form}")
    lines = np.frombuffer(zlib.decompress(found[b"IDAT"]), np.uint8).reshape(rows, columns + 1)
    grey = np.empty((rows, columns), np.uint8)
    for row, (kind, line) in enumerate(zip(lines[:, 0], lines[:, 1:], strict=True)):
        if kind == NONE:
            grey[row] = line
        elif kind == SUB:
            grey[row] = np.cumsum(line, dtype=np.uint8)
        elif kind == UP:
            grey[row] = line + grey[row - 1] if row else line
        else:
            raise ValueError(f"line {row} has filter {kind}; only {NONE}, {SUB} and {UP} are read")
    return grey
