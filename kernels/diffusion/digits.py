"""Networks that draw, mend, squeeze and recognise digits of 8 by 8 pixels.

Provenance: a time-conditioned residual perceptron in the place of the U-Net of Ho et al. 2020
(arXiv:2006.11239), §4, whose output is the `v` of Salimans & Ho 2022 (arXiv:2202.00512), §4;
encoder and decoder as Kingma & Welling 2014 (arXiv:1312.6114), appendix C; generator and
discriminator as Goodfellow et al. 2014 (arXiv:1406.2661), §3.

Images are `(n, 64)` from -1 (paper) to 1 (ink), rows from the top; labels `(n,)` from 0 to 9, or 10
for none. Written once with `kernels.autodiff`'s operations: of arrays they compute, of Tensors they
learn, and these very functions trained the weights that are shipped.
"""

from itertools import count

import numpy as np

from kernels.autodiff.elementwise import maximum, swish, tanh
from kernels.autodiff.networks import linear, unit_rms
from kernels.autodiff.shaping import embed

PIXELS, CLASSES, NOBODY = 64, 10, 10
FREQUENCIES = np.pi * 2.0 ** np.arange(-1, 5)


def level_features(level):
    """Return sines and cosines of a level between 0 and 1, slow to fast: `(n,)` to `(n, 12)`."""
    angles = np.asarray(level, dtype=float)[:, None] * FREQUENCIES
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)


def conditioned(parameters, x, level, labels):
    """Run the residual perceptron behind denoiser and flow: `(n, 64)` to `(n, 64)`, a Tensor.

    `level` `(n,)` says how noisy each row is, `labels` `(n,)` which digit is wanted. What both say
    is one vector `c`, which every block reads anew.
    """
    p = parameters
    c = swish(linear(level_features(level), p["level"]) + embed(p["class"], labels))  # (n, k)
    h = linear(x, p["in"], p["in_bias"])  # (n, d)
    for i in count():
        if f"mix{i}" not in p:
            return linear(unit_rms(h), p["out"], p["out_bias"])
        h = h + linear(swish(unit_rms(h) + linear(c, p[f"say{i}"])), p[f"mix{i}"])


def draw_conditioned(generator, width=160, spoken=64, blocks=3):
    """Draw first weights of `conditioned`, whose output starts at zero: names to arrays."""

    def normal(rows, columns, gain=1.0):
        return generator.normal(0.0, gain / np.sqrt(rows), (rows, columns))

    parameters = {
        "level": normal(2 * len(FREQUENCIES), spoken),
        "class": generator.normal(0.0, 1.0, (CLASSES + 1, spoken)),
        "in": normal(PIXELS, width),
        "in_bias": np.zeros(width),
        "out": np.zeros((width, PIXELS)),
        "out_bias": np.zeros(PIXELS),
    }
    for i in range(blocks):
        parameters[f"say{i}"] = normal(spoken, width)
        parameters[f"mix{i}"] = normal(width, width, 0.5)
    return parameters


def angle(alpha_bar):
    """Return the noise level that the denoiser is told: 0 for a clean image, 1 for pure noise.

    `x_t` lies on a quarter circle from image to noise, at this share of the way: the cosine is
    `sqrt(alpha_bar)`, the sine `sqrt(1 - alpha_bar)`. So one network serves every schedule.
    """
    return np.arccos(np.sqrt(alpha_bar)) * 2.0 / np.pi


def denoise(parameters, x, alpha_bar, labels=None):
    """Estimate the noise in `x`: `epsilon` `(n, 64)`; `alpha_bar` is a number or `(n,)`.

    The network gives `v`, how `x` changes along the quarter circle; the noise is then
    `sin x + cos v`, the image `cos x - sin v`.
    """
    n = len(x)
    alpha_bar = np.broadcast_to(np.asarray(alpha_bar, dtype=float), (n,))
    labels = np.full(n, NOBODY) if labels is None else labels
    v = conditioned(parameters, x, angle(alpha_bar), labels).data
    return np.sqrt(1.0 - alpha_bar)[:, None] * x + np.sqrt(alpha_bar)[:, None] * v


def velocity(parameters, x, t, labels=None):
    """Estimate where the flow carries `x` at time `t`, 0 for noise and 1 for images: `(n, 64)`."""
    n = len(x)
    labels = np.full(n, NOBODY) if labels is None else labels
    return conditioned(parameters, x, np.broadcast_to(float(t), (n,)), labels).data


def layers(parameters, x, activation):
    """Run a perceptron `w0, b0, w1, …` whose last layer is linear; a Tensor."""
    for i in count():
        x = linear(x, parameters[f"w{i}"], parameters[f"b{i}"])
        if f"w{i + 1}" not in parameters:
            return x
        x = activation(x)


def leaky(x):
    """Keep what is positive and a fifth of what is negative."""
    return maximum(x, x * 0.2)


def generate(parameters, noise):
    """Turn noise `(n, k)` into images: the GAN's generator, a Tensor `(n, 64)`."""
    return tanh(layers(parameters, noise, swish))


def judge(parameters, images):
    """Return the GAN's discriminator's logits, above zero for "real": a Tensor `(n, 1)`."""
    return layers(parameters, images, leaky)


def encode(parameters, images):
    """Return where the VAE's encoder puts images: means and log-variances, Tensors `(n, k)`."""
    out = layers(parameters, images, swish)
    k = out.shape[-1] // 2
    return out[:, :k], out[:, k:]


def decode(parameters, latent):
    """Turn latent points `(n, k)` into the VAE decoder's mean images, a Tensor `(n, 64)`."""
    return tanh(layers(parameters, latent, swish))


def recognise(parameters, images):
    """Return the classifier's features `(n, 24)`, before its last layer, and its logits `(n, 10)`.

    Both are Tensors.
    """
    last = max(int(name[1:]) for name in parameters if name.startswith("w"))
    body = {name: value for name, value in parameters.items() if int(name[1:]) < last}
    features = tanh(layers(body, images, swish))
    return features, linear(features, parameters[f"w{last}"], parameters[f"b{last}"])
