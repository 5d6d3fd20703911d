"""A reader of digits is shown them in another way, and its first two matrices learn to cope.

Provenance: Hu et al. 2022 (arXiv:2106.09685), §4.1, on `kernels.diffusion.digits`' classifier; one
way of showing, the shuffle, is the paper's "different language" (§7.2, footnote 6) for digits.

Images are `(n, 64)`, rows from the top, -1 for paper and 1 for ink.
"""

import numpy as np

from kernels.autodiff.losses import cross_entropy
from kernels.autodiff.shaping import transpose
from kernels.diffusion.digits import recognise

from .lora import gather, merge

ADAPTED = ("w0", "w1")  # 64 to 96 and 96 to 24; the last, 24 to 10, and the biases stay
ORDER = np.random.default_rng(6).permutation(64)


def mirrored(images):
    """Swap left and right."""
    return images.reshape(-1, 8, 8)[:, :, ::-1].reshape(-1, 64)


def turned(images):
    """Turn by a quarter, against the clock."""
    return np.rot90(images.reshape(-1, 8, 8), 1, (1, 2)).reshape(-1, 64)


SHOWN = {
    "as before": lambda images: images,
    "mirrored": mirrored,
    "turned": turned,
    "negative": lambda images: -images,
    "shuffled": lambda images: images[:, ORDER],
}


def frozen(parameters, name):
    """Return one of the reader's matrices as LoRA writes them, `(outputs, inputs)`."""
    return parameters[name].T


def equip(parameters, adapters):
    """Merge adapters, a mapping from name of matrix, into the reader: its parameters as they run.

    Works on Tensors.
    """
    merged = {
        name: transpose(merge(frozen(parameters, name), adapter))
        for name, adapter in adapters.items()
    }
    return {**parameters, **merged}


def loss_of(parameters, alpha):
    """Return the loss of adapters' flat parameters `w0.a`, `w0.b`, … on images and labels."""

    def loss(flat, images, labels):
        return cross_entropy(recognise(equip(parameters, gather(flat, alpha)), images)[1], labels)

    return loss
