"""Masked values are gaps in a picture."""

import sys
from typing import Any

import numpy as np


def unmasked(values: Any) -> Any:
    """Give a masked array as floats with NaN where it is masked, anything else as it is.

    Nobody has a masked array who has not imported `numpy.ma`; importing it here would cost every
    reader's first picture a tenth of a second.
    """
    ma = sys.modules.get("numpy.ma")
    if ma is None or not ma.isMaskedArray(values):
        return values
    return ma.filled(values.astype(float), np.nan)
