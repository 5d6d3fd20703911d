"""The exhibits of the hand-made page: one of everything that a page's script has to deal with."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, Text, breaks, claim, exhibit


class Drawing:
    """The least that a session takes for a figure."""

    def __init__(self, heights):
        self.heights = list(heights)

    def svg(self, prefix):
        head = '<svg class="figure" viewBox="0 0 320 160" width="320" height="160" role="img"'
        bars = [
            f'<rect class="c0" x="{10 + 12 * i}" y="{150 - h:.2f}" width="10" height="{h:.2f}"/>'
            for i, h in enumerate(140 * height for height in self.heights)
        ]
        return "\n".join([f'{head} aria-hidden="true">', *bars, "</svg>"])

    def table(self):
        return {"columns": ["key", "weight"], "rows": [[i, h] for i, h in enumerate(self.heights)]}


def scale(d_k):
    """The factor that keeps the products' variance at one."""
    return 1 / np.sqrt(d_k)


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


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
    return Drawing(weights), f"With d_k = {d_k} the largest weight is {weights.max():.1%}."


@exhibit
def wave(
    frequency: Annotated[float, Slider(0.5, 4.0)] = 1.0,
    text: Annotated[str, Text(r"[a-z ]*", max_length=20, examples=("a cat sat",))] = "on the mat",
):
    """A wave for a text."""
    heights = [(1 + np.sin(frequency * i)) / 2 for i in range(len(text))]
    return Drawing(heights), f"{len(text)} letters at {frequency:g}."


@claim("§3.2.1")
def dot_products_have_unit_variance():
    """Scaled dot products have variance one."""
    generator = np.random.default_rng(1)
    left, right = generator.standard_normal((2, 4000, 64))
    products = (left * right).sum(1)
    variance = float(np.var(products * scale(64)))
    assert abs(variance - 1) < 0.1, f"the variance is {variance:.1f}"
    return {"variance": variance}


@breaks("dot_products_have_unit_variance", replaces=scale)
def no_scaling(d_k):
    """The scale is left out."""
    return 1.0
