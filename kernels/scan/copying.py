"""Selective copying: the task, and a model of two layers that selects, or can't.

Provenance: Gu and Dao 2023, Mamba (arXiv:2312.00752), §3.1 and Figure 2 for the task, Algorithms 1
and 2 for the two kinds of layer, §3.4 for the gated block around them, here without its short
convolution and with the plain root-mean-square norm.

A text is a zone in which a few letters stand anywhere among fillers, and after it one question mark
for each letter, at which the letters are to be said in their order. Tokens: 0 is the filler, 1 and
up are letters, the last one asks.
"""

from typing import NamedTuple

import numpy as np

from kernels.scan.selective import Selection, read, select, selective_states, silu

FILLER, ASK = ".", "?"
EPSILON = 1.2e-7  # PyTorch's rms_norm adds float32's step


class Trace(NamedTuple):
    """What one layer did: its steps `(batch, time, d_inner)` and its states, one axis more."""

    delta: np.ndarray
    states: np.ndarray


def alphabet(letters):
    """Return the signs of a task with that many letters, in the order of their tokens."""
    return FILLER + "abcdefghijklmnopqrstuvwxyz"[:letters] + ASK


def draw(generator, count, letters, kept, zone):
    """Draw texts `(count, zone + kept)` and what is to be said at the end of each: `kept` letters.

    Letters may repeat; every choice of places in the zone is as likely as every other.
    """
    answers = generator.integers(1, letters + 1, (count, kept))
    places = np.sort(generator.random((count, zone)).argsort(axis=1)[:, :kept], axis=1)
    tokens = np.zeros((count, zone + kept), dtype=np.int64)
    np.put_along_axis(tokens, places, answers, axis=1)
    tokens[:, zone:] = letters + 1
    return tokens, answers


def normalise(x):
    """Scale each vector to a root mean square of one."""
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + EPSILON)


def choose(a, p):
    """Return `delta`, `B` and `C`: read from each token where the layer has projections for it.

    `a` is `(batch, time, d_inner)`. A fixed layer has the same step and the same `B`, ones, at all
    times, and a `C` `(d_inner, d_state)` of its own for every channel.
    """
    if "w_b" in p:
        return select(a, p["w_b"], p["w_c"], p["w_down"], p["w_up"], p["bias"])
    delta = np.broadcast_to(np.logaddexp(0.0, p["bias"]), a.shape)
    return Selection(delta, np.ones((*a.shape[:2], p["A_log"].shape[1])), p["C"])


def layer(x, p):
    """Run one block, `x` `(batch, time, d_model)` in and out, and return its trace beside it."""
    a, z = np.split(normalise(x) @ p["in"], 2, axis=-1)
    a = silu(a)
    delta, B, C = choose(a, p)
    states = selective_states(a, delta, -np.exp(p["A_log"]), B)
    if C.ndim == 3:
        y = read(states, a, C, p["D"], z)
    else:
        y = (np.einsum("btdn,dn->btd", states, C) + p["D"] * a) * silu(z)
    return x + y @ p["out"], Trace(delta, states)


def layers_of(parameters):
    """Return each layer's own parameters, first layer first."""
    count = 1 + max(int(name.split(".")[0]) for name in parameters if "." in name)
    return [
        {name.split(".")[1]: v for name, v in parameters.items() if name.startswith(f"{i}.")}
        for i in range(count)
    ]


def forward(parameters, tokens):
    """Return the scores of all signs after each token, `(batch, time, signs)`, and the traces."""
    x, traces = parameters["embedding"][tokens], []
    for own in layers_of(parameters):
        x, trace = layer(x, own)
        traces.append(trace)
    return normalise(x) @ parameters["output"], traces


def widen(entries):
    """Return parameters that were kept as float16 as float64."""
    return {name: np.asarray(values, np.float64) for name, values in entries.items()}


def accuracy(parameters, tokens, answers):
    """Return the share of letters that come out right at the question marks."""
    scores, _ = forward(parameters, tokens)
    return float(np.mean(scores[:, -answers.shape[1] :].argmax(axis=-1) == answers))
