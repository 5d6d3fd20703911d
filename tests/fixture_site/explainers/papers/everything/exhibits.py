"""One of every control, of every kind of claim, and two mutants."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, Text, breaks, claim, exhibit, figure

from kernels.attention.rotary import rotate


def heights(n):
    """Return `n` bars that fall from one."""
    return 1.0 / np.arange(1, n + 1)


@exhibit(title="Falling bars")
def bars(n: Annotated[int, Slider(1, 64, scale="log2", label="bars")] = 8, mirrored: bool = False):
    """Bars that fall from one."""
    values = heights(n)[::-1] if mirrored else heights(n)
    fig, ax = figure()
    ax.bar(range(n), values)
    table = Table(["bar", "height"], [[i, float(v)] for i, v in enumerate(values)])
    return fig, f"{n} bars; the largest is {values.max():.2f}.", table


@exhibit
def wave(
    phase: Annotated[float, Slider(0.0, 6.0, stops=4, play=True)] = 0.0,
    shape: Annotated[str, Choice("sine", "square")] = "sine",
    name: Annotated[str, Text(r"[a-z ]*", max_length=12, examples=("a wave",))] = "wave",
):
    """A wave that moves."""
    x = np.linspace(0.0, 6.0, 49)
    y = np.sin(x - phase)
    fig, ax = figure()
    ax.plot(x, np.sign(y) if shape == "square" else y, label=name)
    return fig, f"The {name} starts at {y[0]:.2f}."


@exhibit
def constant():
    """A picture without controls."""
    fig, ax = figure()
    ax.plot([0.0, 1.0], [1.0, 1.0])
    return fig, "The line stays at one."


@claim("§2")
def turning_keeps_length():
    """A turned vector is as long as it was."""
    vector = np.array([3.0, 4.0])
    length = np.linalg.norm(rotate(vector, np.array([0.7])))
    assert abs(length - 5.0) < 1e-12, f"the length is {length}"
    return {"length": length}


@claim("Table 1", kind="reproduced small")
def largest_bar_is_one():
    """The first bar is the largest, and its height is one."""
    assert heights(64).max() == 1.0
    return {"largest": heights(64).max()}


@claim("Table 1", kind="quoted")
def sixty_four_bars():
    """The paper shows sixty-four bars."""
    return {"bars": 64}


@breaks("turning_keeps_length", replaces=rotate)
def one_coordinate_only(x, angle):
    """Only the first coordinate is turned."""
    turned = x.copy()
    turned[..., 0::2] = x[..., 0::2] * np.cos(angle)
    return turned


@breaks("largest_bar_is_one", replaces=heights)
def counting_from_two(n):
    """Counts from two, so that the largest bar is missing."""
    return 1.0 / np.arange(2, n + 2)
