"""Two small encoders that end in one space: a perceptron for pages, a bag of words for sentences.

Provenance: Radford et al. 2021 (arXiv:2103.00020), Figure 3: a linear projection of each encoder's
features, a continuous bag of words as the simplest text encoder, a learned log scale; §2.5: the
scale starts at 1 / 0.07 and is kept from exceeding 100.

Written with `kernels.autodiff`'s operations: of arrays they compute, of Tensors they learn, and
these very functions trained the weights that are shipped.
"""

import numpy as np

from kernels.autodiff.elementwise import exp, maximum, minimum, relu
from kernels.autodiff.losses import contrastive
from kernels.autodiff.networks import linear
from kernels.autodiff.shaping import mean_over, sum_over, transpose
from kernels.autodiff.tensor import as_tensor

FIRST_SCALE, MOST_SCALE = 1 / 0.07, 100.0


def draw(generator, words, hidden, d, scale=FIRST_SCALE):
    """Draw first weights of both encoders: names to arrays."""
    pixels = 64
    return {
        "page": generator.normal(0.0, np.sqrt(2.0 / pixels), (pixels, hidden)),
        "page_bias": np.zeros(hidden),
        "page_out": generator.normal(0.0, 1.0 / np.sqrt(hidden), (hidden, d)),
        "word": generator.normal(0.0, 1.0, (words, hidden)),
        "text_out": generator.normal(0.0, 1.0 / np.sqrt(hidden), (hidden, d)),
        "log_scale": np.array(np.log(scale)),
    }


def encode_pages(parameters, pages):
    """Turn pages `(n, 128)` into vectors `(n, d)`, a Tensor; their lengths mean nothing.

    Both halves pass the same layer, as the patches of a vision transformer do, and are averaged.
    """
    p = parameters
    halves = np.reshape(pages, (-1, 8, 2, 8)).transpose(0, 2, 1, 3).reshape(-1, 2, 64)
    seen = relu(linear(as_tensor(halves), p["page"], p["page_bias"]))  # (n, 2, hidden)
    return linear(mean_over(seen, axis=1), p["page_out"])


def encode_texts(parameters, counted):
    """Turn counts of words `(n, words)` into vectors `(n, d)`, a Tensor.

    A sentence is the mean of its words' vectors, whatever their order; no word at all is zero.
    """
    shares = counted / np.maximum(counted.sum(axis=1, keepdims=True), 1.0)
    return linear(linear(as_tensor(shares), parameters["word"]), parameters["text_out"])


def unit(vectors, epsilon=1e-9):
    """Bring the rows of a Tensor to the length one."""
    return vectors * (sum_over(vectors**2, axis=-1, keepdims=True) + epsilon) ** -0.5


def pairing_loss(parameters, pages, counted):
    """Encode both halves of a batch and ask which belongs to which."""
    cosines = unit(encode_pages(parameters, pages)) @ transpose(
        unit(encode_texts(parameters, counted))
    )
    held = minimum(parameters["log_scale"], np.log(MOST_SCALE))
    return contrastive(cosines * exp(maximum(held, 0.0)))
