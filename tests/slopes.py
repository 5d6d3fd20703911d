"""Slopes by central differences, against which gradients are held."""

import numpy as np


def slope(function, array, step=1e-6):
    """Central differences of a number in every element of an array, changed in place and back."""
    found = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + step
        above = function()
        array[place] = kept - step
        found[place] = (above - function()) / (2 * step)
        array[place] = kept
    return found
