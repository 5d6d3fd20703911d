"""AWQ: weights that meet large activations are made larger before rounding, and so err less.

Provenance: Lin et al. 2024, AWQ (arXiv:2306.00978), §3.2, eqs. 2-5; the scales' normalisation and
the grid of exponents follow the authors' code (mit-han-lab/llm-awq, `auto_scale.py`).

`(w s) (x / s)` is `w x`; rounding `w s` in place of `w` errs less by `1 / s` where `s` is large,
for as long as the largest weight of the group, and with it the step, stays what it was. Weights are
`(outputs, inputs)`, activations `(samples, inputs)`.
"""

import numpy as np

from .errors import output_error
from .integers import round_to_nearest


def activation_sizes(x):
    """Return the mean size of each input over the samples: `(inputs,)`."""
    return np.abs(x).mean(axis=0)


def channel_scales(sizes, alpha):
    """Return `sizes ** alpha`, shifted so that the least and the largest multiply to one.

    `alpha` 0 gives ones, 1 scales in full by the activations. Sizes below 1e-4 count as that.
    """
    scales = np.maximum(sizes**alpha, 1e-4)
    return scales / np.sqrt(scales.max() * scales.min())


def round_scaled(w, scales, bits, per="row", symmetric=False):
    """Round the scaled weights, and scale them back: what the layer then computes with."""
    return round_to_nearest(w * scales, bits, per, symmetric) / scales


def search(w, x, bits, per="row", symmetric=False, steps=20):
    """Try the exponents 0, 1/steps, … 1: return them, and the output error of each (eq. 5)."""
    alphas = np.arange(steps + 1) / steps
    sizes = activation_sizes(x)
    errors = [
        output_error(w, round_scaled(w, channel_scales(sizes, alpha), bits, per, symmetric), x)
        for alpha in alphas
    ]
    return alphas, np.array(errors)


def awq(w, x, bits, per="row", symmetric=False, steps=20):
    """Round with the best exponent of the search: `(outputs, inputs)`."""
    alphas, errors = search(w, x, bits, per, symmetric, steps)
    scales = channel_scales(activation_sizes(x), alphas[errors.argmin()])
    return round_scaled(w, scales, bits, per, symmetric)


def keep_salient(w, x, bits, share=0.01, per="row", symmetric=False):
    """Round all but the inputs with the largest activations, which stay as they are (§3.1).

    At least one input stays. Exact, but a mixture of precisions that hardware dislikes.
    """
    kept = max(1, round(share * w.shape[1]))
    salient = np.argsort(-activation_sizes(x), kind="stable")[:kept]
    rounded = round_to_nearest(w, bits, per, symmetric)
    rounded[:, salient] = w[:, salient]
    return rounded
