"""Gaussian mixtures, whose score and velocity are known at every noise level.

Provenance: noise makes a mixture of a mixture, component by component, so that nothing need be
learned. The score is that of Song et al. 2021 (arXiv:2011.13456), §2; the velocity of a path `x_t =
a x_1 + s x_0` is the mean of `a' x_1 + s' x_0` over what `x_t` may come from: Lipman et al. 2023
(arXiv:2210.02747), eq. 8. Means given `x` are textbook conditioning of Gaussians (Bishop 2006,
eqs. 2.113-2.117).

Points are `(n, d)`. `a` and `s` scale data and noise: `sqrt(alpha_bar)` and `sqrt(1 - alpha_bar)`
for diffusion, `t` and `1 - t` for straight paths.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture: `weights` `(k,)` that sum to one, `means` `(k, d)`, `covariances` `(k, d, d)`."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def draw(self, generator, n):
        """Draw points `(n, d)` and the components they come from `(n,)`."""
        which = generator.choice(len(self.weights), n, p=self.weights)
        roots = np.linalg.cholesky(self.covariances)  # (k, d, d)
        fresh = generator.normal(size=(n, self.means.shape[1]))
        return self.means[which] + np.einsum("nij,nj->ni", roots[which], fresh), which

    def mean(self):
        """Return the mean `(d,)`."""
        return self.weights @ self.means

    def covariance(self):
        """Return the covariance `(d, d)`: within components, and between their means."""
        off = self.means - self.mean()
        return np.einsum("k,kij->ij", self.weights, self.covariances) + (self.weights * off.T) @ off

    def only(self, *components):
        """Return the mixture of some of the components, weights in proportion."""
        chosen = list(components)
        weights = self.weights[chosen] / self.weights[chosen].sum()
        return Mixture(weights, self.means[chosen], self.covariances[chosen])


def round_mixture(means, deviation, weights=None):
    """Make a mixture of round components of one standard deviation; equal weights unless told."""
    means = np.asarray(means, dtype=float)
    k, d = means.shape
    weights = np.full(k, 1.0 / k) if weights is None else np.asarray(weights, dtype=float)
    return Mixture(weights, means, np.tile(deviation**2 * np.eye(d), (k, 1, 1)))


def ring(k=8, radius=2.0, deviation=0.2):
    """Make a ring of `k` round components in the plane."""
    angles = 2.0 * np.pi * np.arange(k) / k
    return round_mixture(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), deviation)


def noised(mixture, a, s):
    """Return the mixture of `a x + s noise`."""
    eye = np.eye(mixture.means.shape[1])
    return Mixture(mixture.weights, a * mixture.means, a**2 * mixture.covariances + s**2 * eye)


def whitened(mixture, x):
    """Return `C_k⁻¹ (x - m_k)` for each component, `(n, k, d)`, and log-densities `(n, k)`.

    These include the components' weights.
    """
    off = x[:, None, :] - mixture.means  # (n, k, d)
    pulled = np.einsum("kij,nkj->nki", np.linalg.inv(mixture.covariances), off)
    _, log_volumes = np.linalg.slogdet(2.0 * np.pi * mixture.covariances)
    with np.errstate(divide="ignore"):
        log_weights = np.log(mixture.weights)
    return pulled, log_weights - 0.5 * (log_volumes + (pulled * off).sum(axis=-1))


def log_density(mixture, x):
    """Return the log-density at points: `(n,)`."""
    _, each = whitened(mixture, x)
    return np.logaddexp.reduce(each, axis=1)


def blame(each):
    """Turn components' log-densities `(n, k)` into their shares, which sum to one."""
    return np.exp(each - np.logaddexp.reduce(each, axis=1, keepdims=True))


def score(mixture, x):
    """Return the gradient of the log-density: `(n, d)`."""
    pulled, each = whitened(mixture, x)
    return -np.einsum("nk,nki->ni", blame(each), pulled)


def noise(mixture, x, alpha_bar):
    """Return the mean noise in `x`, the best that a noise model can learn: `(n, d)`."""
    level = np.sqrt(1.0 - alpha_bar)
    return -level * score(noised(mixture, np.sqrt(alpha_bar), level), x)


def velocity(mixture, x, t, path=None):
    """Return the marginal velocity at time `t`: `(n, d)`; the best that a flow can learn.

    `path` maps a time to `a, s` and their derivatives; straight, `(t, 1 - t, 1, -1)`, unless told.
    """
    a, s, a_rate, s_rate = path(t) if path else (t, 1.0 - t, 1.0, -1.0)
    pulled, each = whitened(noised(mixture, a, s), x)
    data = mixture.means + a * np.einsum("kij,nkj->nki", mixture.covariances, pulled)  # (n, k, d)
    return np.einsum("nk,nki->ni", blame(each), a_rate * data + s_rate * s * pulled)
