"""What the jobs on digits share: the data, the judge, and training with progress and checkpoints.

No jobs of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.encoding import decode
from kernels.jobs import Context, Tolerance

from . import digits_training as training
from . import quality
from .weights import from_pixels, widen

DATA = "digits-data"
JUDGE = "digits-classifier"
HALVES = "float16 weights in float64 arithmetic; only the order of sums differs between machines"
TIGHT = Tolerance(absolute=1e-6, relative=1e-6, why=HALVES)


@dataclass(frozen=True, eq=False)
class Digits:
    """Images `(n, 64)` from -1 to 1 and labels `(n,)`, to learn from and held out."""

    images: np.ndarray
    labels: np.ndarray
    held_images: np.ndarray
    held_labels: np.ndarray


def read(context: Context) -> Digits:
    """Read the data that `digits-data` wrote."""
    found = decode("digits.npz", (context.inputs[DATA] / "digits.npz").read_bytes())
    images, labels = from_pixels(found["pixels"]), found["labels"].astype(int)
    held = np.zeros(len(labels), dtype=bool)
    held[found["held_out"]] = True
    return Digits(images[~held], labels[~held], images[held], labels[held])


def read_judge(context: Context) -> Mapping[str, np.ndarray]:
    """Read the classifier that `digits-classifier` trained."""
    return widen(decode("weights.npz", (context.inputs[JUDGE] / "weights.npz").read_bytes()))


def learn(
    context: Context, state: dict, step: Any, check: Any, steps: int, name: str = "state"
) -> dict:
    """Train with progress and checkpoints; the state at the end."""

    def tell(t: int, now: dict) -> None:
        shown = ", ".join(f"{value:.4g}" for value in now["checks"][-1, 1:])
        context.progress(t, steps, f"{name}: {shown}")

    path = context.scratch / f"{name}.npz"
    return training.run(state, step, steps, path, max(steps // 20, 1), check, tell)


def judged(context: Context, data: Digits, images: np.ndarray, labels: Any = None) -> dict:
    """Return the judge's report on drawn images."""
    generator = np.random.default_rng([context.seed, 2])
    judge = read_judge(context)
    return quality.report(judge, images, data.held_images, data.images, generator, labels)
