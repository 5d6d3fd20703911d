"""How far apart two clouds of points lie, as four papers measure it.

Provenance: maximum mean discrepancy is Gretton et al. 2012, A kernel two-sample test (JMLR 13),
eq. 3; energy distance is Székely & Rizzo 2013 (doi:10.1016/j.jspi.2013.03.018); sliced Wasserstein
is Bonneel et al. 2015 (doi:10.1007/s10851-014-0506-3); the Fréchet distance of Gaussians is Heusel
et al. 2017 (arXiv:1706.08500), eq. 6.

Points are `(n, d)` and `(m, d)`. All are estimates: also between two draws from one law they are
not zero, so say what they are there.
"""

import numpy as np


def lengths(x, y):
    """Return the distance of each point of one cloud from each of the other: `(n, m)`."""
    squares = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1) - 2.0 * x @ y.T
    return np.sqrt(np.maximum(squares, 0.0))


def without_itself(square):
    """Average a matrix `(n, n)` but for its diagonal."""
    n = len(square)
    return (square.sum() - np.trace(square)) / (n * (n - 1))


def energy(x, y):
    """Return the energy distance squared, `2 E|X - Y| - E|X - X'| - E|Y - Y'|`, without bias.

    May come out slightly below zero.
    """
    within = without_itself(lengths(x, x)) + without_itself(lengths(y, y))
    return float(2.0 * lengths(x, y).mean() - within)


def median_length(x, y):
    """Return the median distance between the clouds, a usual width for the kernel below."""
    return float(np.median(lengths(x, y)))


def discrepancy(x, y, width):
    """Return the squared maximum mean discrepancy under a Gaussian kernel, without bias.

    May come out slightly below zero.
    """

    def kernel(a, b):
        return np.exp(-0.5 * (lengths(a, b) / width) ** 2)

    within = without_itself(kernel(x, x)) + without_itself(kernel(y, y))
    return float(within - 2.0 * kernel(x, y).mean())


def wasserstein_line(x, y):
    """Return the squared 2-Wasserstein distance on a line: `(n, k)` and `(m, k)` to `(k,)`.

    Sorted, the points pair up; where numbers differ, at the quantiles of the smaller cloud.
    """
    n = min(len(x), len(y))
    at = (np.arange(n) + 0.5) / n
    x, y = (np.quantile(each, at, axis=0, method="hazen") for each in (x, y))
    return ((x - y) ** 2).mean(axis=0)


def sliced_wasserstein(x, y, generator, directions=64):
    """Return the root mean square 2-Wasserstein distance over random directions."""
    slices = generator.normal(size=(x.shape[1], directions))
    slices /= np.linalg.norm(slices, axis=0)
    return float(np.sqrt(wasserstein_line(x @ slices, y @ slices).mean()))


def root(matrix):
    """Return the square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def gaussian_frechet(mean_x, covariance_x, mean_y, covariance_y):
    """Return the squared Fréchet (2-Wasserstein) distance of two Gaussians."""
    half = root(covariance_x)
    crossed = np.trace(root(half @ covariance_y @ half))
    spread = np.trace(covariance_x) + np.trace(covariance_y) - 2.0 * crossed
    return float(((mean_x - mean_y) ** 2).sum() + max(spread, 0.0))


def frechet(x, y):
    """Return the squared Fréchet distance of the Gaussians fitted to two clouds.

    Biased upwards, the more so the fewer the points: compare clouds of one size only.
    """
    return gaussian_frechet(
        x.mean(axis=0), np.cov(x, rowvar=False), y.mean(axis=0), np.cov(y, rowvar=False)
    )


def nearest(x, y):
    """Return the distance of each point of `x` from the nearest of `y`: `(n,)`."""
    return lengths(x, y).min(axis=1)
