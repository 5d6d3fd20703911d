"""Rules that turn a gradient into a step: `(w, g, state, rate, …)` to the next `(w, state)`.

Provenance: momentum is Rumelhart, Hinton & Williams 1986 (doi:10.1038/323533a0), eq. 9; RMSProp is
Tieleman & Hinton 2012, COURSERA lecture 6.5; Adam is Kingma & Ba 2015 (arXiv:1412.6980), Algorithm
1; AdamW is Loshchilov & Hutter 2019 (arXiv:1711.05101), Algorithm 2; clipping is Pascanu et al.
2013 (arXiv:1211.5063), Algorithm 1.

`w` and `g` are a parameter and its gradient, arrays of one shape. `state` is what a rule remembers
from step to step: `None` before the first, and never changed in place. `rate` is the step size.
"""

import numpy as np


def sgd(w, g, state, rate):
    """Step against the gradient."""
    return w - rate * g, state


def momentum(w, g, state, rate, keep=0.9):
    """Step by a running sum of gradients that keeps the share `keep` of itself.

    The state is the last step taken, `delta`.
    """
    delta = -rate * g if state is None else keep * state - rate * g
    return w + delta, delta


def rmsprop(w, g, state, rate, keep=0.9, epsilon=1e-8):
    """Divide the gradient by the root of the running mean of its square.

    The state is that running mean, `v`.
    """
    v = (1.0 - keep) * g**2 if state is None else keep * state + (1.0 - keep) * g**2
    return w - rate * g / (np.sqrt(v) + epsilon), v


def moments(g, state, beta1, beta2):
    """Update Adam's running means `m` of gradients and `v` of squares, and its step count `t`."""
    m, v, t = (np.zeros_like(g), np.zeros_like(g), 0) if state is None else state
    m = beta1 * m + (1.0 - beta1) * g
    v = beta2 * v + (1.0 - beta2) * g**2
    return m, v, t + 1


def correct_bias(mean, beta, t):
    """Undo the pull towards zero of a running mean that started at zero `t` steps ago (§3)."""
    return mean / (1.0 - beta**t)


def adam_direction(m, v, t, beta1, beta2, epsilon):
    """Return Adam's step at rate 1: the corrected mean over the root of the corrected square."""
    m_hat = correct_bias(m, beta1, t)
    v_hat = correct_bias(v, beta2, t)
    return -m_hat / (np.sqrt(v_hat) + epsilon)


def adam(w, g, state, rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Step by about `rate` in each element, whatever the size of its gradients."""
    m, v, t = moments(g, state, beta1, beta2)
    return w + rate * adam_direction(m, v, t, beta1, beta2, epsilon), (m, v, t)


def adamw(w, g, state, rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.01):
    """Adam, and apart from it shrink each parameter by the share `rate * decay`.

    The paper's lambda is `rate * decay` here, as in the libraries.
    """
    m, v, t = moments(g, state, beta1, beta2)
    step = rate * adam_direction(m, v, t, beta1, beta2, epsilon)
    return w * (1.0 - rate * decay) + step, (m, v, t)


def clip_by_norm(gradients, most):
    """Scale all gradients, a dictionary, so that together their length is at most `most`."""
    length = np.sqrt(sum(float((g**2).sum()) for g in gradients.values()))
    if length <= most:
        return gradients
    return {name: g * (most / length) for name, g in gradients.items()}


def warmup_cosine(t, rate, warmup, steps, floor=0.0):
    """Return the rate of step `t`, from 0: up a line for `warmup` steps, then down half a cosine.

    The peak is `rate`; at the step `steps` it has come down to `floor`. As in Loshchilov & Hutter
    2017 (arXiv:1608.03983), eq. 5, without restarts.
    """
    if t < warmup:
        return rate * (t + 1) / warmup
    turned = np.pi * min(1.0, (t - warmup) / max(1, steps - warmup))
    return floor + 0.5 * (rate - floor) * (1.0 + np.cos(turned))
