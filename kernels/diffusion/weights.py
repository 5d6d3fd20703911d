"""The digit networks' files: parameters as float16, two bytes a number.

A file is a plain mapping from name to array, as `np.load(…, allow_pickle=False)` or
`workings.asset` gives it. Rounding to half precision errs by at most one part in 2048.
"""

import numpy as np


def narrow(parameters):
    """Return parameters as float16, to be kept. Raises `ValueError` for one too large for that."""
    for name, values in parameters.items():
        if not np.all(np.abs(values) <= np.finfo(np.float16).max):
            raise ValueError(f"{name} has values that float16 can't hold")
    return {name: np.asarray(values, np.float16) for name, values in parameters.items()}


def widen(entries):
    """Return parameters as float64, to compute with."""
    return {name: np.asarray(entries[name], np.float64) for name in entries}


def average(slow, parameters, t, keep=0.999):
    """Move running averages of parameters on by step `t`, from 0; early ones forget faster.

    Averaged weights make better samples than the last ones: Ho et al. 2020 (arXiv:2006.11239),
    appendix B, with `keep` 0.9999.
    """
    if slow is None:
        return dict(parameters)
    keep = min(keep, (1.0 + t) / (10.0 + t))
    return {name: keep * slow[name] + (1.0 - keep) * parameters[name] for name in parameters}


def to_pixels(images):
    """Return images from -1 to 1 as the data's whole numbers, 0 to 16, uint8; any shape."""
    return np.clip(np.round((np.asarray(images) + 1.0) * 8.0), 0, 16).astype(np.uint8)


def from_pixels(pixels):
    """Return the data's whole numbers, 0 to 16, as images from -1 to 1; any shape."""
    return np.asarray(pixels, np.float64) / 8.0 - 1.0
