"""The loop that trained the digit networks: it stops at any time and goes on to the same weights.

The steps are those of `kernels.autodiff.training`; a batch's generator is seeded by the run's seed
and the step, and all that a step needs is in one mapping of arrays, which is kept now and then.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kernels.autodiff.backward import value_and_gradients
from kernels.autodiff.optimisers import adamw
from kernels.autodiff.training import apply
from kernels.encoding import decode, encode

from .weights import average


def flatten(tree, path=""):
    """Lay out nested mappings and tuples of arrays as one mapping, names joined by slashes."""
    found: dict[str, np.ndarray] = {}
    pairs = tree.items() if isinstance(tree, Mapping) else enumerate(tree)
    for key, value in pairs:
        name = f"{path}{key}"
        if isinstance(value, Mapping | tuple):
            found |= flatten(value, name + "/")
        else:
            found[name] = np.asarray(value)
    return found


def unflatten(entries):
    """Undo `flatten`; tuples are tuples again, and whole numbers without axes are `int`."""
    tree: dict = {}
    for name, value in entries.items():
        *above, last = name.split("/")
        place = tree
        for key in above:
            place = place.setdefault(key, {})
        place[last] = int(value) if value.ndim == 0 and value.dtype.kind == "i" else value
    return gather(tree)


def gather(tree):
    """Turn mappings with the keys 0, 1, … back into tuples, all the way down."""
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isdigit() for key in tree):
        return tuple(gather(tree[str(i)]) for i in range(len(tree)))
    return {key: gather(value) for key, value in tree.items()}


def keep(path: Path, state: Mapping) -> None:
    """Write a state whole or not at all."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(encode(path.name, flatten(state)))
    unfinished.replace(path)


def resume(path: Path) -> dict | None:
    """Read a state that `keep` wrote, or `None` where there is none."""
    return unflatten(decode(path.name, path.read_bytes())) if path.exists() else None


def run(state, step, steps, path=None, every=1000, check=None, tell=None):
    """Take a state to step `steps`, from where `path` has it, by `step(state, t)` to the next.

    Every `every` steps, and at the end, it is kept; `check(state)` gives numbers that are appended
    to `state["checks"]`, a row each time, and `tell(t, state)` is called.
    """
    state = (resume(path) if path else None) or {**state, "t": 0}
    while state["t"] < steps:
        t = state["t"] + 1
        state = {**state, **step(state, t - 1), "t": t}
        if t % every and t < steps:
            continue
        if check:
            row = np.array([[t, *check(state)]], dtype=float)
            state["checks"] = np.concatenate([state["checks"], row]) if "checks" in state else row
        if path:
            keep(path, state)
        if tell:
            tell(t, state)
    return state


def start(parameters, steps):
    """Return the state of a network before its first step of `steps`."""
    return {
        "parameters": parameters,
        "averages": dict(parameters),
        "memory": {},
        "losses": np.zeros(steps),
    }


def descend(state, t, loss, batch, rate, update=adamw):
    """Take step `t` of one network down the gradient: its state as of `start`, to the next.

    Its loss before the step is written into `losses`, in place.
    """
    value, gradients = value_and_gradients(loss, state["parameters"], *batch)
    stepped, memory = apply(update, state["parameters"], gradients, state["memory"], rate)
    state["losses"][t] = value
    averages = average(state["averages"], stepped, t)
    return {**state, "parameters": stepped, "averages": averages, "memory": memory}


def stretches(losses, width):
    """Average losses `(steps,)` over stretches of `width` steps: `(steps / width, 2)`.

    A row is the number of its last step, and the mean.
    """
    whole = len(losses) // width
    means = losses[: whole * width].reshape(whole, width).mean(axis=1)
    return np.stack([width * (1.0 + np.arange(whole)), means], axis=1)


def table(columns, numbers):
    """Write numbers `(n, c)` as comma-separated text with five digits that count."""
    lines = [",".join(f"{value:.5g}" for value in row) for row in numbers]
    return "\n".join([",".join(columns), *lines]) + "\n"
