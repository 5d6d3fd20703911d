"""The least that a page may compute."""

import numpy as np
from workings import breaks, claim, exhibit, figure


def squares(n):
    """Return the first `n` squares."""
    return np.arange(n) ** 2


@exhibit
def dots():
    """The first squares as dots."""
    fig, ax = figure()
    ax.scatter(range(5), squares(5))
    return fig, f"The fifth dot is at {squares(5)[-1]}."


@exhibit
def line(joined: bool = True):
    """The first squares as a line."""
    fig, ax = figure()
    if joined:
        ax.plot(range(5), squares(5))
    return fig, "A line." if joined else "Nothing."


@claim("§1")
def the_second_square_is_one():
    """The second square is one."""
    assert squares(2)[1] == 1


@breaks("the_second_square_is_one", replaces=squares)
def one_too_many(n):
    """Adds one to every square."""
    return np.arange(n) ** 2 + 1
