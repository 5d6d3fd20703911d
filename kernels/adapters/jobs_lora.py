"""A reader of digits meets them mirrored, turned, negative and shuffled.

Its first two matrices are fine-tuned, whole and by LoRA at several ranks. All runs share one rate,
and nothing is chosen by the held-out digits; once more they are trained whole at a gentler rate.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from kernels.autodiff.losses import cross_entropy
from kernels.autodiff.optimisers import adam, warmup_cosine
from kernels.autodiff.training import minibatches, train
from kernels.diffusion.digits import recognise
from kernels.diffusion.jobs_digits_shared import DATA, JUDGE, TIGHT, Digits, read, read_judge
from kernels.diffusion.quality import accuracy
from kernels.diffusion.weights import narrow, to_pixels, widen
from kernels.jobs import Context, job
from kernels.numerics.lowrank import thin

from . import digits, lora


def batches(data: Digits, way: str, wanted: Mapping, seed: int) -> Iterator:
    """Yield batches of digits shown in a way, a little noisy, and their labels."""
    generator = np.random.default_rng(seed)
    shown = digits.SHOWN[way](data.images)
    drawn = minibatches(generator, wanted["steps"], wanted["batch"], shown, data.labels)
    for images, labels in drawn:
        yield images + 0.3 * generator.normal(size=images.shape), labels


def learn(loss: Any, first: dict, rows: Iterator, wanted: Mapping) -> dict:
    """Train from `first` and return the last parameters."""
    steps = wanted["steps"]
    rate = partial(warmup_cosine, rate=wanted["rate"], warmup=20, steps=steps)
    return train(loss, first, rows, adam, rate)[0]


def draw_flat(judge: Mapping, r: int, alpha: float, seed: int) -> dict[str, np.ndarray]:
    """Draw adapters for both matrices, as parameters `w0.a`, `w0.b`, …."""
    generator = np.random.default_rng([seed, r])
    flat: dict[str, np.ndarray] = {}
    for name in digits.ADAPTED:
        d, k = digits.frozen(judge, name).shape
        adapter = lora.draw(generator, d, k, r, alpha)
        flat |= {f"{name}.a": adapter.a, f"{name}.b": adapter.b}
    return flat


def judged(judge: Mapping, kept: Mapping, way: str, data: Digits, alpha: float) -> float:
    """Return the accuracy on held-out digits: `kept` is whole matrices, or adapters' parameters."""
    low = any("." in name for name in kept)
    reader = digits.equip(judge, lora.gather(kept, alpha)) if low else {**judge, **kept}
    return accuracy(reader, digits.SHOWN[way](data.held_images), data.held_labels)


def opened(judge: Mapping, whole: Mapping, way: str, data: Digits, r: int) -> dict[str, float]:
    """Return what matrices trained whole read, and what is left of that cut to rank `r`.

    Also how much of the squared size of the first one's change its first `r` directions hold.
    """
    cut = {}
    for name, w in whole.items():
        left, right = thin(w - judge[name], r)
        cut[name] = judge[name] + left @ right
    square = np.square(np.linalg.svd(whole["w0"] - judge["w0"], compute_uv=False))
    return {
        "read": judged(judge, whole, way, data, 1.0),
        "cut": judged(judge, cut, way, data, 1.0),
        "held": float(square[:r].sum() / square.sum()),
    }


@job("digits-lora", obtained="trained", after=(DATA, JUDGE), seed=1, tolerance=TIGHT,
     parameters={"ranks": [1, 2, 4, 8, 16], "alpha": 8, "steps": 1000, "batch": 64, "rate": 0.01,
     "gentle": 0.002, "cut": 4, "seeds": 3})  # fmt: skip
def digits_lora(context: Context) -> dict[str, object]:
    """Fine-tune a reader's first two matrices on digits shown anew: whole, and by LoRA."""
    wanted, data, judge = context.parameters, read(context), read_judge(context)
    alpha, ways = wanted["alpha"], list(digits.SHOWN)
    weights: dict[str, np.ndarray] = {}
    found: dict[str, Any] = {}

    def whole(tensors: Mapping, images: np.ndarray, labels: np.ndarray) -> Any:
        return cross_entropy(recognise({**judge, **tensors}, images)[1], labels)

    for number, way in enumerate(ways):
        rows: dict[str, list[float]] = {}
        for run in range(wanted["seeds"]):
            seed = 10 * context.seed + run
            for r in (0, *wanted["ranks"]):
                first = (
                    draw_flat(judge, r, alpha, seed)
                    if r
                    else {name: judge[name] for name in digits.ADAPTED}
                )
                loss = digits.loss_of(judge, alpha) if r else whole
                kept = narrow(learn(loss, first, batches(data, way, wanted, seed), wanted))
                if run == 0:
                    weights |= {f"{way}/{r}/{name}": w for name, w in kept.items()}
                name = str(r) if r else "whole"
                rows.setdefault(name, []).append(judged(judge, widen(kept), way, data, alpha))
            context.progress(wanted["seeds"] * number + run + 1, wanted["seeds"] * len(ways))
        rows["before"] = [judged(judge, {}, way, data, alpha)]
        slow = {**wanted, "rate": wanted["gentle"]}
        first = {name: judge[name] for name in digits.ADAPTED}
        kept = learn(whole, first, batches(data, way, wanted, 10 * context.seed), slow)
        found[way] = rows | {"gentle": opened(judge, kept, way, data, wanted["cut"])}
    context.note("accuracy", found)
    held = {"pixels": to_pixels(data.held_images), "labels": data.held_labels.astype(np.uint8)}
    return {
        "weights.npz": weights,
        "reader.npz": narrow(judge),
        "held.npz": held,
        "accuracy.json": found,
    }


@digits_lora.recheck
def _(context: Context) -> dict[str, float]:
    """Judge the kept weights again."""
    data, judge = read(context), read_judge(context)
    kept, differences = context.asset("accuracy.json"), {}
    weights = widen(context.asset("weights.npz"))
    for way, rows in kept.items():
        for r in (0, *context.parameters["ranks"]):
            start = f"{way}/{r}/"
            own = {n.removeprefix(start): w for n, w in weights.items() if n.startswith(start)}
            again = judged(judge, own, way, data, context.parameters["alpha"])
            name = str(r) if r else "whole"
            differences[start + name] = context.difference(again, rows[name][0])
    return differences
