"""Guidance without a classifier: go further from "anything" than the class alone would take you.

Provenance: Ho & Salimans 2022, Classifier-free diffusion guidance (arXiv:2207.12598), eq. 6 for
the step and Algorithm 1 for dropping labels in training. The weight is the paper's `w`: -1 ignores
the class, 0 is the class alone, more exaggerates it.
"""

import numpy as np

from .mixtures import log_density, noised
from .mixtures import noise as exact_noise


def guide(conditional, unconditional, weight):
    """Combine two estimates of noise, or of velocity: `(1 + w) conditional - w unconditional`."""
    return (1.0 + weight) * conditional - weight * unconditional


def guided(model, labels, nobody, weight):
    """Return a model guided to `labels` `(n,)`, of one that takes `(x, level, labels)`.

    `nobody` is the label that stands for none. Both halves run as one batch of twice the size;
    with weight 0 only one of them runs.
    """
    labels = np.asarray(labels)

    def both(x, level):
        if weight == 0.0:
            return model(x, level, labels)
        doubled = model(
            np.concatenate([x, x]), level, np.concatenate([labels, np.full(len(x), nobody)])
        )
        return guide(doubled[: len(x)], doubled[len(x) :], weight)

    return both


def guided_mixture(mixture, components, weight):
    """Return the exact noise model of a mixture, guided to the class of some components."""
    wanted = mixture.only(*components)

    def model(x, alpha_bar):
        return guide(exact_noise(wanted, x, alpha_bar), exact_noise(mixture, x, alpha_bar), weight)

    return model


def guided_log_density(mixture, components, weight, x, alpha_bar):
    """Return the logarithm, but for a constant, of the density whose score guidance follows.

    It is `p(x | class)^(1 + w) / p(x)^w` of the noised densities: `(n,)`. At each level it is a
    density's score; no one diffusion has them all, so guided samples are not drawn from it.
    """
    a, s = np.sqrt(alpha_bar), np.sqrt(1.0 - alpha_bar)
    wanted = log_density(noised(mixture.only(*components), a, s), x)
    return guide(wanted, log_density(noised(mixture, a, s), x), weight)


def drop_labels(generator, labels, share, nobody):
    """Replace a random share of the labels by `nobody`, so that one network learns both."""
    return np.where(generator.random(len(labels)) < share, nobody, labels)
