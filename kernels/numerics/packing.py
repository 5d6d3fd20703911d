"""Bits in memory: small codes side by side in bytes, and how many bits a weight takes.

Provenance: two int4 or FP4 codes a byte, the first in the low half, as NVIDIA's Model Optimizer
stores NVFP4; five ternary codes a byte, since 3^5 = 243 fits 256: 1.6 bits each, beside
the log2(3) = 1.58 of Ma et al. 2024 (arXiv:2402.17764).
"""

import numpy as np

FIVE = 3 ** np.arange(5)  # 1, 3, 9, 27, 81


def pack_nibbles(codes):
    """Pack codes 0 … 15, an even number along the last axis, two a byte: uint8, half as many.

    Raises `ValueError` for an odd number or a code outside.
    """
    codes = np.asarray(codes)
    if codes.shape[-1] % 2 or codes.min(initial=0) < 0 or codes.max(initial=0) > 15:
        raise ValueError("pack_nibbles needs an even number of codes from 0 to 15")
    return (codes[..., 0::2] + 16 * codes[..., 1::2]).astype(np.uint8)


def unpack_nibbles(packed):
    """Read two codes 0 … 15 from each byte: twice as many along the last axis."""
    high, low = np.divmod(packed, np.uint8(16))
    return np.stack([low, high], axis=-1).reshape(*packed.shape[:-1], -1)


def signed(codes, bits=4):
    """Read codes `0 … 2^bits - 1` as two's complement: whole numbers as int64."""
    codes = np.asarray(codes, dtype=np.int64)
    return np.where(codes >= 2 ** (bits - 1), codes - 2**bits, codes)


def unsigned(codes, bits=4):
    """Write whole numbers in two's complement: codes `0 … 2^bits - 1`."""
    return np.asarray(codes, dtype=np.int64) % 2**bits


def pack_trits(codes):
    """Pack codes -1, 0, 1, five a byte: uint8, the last byte filled up with zeros, `(bytes,)`."""
    digits = np.asarray(codes).ravel().astype(np.int64) + 1
    digits = np.pad(digits, (0, -len(digits) % 5), constant_values=1)
    return (digits.reshape(-1, 5) @ FIVE).astype(np.uint8)


def unpack_trits(packed, count):
    """Read the first `count` codes -1, 0, 1 back: int64, `(count,)`."""
    digits = packed.astype(np.int64)[:, None] // FIVE % 3
    return digits.ravel()[:count] - 1


def bits_each(element_bits, group=1, scale_bits=0):
    """Return the bits that an element takes with its share of a scale, and of a zero if counted.

    NVFP4 is `bits_each(4, 16, 8)`, 4.5; MXFP4 `bits_each(4, 32, 8)`, 4.25; int4 in groups of 128
    with 16-bit scales and 4-bit zeros `bits_each(4, 128, 20)`.
    """
    return element_bits + scale_bits / group
