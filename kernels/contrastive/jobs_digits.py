"""A picture encoder and a caption encoder, trained together on pages of handwritten digits.

1,297 digits are learned from, 500 are held out; nine of the 55 pairs of digits never stand on one
page while the encoders learn.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from kernels.autodiff.optimisers import adamw, warmup_cosine
from kernels.autodiff.training import descend
from kernels.diffusion.jobs_digits_shared import DATA, TIGHT, Digits, read
from kernels.diffusion.weights import narrow, to_pixels, widen
from kernels.jobs import Context, job

from . import captions, encoders, judging

PANEL = 24  # pages and captions that are followed through training


def batches(generator: np.random.Generator, data: Digits, steps: int, size: int) -> Iterator:
    """Yield batches of pages, a little noisy, and counted words."""
    for _ in range(steps):
        pages, counted = captions.draw_pairs(generator, data.images, data.labels, size)
        yield pages + 0.3 * generator.normal(size=pages.shape), counted


def draw_panel(generator: np.random.Generator, data: Digits) -> dict[str, np.ndarray]:
    """Choose held-out pages of as many different pairs, and a caption for each."""
    chosen = generator.permutation(len(captions.PAIRS))[:PANEL]
    pairs = np.array(captions.PAIRS)[np.sort(chosen)]
    rows = [[generator.choice(np.flatnonzero(data.held_labels == d)) for d in p] for p in pairs]
    return {"pairs": pairs, "rows": np.array(rows), "inks": np.arange(PANEL) % 2}


def panel_vectors(parameters: Mapping, panel: Mapping, data: Digits) -> tuple:
    """Encode the panel's pages and captions: both `(24, d)`."""
    left, right = (data.held_images[panel["rows"][:, side]] for side in (0, 1))
    pages = captions.draw_pages(left, right, panel["inks"])
    scenes = zip(*panel["pairs"].T.tolist(), panel["inks"].tolist(), strict=True)
    said = [captions.say(scene, captions.TEMPLATES[1]) for scene in scenes]
    texts = judging.caption_vectors(parameters, said)
    return encoders.encode_pages(parameters, pages).data, texts


def judge(context: Context, parameters: Mapping, data: Digits) -> dict[str, float]:
    """Return accuracies on held-out digits, by template, of seen and of unseen pairs; the scale."""
    generator = np.random.default_rng([context.seed, 7])
    pages, pairs, _ = judging.draw_test(generator, data.held_images, data.held_labels, 4000)
    named = {"bare": judging.BARE, "photo": captions.TEMPLATES[3]}
    texts = {
        kind: judging.caption_vectors(parameters, judging.classes(template))
        for kind, template in named.items()
    }
    texts["ensemble"] = judging.ensemble(parameters)
    images = encoders.encode_pages(parameters, pages).data
    found = {"scale": float(np.exp(parameters["log_scale"]))}
    for kind, vectors in texts.items():
        seen, new = judging.accuracy(images, vectors, pairs)
        found |= {f"{kind}, seen": seen, f"{kind}, unseen": new}
    return found


@job(
    "digits-captions",
    obtained="trained",
    after=(DATA,),
    seed=4,
    parameters={
        "steps": 3000,
        "batch": 64,
        "hidden": 64,
        "d": 16,
        "seeds": 3,
        "checks": [0, 10, 30, 60, 100, 200, 400, 800, 1600, 3000],
    },
    tolerance=TIGHT,
)
def digits_captions(context: Context) -> dict[str, object]:
    """Train a page encoder and a caption encoder by the contrastive loss, from three seeds."""
    wanted, data = context.parameters, read(context)
    panel = draw_panel(np.random.default_rng([context.seed, 8]), data)
    weights: dict[str, np.ndarray] = {}
    followed: dict[str, list] = {"images": [], "texts": [], "scale": []}
    quality: dict[str, Any] = {"learned": [], "stuck at one": []}
    update = partial(adamw, decay=0.05)
    rate = partial(warmup_cosine, rate=3e-3, warmup=50, steps=wanted["steps"])

    def follow(parameters: Mapping) -> None:
        images, texts = panel_vectors(parameters, panel, data)
        followed["images"].append(images)
        followed["texts"].append(texts)
        followed["scale"].append(np.exp(parameters["log_scale"]))

    for run in range(2 * wanted["seeds"]):
        seed, stuck = run % wanted["seeds"], run >= wanted["seeds"]
        generator = np.random.default_rng([context.seed, seed])
        first = encoders.draw(generator, len(captions.WORDS), wanted["hidden"], wanted["d"])
        if stuck:
            first["log_scale"] = np.array(0.0)
        rows = batches(generator, data, wanted["steps"], wanted["batch"])
        rule: dict[str, Any] = dict.fromkeys(first, update)
        if stuck:
            rule["log_scale"] = lambda w, g, state, rate: (w, state)
        parameters, losses = first, []
        for t, (loss, now) in enumerate(descend(encoders.pairing_loss, first, rows, rule, rate)):
            if run == 0 and t in wanted["checks"]:
                follow(parameters)
            parameters = now
            losses.append(loss)
        context.progress(run + 1, 2 * wanted["seeds"])
        kept = narrow(parameters)
        if run == 0:
            follow(widen(kept))
        if not stuck:
            weights |= {f"{seed}/{name}": array for name, array in kept.items()}
        found = judge(context, widen(kept), data)
        found["loss"] = float(np.mean(losses[-300:]))
        quality["stuck at one" if stuck else "learned"].append(found)
    context.note("quality", quality)
    return {
        "weights.npz": weights,
        "held.npz": {
            "pixels": to_pixels(data.held_images),
            "labels": data.held_labels.astype(np.uint8),
        },
        "panel.npz": {
            **{name: array.astype(np.int16) for name, array in panel.items()},
            "steps": np.array(wanted["checks"], dtype=np.int16),
            **{name: np.array(rows).astype(np.float32) for name, rows in followed.items()},
        },
        "quality.json": quality,
    }


@digits_captions.recheck
def _(context: Context) -> dict[str, float]:
    """Judge the kept weights again."""
    data, weights = read(context), context.asset("weights.npz")
    differences: dict[str, float] = {}
    for seed, kept in enumerate(context.asset("quality.json")["learned"]):
        own = {name[2:]: array for name, array in weights.items() if name[0] == str(seed)}
        for name, found in judge(context, widen(own), data).items():
            worst = differences.get(name, 0.0)
            differences[name] = max(worst, context.difference(found, kept[name]))
    return differences
