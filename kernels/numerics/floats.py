"""Small floating-point formats: round to them, spell them in bits, read the bits back.

Provenance: OCP 8-bit Floating Point Specification (OFP8) 1.0, 2023, as proposed by Micikevicius et
al. 2022, FP8 formats for deep learning (arXiv:2209.05433), Table 1; E2M1 is in OCP Microscaling
Formats (MX) 1.0, 2023, and Rouhani et al. 2023 (arXiv:2310.10537), Table 1.

Numbers stay float64 arrays, in which every value of these formats, and the rounding, is exact.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Format:
    """A sign, `exponent_bits` with a `bias`, and `mantissa_bits` after an implied one.

    `largest` is the largest finite value. `beyond` is what a conversion that does not saturate
    gives past it: infinity, or NaN where there is no infinity; `None` where there is neither.
    """

    name: str
    exponent_bits: int
    mantissa_bits: int
    bias: int
    largest: float
    beyond: float | None

    @property
    def bits(self):
        """The width of a code."""
        return 1 + self.exponent_bits + self.mantissa_bits

    @property
    def smallest_normal(self):
        """The smallest value with the implied one."""
        return 2.0 ** (1 - self.bias)

    @property
    def smallest(self):
        """The smallest value above zero, a subnormal; all values are multiples of it."""
        return 2.0 ** (1 - self.bias - self.mantissa_bits)


E4M3 = Format("E4M3", 4, 3, 7, 448.0, np.nan)
E5M2 = Format("E5M2", 5, 2, 15, 57344.0, np.inf)
E2M1 = Format("E2M1", 2, 1, 1, 6.0, None)
FP16 = Format("FP16", 5, 10, 15, 65504.0, np.inf)
BF16 = Format("BF16", 8, 7, 127, (2.0 - 2.0**-7) * 2.0**127, np.inf)


def spacing(x, form):
    """Return the distance between neighbouring values of the format around each element."""
    exponent = np.frexp(np.where(np.isfinite(x), x, 0.0))[1] - 1  # floor(log2 |x|)
    return np.ldexp(1.0, np.maximum(exponent, 1 - form.bias) - form.mantissa_bits)


def nearest(x, form, saturate=True):
    """Round each element to the nearest value of the format, halves to the even neighbour.

    Past the largest value a saturating conversion gives that value, also for infinity; another
    gives infinity, or NaN (E4M3). NaN stays NaN. E2M1, which has neither, always saturates, and
    raises `ValueError` for NaN.
    """
    x = np.asarray(x, dtype=float)
    step = spacing(x, form)
    return settle(np.rint(x / step) * step, form, saturate)


def stochastic(x, form, generator):
    """Round up or down at random, so that the mean is the number itself: no bias within range.

    Up with the probability `(x - below) / (above - below)`; saturates.
    """
    x = np.asarray(x, dtype=float)
    step = spacing(x, form)
    return settle(np.floor(x / step + generator.random(x.shape)) * step, form, saturate=True)


def settle(rounded, form, saturate):
    """Replace what lies past the largest value, as told in `nearest`."""
    if form.beyond is None and np.isnan(rounded).any():
        raise ValueError(f"{form.name} has no code for NaN")
    limit = form.largest if saturate or form.beyond is None else form.beyond
    return np.where(np.abs(rounded) > form.largest, np.copysign(limit, rounded), rounded)


def decode(codes, form):
    """Read codes, whole numbers below `2**bits`, as values: the same shape."""
    codes = np.asarray(codes, dtype=np.int64)
    sign, magnitude = np.divmod(codes, 2 ** (form.bits - 1))
    field, mantissa = np.divmod(magnitude, 2**form.mantissa_bits)
    significand = mantissa + np.where(field > 0, 2**form.mantissa_bits, 0)
    value = significand * form.smallest * 2.0 ** np.maximum(field - 1, 0)
    special = np.where(np.isinf(form.beyond or 0.0) & (mantissa == 0), np.inf, np.nan)
    value = np.where(value > form.largest, special, value)
    return np.where(sign == 1, -value, value)


def magnitudes(form):
    """Return all finite values from zero up; each stands at the place that is its code."""
    value = decode(np.arange(2 ** (form.bits - 1)), form)
    return value[np.isfinite(value)]


def encode(x, form, saturate=True):
    """Round as `nearest` does and return the codes; the code for NaN is all ones but the sign."""
    rounded = nearest(x, form, saturate)
    code = np.searchsorted(magnitudes(form), np.abs(rounded))  # infinity follows the largest
    code = np.where(np.isnan(rounded), 2 ** (form.bits - 1) - 1, code)
    return code + np.where(np.signbit(rounded), 2 ** (form.bits - 1), 0)
