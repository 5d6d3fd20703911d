"""Train `copying`'s model with PyTorch: the same arithmetic, with gradients.

Provenance: as `copying`; AdamW is Loshchilov & Hutter 2019 (arXiv:1711.05101). Steps begin between
0.01 and 1, spread evenly on a logarithmic scale, so that some channels remember long.
"""

import math
import time

import numpy as np
import torch
from torch.nn.functional import cross_entropy, rms_norm, silu, softplus

from kernels.scan.copying import draw, layers_of


def first_parameters(generator, signs, d_model, d_inner, d_state, rank, layers, selective):
    """Draw a model's first parameters, by name, float32."""

    def normal(rows, columns):
        return generator.standard_normal((rows, columns)) / math.sqrt(rows)

    found = {"embedding": generator.standard_normal((signs, d_model))}
    for i in range(layers):
        steps = np.exp(generator.uniform(math.log(0.01), 0.0, d_inner))
        own = {
            "in": normal(d_model, 2 * d_inner),
            "out": normal(d_inner, d_model),
            "A_log": np.log(np.tile(np.arange(1.0, d_state + 1.0), (d_inner, 1))),
            "bias": steps + np.log(-np.expm1(-steps)),  # softplus gives the steps back
            "D": np.ones(d_inner),
        }
        if selective:
            own |= {
                "w_b": normal(d_inner, d_state),
                "w_c": normal(d_inner, d_state),
                "w_down": normal(d_inner, rank),
                "w_up": normal(rank, d_inner),
            }
        else:
            own["C"] = normal(d_state, d_inner).T
        found |= {f"{i}.{name}": values for name, values in own.items()}
    found["output"] = normal(d_model, signs)
    return {name: torch.tensor(v, dtype=torch.float32) for name, v in found.items()}


def scan(decay, driven):
    """Return `h[t] = decay[t] h[t-1] + driven[t]` along the second axis, step by step."""
    h, seen = torch.zeros_like(driven[:, 0]), []
    for a, b in zip(decay.unbind(1), driven.unbind(1), strict=True):
        h = torch.addcmul(b, a, h)
        seen.append(h)
    return torch.stack(seen, 1)


def convolve(a, answer):
    """Return the causal convolution of `a` `(batch, time, d)` with an answer `(d, time)`."""
    size = 2 * a.shape[1]
    spectrum = torch.fft.rfft(a, size, dim=1) * torch.fft.rfft(answer, size, dim=1).T
    return torch.fft.irfft(spectrum, size, dim=1)[:, : a.shape[1]]


def layer(x, p):
    """Run one block: `x` `(batch, time, d_model)` in and out."""
    a, z = (rms_norm(x, x.shape[-1:]) @ p["in"]).chunk(2, -1)
    a, A = silu(a), -torch.exp(p["A_log"])
    if "w_b" in p:
        delta = softplus(a @ p["w_down"] @ p["w_up"] + p["bias"])
        driven = (delta * a)[..., None] * (a @ p["w_b"])[:, :, None]
        states = scan(torch.exp(delta[..., None] * A), driven)
        y = torch.einsum("btdn,btn->btd", states, a @ p["w_c"])
    else:  # nothing depends on the token: one convolution for the whole text
        delta = softplus(p["bias"])[:, None]
        powers = torch.exp((delta * A)[..., None] * torch.arange(x.shape[1]))
        y = convolve(a, torch.einsum("dn,dnt->dt", p["C"] * delta, powers))
    return x + ((y + p["D"] * a) * silu(z)) @ p["out"]


def logits(parameters, tokens):
    """Return the scores of all signs after each token: `(batch, time, signs)`."""
    x = parameters["embedding"][tokens]
    for own in layers_of(parameters):
        x = layer(x, own)
    return rms_norm(x, x.shape[-1:]) @ parameters["output"]


def train(seed, task, shape, steps, batch, rate, selective, progress=lambda done: None):
    """Train from `seed`: the parameters as float64 arrays, losses every 50 steps, and seconds."""
    generator = np.random.default_rng(seed)
    parameters = first_parameters(generator, task["letters"] + 2, **shape, selective=selective)
    for values in parameters.values():
        values.requires_grad_()
    optimiser = torch.optim.AdamW(parameters.values(), lr=rate, weight_decay=0.01)
    curve, began = [], time.process_time()
    for t in range(steps):
        now = rate * min(1.0, (t + 1) / 50) * 0.5 * (1.0 + math.cos(math.pi * t / steps))
        optimiser.param_groups[0]["lr"] = now
        tokens, answers = (torch.tensor(x) for x in draw(generator, batch, **task))
        asked = logits(parameters, tokens)[:, task["zone"] :]
        loss = cross_entropy(asked.flatten(0, 1), answers.flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimiser.step()
        if t % 50 == 0:
            curve.append(round(loss.item(), 4))
            progress(t)
    arrays = {name: v.detach().numpy().astype(np.float64) for name, v in parameters.items()}
    return arrays, curve, time.process_time() - began
