"""The selective scan: a state space whose step, input and output depend on the token.

Provenance: Gu and Dao 2023, Mamba (arXiv:2312.00752), eq. 4 for the zero-order hold, Algorithm 2
for what depends on the input, Theorem 1 for the gate; the simpler `delta * B` is what the authors'
code computes (state-spaces/mamba, `selective_scan_ref`).

`x` and `delta` are `(batch, time, d_inner)`, `A` `(d_inner, d_state)`, its entries below zero,
`B` and `C` `(batch, time, d_state)`. Every channel of `d_inner` has `d_state` states of its own;
channels share `B` and `C`.
"""

from typing import NamedTuple

import numpy as np

from kernels.scan.linear import chunked, sequential


class Selection(NamedTuple):
    """What a layer reads from its input: `delta` `(batch, time, d_inner)`, `B` and `C`."""

    delta: np.ndarray
    B: np.ndarray
    C: np.ndarray


def softplus(x):
    """Return `log(1 + exp(x))`, above zero: how long a step is."""
    return np.logaddexp(0.0, x)


def silu(x):
    """Return `x * sigmoid(x)`, Mamba's gate."""
    return x * 0.5 * (1.0 + np.tanh(0.5 * x))


def select(x, w_b, w_c, w_down, w_up, bias):
    """Project each token to its own `delta`, `B` and `C` (Algorithm 2).

    `w_b` and `w_c` are `(d_inner, d_state)`; the step goes through a narrow middle, `w_down`
    `(d_inner, rank)` and `w_up` `(rank, d_inner)`, and `bias` is `(d_inner,)`.
    """
    return Selection(softplus(x @ w_down @ w_up + bias), x @ w_b, x @ w_c)


def hold(delta, A, B):
    """Discretise exactly for an input that stays the same during a step (eq. 4).

    Returns `exp(ΔA)` and `(ΔA)⁻¹ (exp(ΔA) - 1) ΔB`, both `(batch, time, d_inner, d_state)`.
    """
    exponent = delta[..., None] * A
    return np.exp(exponent), np.expm1(exponent) / A * B[..., None, :]


def simple(delta, A, B):
    """Discretise as the authors' code does: `exp(ΔA)` and `ΔB`, the first order of `hold`."""
    return np.exp(delta[..., None] * A), delta[..., None] * B[..., None, :]


def selective_states(x, delta, A, B, discretise=simple, chunk=None):
    """Return all states: `(batch, time, d_inner, d_state)`.

    One step after another, or in chunks of `chunk` steps.
    """
    decay, gain = discretise(delta, A, B)
    decay, driven = np.moveaxis(decay, 1, 0), np.moveaxis(gain * x[..., None], 1, 0)
    h = sequential(decay, driven) if chunk is None else chunked(decay, driven, chunk)
    return np.moveaxis(h, 0, 1)


def read(h, x, C, D=None, z=None):
    """Turn states into outputs: `Σ h C`, past them `D x`, and all through the gate of `z`.

    `D` is `(d_inner,)` and `z` `(batch, time, d_inner)`; either may be left out.
    """
    y = np.einsum("...dn,...n->...d", h, C)
    y = y if D is None else y + D * x
    return y if z is None else y * silu(z)


def selective_scan(x, delta, A, B, C, D=None, z=None, discretise=simple, chunk=None):
    """Run the layer's core over a sequence: `(batch, time, d_inner)`."""
    return read(selective_states(x, delta, A, B, discretise, chunk), x, C, D, z)


def step(h, x, delta, A, B, C, D=None, z=None, discretise=simple):
    """Take one token more: the new state `(batch, d_inner, d_state)` and `y` `(batch, d_inner)`.

    Arguments are as in `selective_scan` without the axis of time: what generation keeps of the past
    is `h` alone, however long it was.
    """
    decay, gain = discretise(delta, A, B)
    h = decay * h + gain * x[..., None]
    return h, read(h, x, C, D, z)


def real_start(d_inner, d_state):
    """Return Mamba's first `A`, the S4D-Real one: `-1 … -d_state` in every channel."""
    return -np.tile(np.arange(1.0, d_state + 1.0), (d_inner, 1))


def as_gate(x, logit):
    """Return the states of Theorem 1: `h = (1 - g) h + g x`, `g = sigmoid(logit)`.

    `selective_states` with `hold`, one state, `A = -1`, `B = 1` and `delta = softplus(logit)` is
    this very recurrence: the step size is a forget gate. Both are `(batch, time, d_inner)`.
    """
    g = np.moveaxis(0.5 * (1.0 + np.tanh(0.5 * logit)), 1, 0)
    return np.moveaxis(sequential(1.0 - g, g * np.moveaxis(x, 1, 0)), 0, 1)
