"""How far an average over a benchmark's tasks may be off: by the tasks that happened to be chosen.

Provenance: Efron 1979, Bootstrap Methods: Another Look at the Jackknife (Annals of Statistics 7).
"""

import numpy as np


def standard_error(values):
    """Return the standard error of the mean of one value a task."""
    values = np.asarray(values, float)
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def bootstrap_means(values, generator, draws=2000):
    """Return the means of `draws` samples of tasks, drawn with replacement: `(draws,)`."""
    values = np.asarray(values, float)
    return values[generator.integers(0, len(values), (draws, len(values)))].mean(axis=1)


def interval(values, generator, share=0.95, draws=2000):
    """Return the middle `share` of the bootstrap's means, lowest and highest."""
    tail = 50.0 * (1.0 - share)
    low, high = np.percentile(bootstrap_means(values, generator, draws), [tail, 100.0 - tail])
    return float(low), float(high)
