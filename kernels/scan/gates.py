"""Gated recurrent cells: what to forget, what to write, what to show, one token at a time.

Provenance: Hochreiter and Schmidhuber 1997, Long Short-Term Memory (Neural Computation 9:8); Gers
et al. 2000, Learning to Forget (Neural Computation 12:10), for the forget gate; Cho et al. 2014
(arXiv:1406.1078) for the gated recurrent unit, here in the form with the reset after the product.

Inputs are `(batch, d_in)`, states `(batch, d)`; weights are stacked gate below gate, as PyTorch has
them: `w_x` `(gates * d, d_in)`, `w_h` `(gates * d, d)`, `bias` `(gates * d,)`.
"""

from typing import NamedTuple

import numpy as np


class LSTMState(NamedTuple):
    """What is shown, `h`, and what is kept, `c`: both `(batch, d)`."""

    h: np.ndarray
    c: np.ndarray


def sigmoid(x):
    """Squash any real number to between zero and one."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def lstm_gates(x, h, w_x, w_h, bias):
    """Return input, forget and output gates and the proposal, each `(batch, d)`."""
    i, f, g, o = np.split(x @ w_x.T + h @ w_h.T + bias, 4, axis=-1)
    return sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)


def update_cell(c, i, f, g):
    """Forget, then write: `f c + i g`.

    For gates that don't look at `h` this is the linear recurrence of `linear`. The gradient to the
    past is `f`, without a matrix: it lives where `f` is near one.
    """
    return f * c + i * g


def lstm_cell(x, state, w_x, w_h, bias):
    """Take one step: the new state."""
    i, f, o, g = lstm_gates(x, state.h, w_x, w_h, bias)
    c = update_cell(state.c, i, f, g)
    return LSTMState(o * np.tanh(c), c)


def lstm(xs, w_x, w_h, bias):
    """Run over `xs` `(time, batch, d_in)` from zeros: all `h` and all `c`, `(time, batch, d)`."""
    nothing = np.zeros((xs.shape[1], w_h.shape[1]))
    state, seen = LSTMState(nothing, nothing), []
    for x in xs:
        state = lstm_cell(x, state, w_x, w_h, bias)
        seen.append(state)
    h, c = (np.array(part) for part in zip(*seen, strict=True))
    return LSTMState(h, c)


def gru_cell(x, h, w_x, w_h, bias_x, bias_h):
    """Take one step of a gated recurrent unit: the new `h`, between the old one and a proposal."""
    read_x = np.split(x @ w_x.T + bias_x, 3, axis=-1)
    read_h = np.split(h @ w_h.T + bias_h, 3, axis=-1)
    reset, keep = sigmoid(read_x[0] + read_h[0]), sigmoid(read_x[1] + read_h[1])
    proposal = np.tanh(read_x[2] + reset * read_h[2])
    return keep * h + (1.0 - keep) * proposal


def forget_bias(bias, value=1.0):
    """Start the forget gate open: the LSTM's `bias` with `value` added to its second quarter."""
    i, f, g, o = np.split(np.array(bias, dtype=float), 4)
    return np.concatenate([i, f + value, g, o])


def memory_left(f):
    """Return how much of the first cell is left after each step: the running product of `f`.

    `f` is `(time, ...)`; so long is the gradient's reach through the cells alone.
    """
    return np.cumprod(f, axis=0)
