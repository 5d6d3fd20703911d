"""Fine-tune a tiny decoder with PyTorch: every weight, some matrices, or adapters beside them.

Provenance: Hu et al. 2022 (arXiv:2106.09685, version 2), §4.1: frozen weights, A random, B zero,
`alpha / r`; AdamW with a linear schedule as in Appendix D, without decay.
"""

from dataclasses import dataclass

import numpy as np
import torch

from kernels.tinylm.training_torch import loss_of

from .lora import draw, scale

PLACES = {"qv": ("q", "v"), "layers": ("q", "k", "v", "o", "gate", "up", "down")}


@dataclass(frozen=True)
class Way:
    """How to fine-tune: adapters of rank `r` in `where`, or without a rank those weights whole.

    `where` is a key of `PLACES`, or "everything" for embeddings and gains as well.
    """

    where: str
    r: int | None
    rate: float


def names_of(configuration, where):
    """Return the names of the matrices to adapt."""
    return [f"{i}.{name}" for i in range(configuration.layers) for name in PLACES[where]]


def as_float(parameters):
    """Return arrays as float32 tensors."""
    return {name: torch.tensor(w, dtype=torch.float32) for name, w in parameters.items()}


def first(configuration, parameters, way, alpha, seed):
    """Return what is trained, as tensors by name: whole weights, or `NAME.a` and `NAME.b`."""
    if way.r is None:
        every = way.where == "everything"
        names = list(parameters) if every else names_of(configuration, way.where)
        return as_float({name: parameters[name] for name in names})
    generator = np.random.default_rng(seed)
    drawn: dict[str, np.ndarray] = {}
    for name in names_of(configuration, way.where):
        d, k = parameters[name].shape
        adapter = draw(generator, d, k, way.r, alpha)
        drawn |= {f"{name}.a": adapter.a, f"{name}.b": adapter.b}
    return as_float(drawn)


def effective(frozen, trained, way, alpha):
    """Return the weights as they run."""
    if way.r is None:
        return {**frozen, **trained}
    s, names = scale(alpha, way.r), {name.removesuffix(".a") for name in trained if name[-1] == "a"}
    added = {n: frozen[n] + s * trained[f"{n}.b"] @ trained[f"{n}.a"] for n in names}
    return {**frozen, **added}


def windows(tokens, starts, context):
    """Return windows of `context + 1` tokens, one a row."""
    return torch.from_numpy(np.asarray(tokens)[starts[:, None] + np.arange(context + 1)])


def nats(configuration, parameters, tokens, context):
    """Return the surprise at a whole text's tokens, in nats, read in windows side by side."""
    starts = np.arange((len(tokens) - 1) // context) * context
    with torch.no_grad():
        mean = loss_of(configuration, parameters, windows(tokens, starts, context))
    return float(mean) * len(tokens)


def finetune(model, tokens, way, plan, seed):
    """Fine-tune on a text's tokens; return the trained arrays by name.

    `model` is a configuration and arrays; `plan` has `steps`, `batch`, `context`, `warm_up` and
    `alpha`.
    """
    configuration, parameters = model
    frozen = as_float(parameters)
    trained = first(configuration, parameters, way, plan["alpha"], seed)
    for w in trained.values():
        w.requires_grad_()
    rule = torch.optim.AdamW(list(trained.values()), lr=way.rate, weight_decay=0.0)
    dice, context, steps = np.random.default_rng(seed), plan["context"], plan["steps"]
    for step in range(steps):
        share = min((step + 1) / plan["warm_up"], (steps - step) / steps)
        rule.param_groups[0]["lr"] = way.rate * share
        starts = dice.integers(0, len(tokens) - context - 1, plan["batch"])
        now = effective(frozen, trained, way, plan["alpha"])
        rule.zero_grad()
        loss_of(configuration, now, windows(tokens, starts, context)).backward()
        rule.step()
    return {name: w.detach().numpy().astype(np.float64) for name, w in trained.items()}
