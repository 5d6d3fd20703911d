"""What fine-tuning trains and keeps in memory, in full and by LoRA.

Provenance: Hu et al. 2022 (arXiv:2106.09685, version 2), §4.2 and §5.1: the adapted matrices are
those of attention. A number is a weight, a gradient, a moment of Adam's or a copy of a weight;
`RECIPES` says how many bytes each takes. Activations are not counted: they are the same for both
but for what frozen layers needn't keep.
"""

from typing import NamedTuple

from kernels.cost.configuration import Model
from kernels.cost.counts import total
from kernels.cost.sharding import State

from .lora import count


class Recipe(NamedTuple):
    """Bytes a number: of the weights that run, of gradients, and of the optimiser's state."""

    weight: int
    gradient: int
    optimiser: int


RECIPES = {
    "halves": Recipe(2, 0, 4),  # two moments at the weights' precision, and gradients used at once
    "halves, gradients kept": Recipe(2, 2, 4),
    "mixed": Recipe(2, 2, 12),  # ZeRO, §3.1: a copy of the weight and two moments of four bytes
}


def shapes(model: Model) -> dict[str, tuple[int, int]]:
    """Return the matrices of one attention, `(outputs, inputs)`, by the paper's letters.

    Raises `ValueError` for a model whose attention has other matrices.
    """
    if model.latent or model.encoder_layers:
        raise ValueError(f"{model.name} has no plain decoder's attention")
    d, wide, narrow = model.d_model, model.heads * model.d_head, model.kv_heads * model.d_head
    return {"q": (wide, d), "k": (narrow, d), "v": (narrow, d), "o": (d, wide)}


def trained(model: Model, r: int, where: str = "qv") -> int:
    """Return how many numbers LoRA trains at rank `r` in all layers; `where` names matrices."""
    found = shapes(model)
    return model.layers * sum(count(*found[letter], r) for letter in where)


def in_full(model: Model, recipe: Recipe) -> State:
    """Return what training every weight keeps."""
    n = total(model)
    return State(n * recipe.weight, n * recipe.gradient, n * recipe.optimiser)


def by_lora(model: Model, recipe: Recipe, r: int, where: str = "qv") -> State:
    """Return what training by LoRA keeps: all weights to run, the rest for the adapters alone."""
    n, few = total(model), trained(model, r, where)
    return State((n + few) * recipe.weight, few * recipe.gradient, few * recipe.optimiser)
