"""A small page that the runtime's tests share."""

SOURCE = '''
from typing import Annotated

import numpy as np
from workings import Slider, breaks, claim, exhibit, figure


def doubled(x):
    return 2 * x


@exhibit(title="A line")
def line(n: Annotated[int, Slider(2, 5)] = 3, steep: bool = False):
    """A line of n points."""
    slope = doubled(1.0) if steep else 1.0
    fig, ax = figure()
    ax.plot(range(n), slope * np.arange(n))
    return fig, f"The line ends at {slope * (n - 1):g}."


@exhibit
def faulty(x: Annotated[float, Slider(0, 1)] = 0.5):
    """Fails beyond a half."""
    fig, ax = figure()
    if x > 0.5:
        raise ValueError("too far")
    return fig


@claim("§1")
def doubling_is_adding():
    """Doubling a number adds it to itself."""
    assert doubled(21.0) == 42.0, f"2 x 21 gave {doubled(21.0)}"
    return {"answer": doubled(21.0)}


@breaks("doubling_is_adding", replaces=doubled)
def trebled(x):
    """Multiply by three instead of two."""
    return doubled(x) + x
'''
