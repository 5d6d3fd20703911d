"""Tasks of different difficulty: what pass@k and pass^k become when chances follow a beta law.

Provenance: the beta-binomial law is Skellam 1948, A Probability Distribution Derived from the
Binomial Distribution by Regarding the Probability of Success as Variable between the Sets of Trials
(J. R. Stat. Soc. B 10). The moments are the law's own.

A law has a `mean` and a `spread` between nought and one: the correlation of two trials of one task.
At nought all tasks are alike; at one a task is solved always or never. With `0 < spread < 1` the
parameters are `a = mean * s` and `b = (1 - mean) * s`, where `s = 1 / spread - 1`.
"""

import numpy as np


def moments(mean, spread, k):
    """Return `E[p ** j]` for `j` from one to `k`, which is pass^j: `(k,)`."""
    j = np.arange(1, k)  # (a + j) / (a + b + j), both times the spread
    further = (mean * (1.0 - spread) + j * spread) / (1.0 - spread + j * spread)
    return np.cumprod(np.concatenate([[float(mean)], further]))


def pass_hat(mean, spread, k):
    """Return the chance that all of `k` trials succeed, averaged over the law's tasks."""
    return float(moments(mean, spread, k)[-1])


def pass_at(mean, spread, k):
    """Return the chance that at least one of `k` trials succeeds, averaged likewise."""
    return 1.0 - float(moments(1.0 - mean, spread, k)[-1])


def fitted(first, second):
    """Return the spread that a mean and a second moment give: `(E[p²] - E[p]²) / (E[p] - E[p]²)`.

    What pass^2 exceeds the square of pass^1 by is the variance of the chances between tasks.
    """
    return float((second - first**2) / (first - first**2))


def chances(mean, spread, tasks, points=4000):
    """Return the chances of `tasks` tasks at even quantiles of the law, lowest first: `(tasks,)`.

    The quantiles come from a sum over even steps of the logit, good to two digits. Below a spread
    of 0.001 all tasks count as alike.
    """
    wanted = (np.arange(tasks) + 0.5) / tasks
    if spread < 1e-3:
        return np.full(tasks, float(mean))
    if spread >= 1.0:
        return (wanted > 1.0 - mean).astype(float)
    s = 1.0 / spread - 1.0
    a, b = mean * s, (1.0 - mean) * s
    reach = 12.0 + 30.0 / min(a, b)
    logit = np.linspace(-reach, reach, points)
    with np.errstate(under="ignore"):  # far out, chances are too small for a float
        logs = -a * np.logaddexp(0.0, -logit) - b * np.logaddexp(0.0, logit)
        weights = np.exp(logs - logs.max())  # p^a (1 - p)^b, for dp = p (1 - p) d(logit)
        p = np.exp(-np.logaddexp(0.0, -logit))
        return np.interp(wanted, (np.cumsum(weights) - 0.5 * weights) / weights.sum(), p)
