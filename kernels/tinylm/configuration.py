"""The shape of a small decoder: which parameters it has, by name, and how many numbers they are.

Provenance: the fields are those of Vaswani et al. 2017 (arXiv:1706.03762), Table 3, with the groups
of Ainslie et al. 2023 (arXiv:2305.13245); first weights are those of Radford et al. 2018 (GPT-1),
§4.1.

Matrices are `(outputs, inputs)`, gains `(d_model,)`; layer `i`'s names begin with `i.`. Heads lie
one after another in the outputs of `q`, `k` and `v`, and neighbours in a head are turned as a pair.
"""

import math
from dataclasses import dataclass

import numpy as np

from kernels.attention.grouped import heads_a_group


@dataclass(frozen=True)
class Configuration:
    """A model's shape; raises `ValueError` where its heads or its activation can't be."""

    vocabulary: int
    context: int  # the longest text it reads at once, in tokens
    layers: int
    d_model: int
    heads: int
    groups: int  # heads of keys and values, shared out among `heads`
    d_ff: int  # inner width of the feed-forward part
    activation: str = "swiglu"  # or "gelu"
    tied: bool = True  # the table of embeddings is the output matrix too
    base: float = 10000.0  # of the rotary angles
    epsilon: float = 1e-5  # added to the mean square

    def __post_init__(self):
        heads_a_group(self.heads, self.groups)
        if self.d_model % (2 * self.heads):
            raise ValueError(f"{self.d_model} features don't make {self.heads} heads of pairs")
        if self.activation not in ("swiglu", "gelu"):
            raise ValueError(f'activation is "swiglu" or "gelu", not "{self.activation}"')

    @property
    def d_head(self) -> int:
        """The width of one head."""
        return self.d_model // self.heads


def shapes(configuration):
    """Return the name and shape of every parameter."""
    c, d, narrow = configuration, configuration.d_model, configuration.groups * configuration.d_head
    layer: dict[str, tuple[int, ...]] = {
        "norm_1": (d,),
        "q": (d, d),
        "k": (narrow, d),
        "v": (narrow, d),
        "o": (d, d),
        "norm_2": (d,),
        "up": (c.d_ff, d),
        "down": (d, c.d_ff),
    }
    if c.activation == "swiglu":
        layer["gate"] = (c.d_ff, d)
    found: dict[str, tuple[int, ...]] = {"embedding": (c.vocabulary, d), "norm": (d,)}
    for i in range(c.layers):
        found |= {f"{i}.{name}": shape for name, shape in layer.items()}
    return found if c.tied else found | {"output": (c.vocabulary, d)}


def count_parameters(configuration):
    """Return how many numbers the parameters are."""
    return sum(math.prod(shape) for shape in shapes(configuration).values())


def draw(generator, configuration, deviation=0.02):
    """Draw parameters as before training: normal matrices (GPT-1's 0.02), gains of one."""
    return {
        name: np.ones(shape) if len(shape) == 1 else generator.normal(0.0, deviation, shape)
        for name, shape in shapes(configuration).items()
    }
