"""The exhibits of the workbench: one of everything that a page's scripts have to deal with."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, Text, asset, breaks, claim, exhibit, figure

from kernels.attention.core import softmax

HEIGHTS = asset("workbench-heights/heights.npy")  # (3, 6)
ABOUT = asset("workbench-heights/about.json")


def scale(d_k):
    """The factor that keeps the products' variance at one."""
    return 1 / np.sqrt(d_k)


def bars(heights):
    """Draw bars, and list them."""
    fig, ax = figure(figsize=(6, 2.4))
    ax.bar(range(len(heights)), heights)
    ax.set_ylim(0, 1)
    return fig, Table(["key", "weight"], enumerate(heights))


@exhibit
def scores(
    d_k: Annotated[int, Slider(1, 512, scale="log2", play=True)] = 64,
    scaled: bool = True,
    mask: Annotated[str, Choice("causal", "full")] = "causal",
):
    """Softmax of dot products, with and without the scale."""
    generator = np.random.default_rng(7)
    products = generator.standard_normal((12, d_k)) @ generator.standard_normal(d_k)
    if scaled:
        products = products * scale(d_k)
    if mask == "causal":
        products = products[:8]
    weights = softmax(products)
    fig, table = bars(weights)
    return fig, f"With d_k = {d_k} the largest weight is {weights.max():.1%}.", table


@exhibit
def wave(
    frequency: Annotated[float, Slider(0.5, 4.0)] = 1.0,
    text: Annotated[str, Text(r"[a-z ]*", max_length=20, examples=("a cat sat",))] = "on the mat",
):
    """A wave for a text."""
    fig, table = bars([(1 + np.sin(frequency * i)) / 2 for i in range(len(text))])
    return fig, f"{len(text)} letters at {frequency:g}.", table


@exhibit
def kept(row: Annotated[int, Slider(0, 2)] = 0, factor: Annotated[float, Slider(0, 1)] = 1.0):
    """A row of what a job has left."""
    fig, table = bars(HEIGHTS[row] * factor)
    return fig, f"{ABOUT['rows'][row]} ends at {HEIGHTS[row, -1] * factor:.3f}.", table


@claim("§3.2.1")
def dot_products_have_unit_variance():
    """Scaled dot products have variance one."""
    generator = np.random.default_rng(1)
    left, right = generator.standard_normal((2, 4000, 64))
    products = (left * right).sum(1)
    variance = float(np.var(products * scale(64)))
    assert abs(variance - 1) < 0.1, f"the variance is {variance:.1f}"
    return {"variance": variance}


@claim("eq. 1")
def weights_sum_to_one():
    """The weights of a softmax sum to one."""
    total = float(softmax(np.arange(8.0)).sum())
    assert abs(total - 1) < 1e-12, f"they sum to {total:.3f}"


@breaks("dot_products_have_unit_variance", replaces=scale)
def no_scaling(d_k):
    """The scale is left out."""
    return 1.0
