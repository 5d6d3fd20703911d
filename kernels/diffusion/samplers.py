"""Walking back from noise: ancestral, implicit, and along differential equations.

Provenance: ancestral is Ho et al. 2020 (arXiv:2006.11239), Algorithm 2; implicit is Song et al.
2021, DDIM (arXiv:2010.02502), eqs. 12 and 16; the probability flow is Song et al. 2021
(arXiv:2011.13456), eq. 13, here over the angle of Salimans & Ho 2022 (arXiv:2202.00512), §4; Heun's
method for it is Karras et al. 2022 (arXiv:2206.00364), Algorithm 1.

`noise_model(x, alpha_bar)` estimates the noise in points `(n, d)`. Levels are `alpha_bar` from high
to low, as `schedules` gives them; samplers walk them backwards. All return the whole walk, `(steps
+ 1, n, d)`, from noise to data.
"""

from itertools import pairwise

import numpy as np

from .forward import clean_from_noise, posterior, posterior_variance


def ancestral_step(x, noise, alpha_bar, earlier, fresh, variance="posterior"):
    """Draw the earlier point given an estimate of the noise, with fresh noise for the draw.

    The `variance` is that of the `"posterior"`, `beta tilde`, or the step's own, `"beta"`: the two
    choices of §3.2. Raises `ValueError` for another.
    """
    if variance not in ("posterior", "beta"):
        raise ValueError(f"variance is 'posterior' or 'beta', not {variance!r}")
    x_0 = clean_from_noise(x, noise, alpha_bar)
    mean, narrow = posterior(x_0, x, alpha_bar, earlier)
    spread = narrow if variance == "posterior" else 1.0 - alpha_bar / earlier
    return mean + np.sqrt(spread) * fresh


def implicit_step(x, noise, alpha_bar, earlier, fresh, eta=0.0):
    """Go to an earlier level, however far: the clean estimate, and the same noise on top of it.

    `eta` is the share of fresh noise: 0 draws nothing, 1 is the ancestral step.
    """
    sigma = eta * np.sqrt(posterior_variance(alpha_bar, earlier))
    x_0 = clean_from_noise(x, noise, alpha_bar)
    kept = np.sqrt(np.maximum(1.0 - earlier - sigma**2, 0.0))
    return np.sqrt(earlier) * x_0 + kept * noise + sigma * fresh


def ancestral(noise_model, x, levels, generator, variance="posterior"):
    """Walk back step by step; the last step draws nothing."""
    walk = [x]
    for earlier, alpha_bar in zip(levels[-2::-1], levels[:0:-1], strict=True):
        fresh = generator.normal(size=x.shape) if earlier < 1.0 else np.zeros(x.shape)
        noise = noise_model(walk[-1], alpha_bar)
        walk.append(ancestral_step(walk[-1], noise, alpha_bar, earlier, fresh, variance))
    return np.array(walk)


def implicit(noise_model, x, levels, eta=0.0, generator=None):
    """Walk back by implicit steps. `generator` is only needed where `eta` is not 0."""
    walk = [x]
    for earlier, alpha_bar in zip(levels[-2::-1], levels[:0:-1], strict=True):
        fresh = generator.normal(size=x.shape) if eta else np.zeros(x.shape)
        noise = noise_model(walk[-1], alpha_bar)
        walk.append(implicit_step(walk[-1], noise, alpha_bar, earlier, fresh, eta))
    return np.array(walk)


def swing(noise_model):
    """Return the probability flow of a noise model, as a velocity over time from 0 to 1.

    At time `t` the angle from image to noise is `(1 - t) pi / 2`; its cosine is
    `sqrt(alpha_bar)`. The flow turns `x` back towards the image by `-v` a unit of angle. Start a
    little after 0, where a model that gives noise says nothing of the image.
    """

    def velocity(x, t):
        angle = 0.5 * np.pi * (1.0 - t)
        signal, level = np.cos(angle), np.sin(angle)
        v = (noise_model(x, signal**2) - level * x) / signal
        return -0.5 * np.pi * v

    return velocity


def euler(velocity, x, times):
    """Follow a velocity by straight steps from `times[0]` to `times[-1]`: one call a step."""
    walk = [x]
    for now, then in pairwise(times):
        walk.append(walk[-1] + (then - now) * velocity(walk[-1], now))
    return np.array(walk)


def heun(velocity, x, times):
    """Step, look where that led, and go back to take the mean of both velocities: two calls."""
    walk = [x]
    for now, then in pairwise(times):
        first = velocity(walk[-1], now)
        second = velocity(walk[-1] + (then - now) * first, then)
        walk.append(walk[-1] + 0.5 * (then - now) * (first + second))
    return np.array(walk)
