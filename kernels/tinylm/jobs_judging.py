"""How jobs judge the models that they have trained, by NumPy alone and from the shipped numbers."""

import io

import numpy as np

from kernels.jobs import Tolerance
from kernels.tinylm import measures, weights

ROUNDING = Tolerance(1e-6, 1e-4, "float32 sums in the order of another machine")


def read_weights(content):
    """Return a model from a `weights.npz` file or the mapping in it, in float32."""
    return weights.read(content, np.float32)


def curve_text(curve):
    """Return a loss curve as comma-separated text; losses in nats a token."""
    out = io.StringIO()
    out.write(",".join(curve[0]) + "\n")
    for row in curve:
        out.write(",".join(f"{value:.6g}" for value in row.values()) + "\n")
    return out.getvalue()


def judge(model, tokens, characters):
    """Return how well a model foresees a text: bits a character and a token, perplexity."""
    bits = measures.text_surprisals(model[0], model[1], tokens, model[0].context // 2)
    return {
        "bits_per_character": measures.bits_per_character(bits, characters),
        "bits_per_token": float(bits.mean()),
        "perplexity": measures.perplexity(bits),
        "tokens": len(tokens),
        "characters": characters,
    }


def slice_bits(model, tokens, count):
    """Return the mean surprise at the first `count` tokens, in bits: what a recheck repeats."""
    bits = measures.text_surprisals(model[0], model[1], tokens[:count], model[0].context // 2)
    return float(bits.mean())
