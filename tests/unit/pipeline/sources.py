"""Sources of pages for the tests of the run and bake passes."""

HEAD = """
from typing import Annotated
import numpy as np
from workings import Choice, Slider, breaks, claim, exhibit, figure

def double(x):
    return 2 * x

def line(slope, note="a line"):
    fig, ax = figure()
    ax.plot([0.0, 1.0], [0.0, float(slope)])
    return fig, f"{note} of slope {slope}"
"""

GOOD = (
    HEAD
    + '''
@exhibit
def slopes(n: Annotated[int, Slider(1, 4)] = 2, steep: bool = False):
    """Lines."""
    return line(double(n) if steep else double(n) / 4)

@exhibit
def still():
    """Nothing to move."""
    return line(1)

@claim("§1")
def doubling():
    """Doubling doubles."""
    assert double(2) == 4, f"doubling 2 gives {double(2)}"
    return {"four": double(2)}

@breaks("doubling", replaces=double)
def tripled(x):
    """Three for two."""
    return 3 * x
'''
)
