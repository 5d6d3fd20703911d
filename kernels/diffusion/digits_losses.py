"""What the digit networks minimise, and the batches they see.

Provenance: the denoiser's squared error of `v` is the "SNR + 1" weighting of Salimans & Ho 2022
(arXiv:2202.00512), §4, over angles drawn evenly, as along Nichol & Dhariwal's cosine; the flow's is
Lipman et al. 2023 (arXiv:2210.02747), eq. 23; the bound is Kingma & Welling 2014
(arXiv:1312.6114), eq. 10, here with a Gaussian decoder whose variance is learned too; the two
adversaries' are Goodfellow et al. 2014 (arXiv:1406.2661), Algorithm 1, the generator's in the form
that does not saturate (§3).

A batch comes from its own generator, seeded by the step, so that training can stop and go on.
"""

import numpy as np

from kernels.autodiff.elementwise import exp, softplus
from kernels.autodiff.losses import cross_entropy, mean_squared_error
from kernels.autodiff.shaping import mean_over, sum_over

from . import digits, forward
from .flow import target
from .guidance import drop_labels


def evenly(generator, n):
    """Draw `n` levels between 0 and 1, one from each `n`-th, in order: less noise in the loss."""
    return (np.arange(n) + generator.random(n)) / n


def noised_batch(generator, images, labels, drop=0.1):
    """Return noisy images, their noise levels, labels with some dropped, and `v` to regress on."""
    level = evenly(generator, len(images))
    alpha_bar = np.cos(0.5 * np.pi * level[:, None]) ** 2
    noise = generator.normal(size=images.shape)
    x = forward.noised(images, alpha_bar, noise)
    labels = drop_labels(generator, labels, drop, digits.NOBODY)
    return x, level, labels, forward.v_target(images, noise, alpha_bar)


def flow_batch(generator, images, labels, drop=0.1):
    """Return points on straight paths, their times, labels with some dropped, and velocities."""
    t = evenly(generator, len(images))
    x, wanted = target(generator.normal(size=images.shape), images, t[:, None])
    return x, t, drop_labels(generator, labels, drop, digits.NOBODY), wanted


def regression(parameters, x, level, labels, wanted):
    """Average the squared error a pixel, of `v` or of velocity."""
    return mean_squared_error(digits.conditioned(parameters, x, level, labels), wanted)


def classification(parameters, images, labels):
    """Average the surprise of the labels, in nats."""
    return cross_entropy(digits.recognise(parameters, images)[1], labels)


def kl_to_standard(mean, log_variance):
    """Return the divergence of `N(mean, exp(log_variance))` from `N(0, 1)`, `(n,)`, in nats.

    Kingma & Welling 2014, appendix B.
    """
    return sum_over(mean**2 + exp(log_variance) - log_variance - 1.0, axis=-1) * 0.5


def gaussian_surprise(x, mean, log_variance):
    """Return minus the log-density of rows of `x` under `N(mean, exp(log_variance))`: `(n,)`.

    `log_variance` is one for all, `(1,)`.
    """
    squares = (mean - x) ** 2 * exp(-log_variance) + log_variance + np.log(2.0 * np.pi)
    return sum_over(squares, axis=-1) * 0.5


def split(parameters, head):
    """Return the parameters whose names start with `head` and a dot, without it."""
    start = head + "."
    return {n[len(start) :]: value for n, value in parameters.items() if n.startswith(start)}


def bound_terms(parameters, images, fresh, seen=None):
    """Return the VAE's two terms, Tensors `(n,)` in nats: surprise of the image, and divergence.

    `fresh` `(n, k)` is the noise that draws the latent. Their sum is minus the evidence bound, also
    where the encoder is shown something else than the images, such as blurred ones: `seen`.
    """
    shown = images if seen is None else seen
    mean, log_variance = digits.encode(split(parameters, "encoder"), shown)
    latent = mean + exp(log_variance * 0.5) * fresh  # the reparameterisation of §2.4
    drawn = digits.decode(split(parameters, "decoder"), latent)
    surprise = gaussian_surprise(images, drawn, parameters["log_variance"])
    return surprise, kl_to_standard(mean, log_variance)


def negative_bound(parameters, images, fresh, seen=None):
    """Average minus the evidence bound, in nats an image."""
    surprise, divergence = bound_terms(parameters, images, fresh, seen)
    return mean_over(surprise + divergence)


def discriminator_loss(parameters, real, fake):
    """Average the discriminator's surprise over real and made-up images, in nats."""
    doubted = softplus(-digits.judge(parameters, real))
    believed = softplus(digits.judge(parameters, fake))
    return (mean_over(doubted) + mean_over(believed)) * 0.5


def generator_loss(parameters, discriminator, noise, blur):
    """Average the surprise at "real" of what the generator makes, in nats.

    `blur` is the noise that is laid over images before they are judged.
    """
    fake = digits.generate(parameters, noise) + blur
    return mean_over(softplus(-digits.judge(discriminator, fake)))


def log_weights(parameters, images, fresh):
    """Return `log p(x, z) - log q(z | x)` of one draw of `z` for each image: `(n,)`.

    Their mean over draws is the evidence bound; the logarithm of the mean of their exponentials is
    never less, and grows to the log evidence: Burda et al. 2016 (arXiv:1509.00519), eq. 8.
    """
    mean, log_variance = digits.encode(split(parameters, "encoder"), images)
    latent = mean.data + np.exp(0.5 * log_variance.data) * fresh
    drawn = digits.decode(split(parameters, "decoder"), latent)
    surprise = gaussian_surprise(images, drawn, parameters["log_variance"]).data
    under_prior = gaussian_surprise(latent, 0.0, np.zeros(1)).data
    under_encoder = 0.5 * (fresh**2 + log_variance.data + np.log(2.0 * np.pi)).sum(axis=-1)
    return under_encoder - under_prior - surprise
