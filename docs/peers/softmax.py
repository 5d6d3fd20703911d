"""The exhibit `saturation` of /attention/ for peers: its numbers, its sentence, Matplotlib's axes.

Peers run this file as it is; nothing of Workings is imported. A test holds it to the exhibit.
"""

import matplotlib.pyplot as plt
import numpy as np

OPTIONS = sorted({2**n for n in range(10)} | {3, 6, 11, 23, 45, 91, 181, 362})
KEYS, DRAWS, WIDEST, SHOWN = 16, 32, 512, 0
Q = np.random.default_rng(0).standard_normal((DRAWS, 1, WIDEST))
K = np.random.default_rng(1).standard_normal((DRAWS, KEYS, WIDEST))
WIDTHS = 2 ** np.arange(10)
DOTS = np.stack([(Q[..., :d] @ np.swapaxes(K[..., :d], -1, -2))[:, 0] for d in WIDTHS])


def softmax(scores):
    """Turn scores into weights along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def median_sensitivity(divided):
    """Return the median size of the softmax's Jacobian over the draws at each of `WIDTHS`."""
    weights = softmax(DOTS / np.sqrt(WIDTHS)[:, None, None] if divided else DOTS)
    row, column = weights[..., None, :], weights[..., :, None]
    jacobian = np.eye(KEYS) * row - column * row
    return np.median(np.sqrt(np.square(jacobian).sum(axis=(-2, -1))), axis=-1)


def saturation(d_k, divide):
    """Return the figure and the sentence for vectors of `d_k` numbers."""
    scores = (Q[SHOWN, :, :d_k] @ K[SHOWN, :, :d_k].T)[0]
    if divide:
        scores = scores / np.sqrt(d_k)
    weights = softmax(scores)
    fig, (left, right) = plt.subplots(1, 2, figsize=(6, 3.4), num=1, clear=True)
    fig.subplots_adjust(left=0.1, right=0.98, bottom=0.15, wspace=0.35)
    left.bar(range(1, KEYS + 1), weights, color="C1", width=0.75)
    left.set_ylim(0, 1)
    left.set_xlabel("key")
    left.set_ylabel("weight")
    left.set_title("who gets the weight")
    plain, divided = median_sensitivity(False), median_sensitivity(True)
    right.plot(WIDTHS, divided, color="C0", linestyle="-", label="divided")
    right.plot(WIDTHS, plain, color="C1", linestyle="-", label="not divided")
    right.text(512, 1.35 * divided[-1], "divided by √$d_k$", color="C0", ha="right", va="bottom")
    right.text(40, 0.02, "not divided", color="C1", ha="right", va="center")
    curve, colour = (divided, "C0") if divide else (plain, "C1")
    here = float(np.interp(np.log2(d_k), np.log2(WIDTHS), np.log(curve)))
    right.plot([d_k], [np.exp(here)], "o", color=colour, markersize=8)
    right.set_xscale("log", base=2)
    right.set_yscale("log")
    right.set_ylim(3e-4, 1.5)
    right.set_xlabel("$d_k$")
    right.set_ylabel("size of the gradient")
    right.set_title("what learning can still feel")
    how = f"divided by √{d_k}" if divide else "not divided"
    top = weights.max()
    share = f"{top:.0%}" if top < 0.995 else "more than 99%"
    sentence = (
        f"Vectors of {d_k} number{'s' * (d_k > 1)}, scores {how}: the {KEYS} scores have a "
        f"standard deviation of {scores.std():.1f}, and the largest weight is {share}."
    )
    return fig, sentence
