"""Let a tiny language model speak by the thousand, and train it on pairs of replies by DPO.

Provenance: Rafailov et al. 2023, Direct Preference Optimization (arXiv:2305.18290), eq. 7; Adam is
Kingma & Ba 2015 (arXiv:1412.6980); low-rank corrections are Hu et al. 2021 (arXiv:2106.09685),
§4.1, with the factor that leaves the model as it was at first.

Arrays of replies are `(replies, tokens)`; all replies of a call follow one prompt.
"""

import numpy as np
import torch
from torch.nn.functional import logsigmoid, rms_norm, silu
from torch.nn.functional import scaled_dot_product_attention as attend

from kernels.attention.rotary import angles, frequencies
from kernels.policy.replies import adapted
from kernels.tinylm.training_torch import logits, rotate


def read(configuration, parameters, tokens, kept):
    """Read tokens `(replies, new)` after those in `kept`: what is expected after the last of them.

    `kept` holds each layer's keys and values so far, and takes the new ones.
    """
    c, (replies, new) = configuration, tokens.shape
    past = kept[0][0].shape[2] if kept else 0
    turns = angles(past + np.arange(new), frequencies(c.d_head, c.base))
    cos, sin = (torch.tensor(f(turns), dtype=torch.float32) for f in (np.cos, np.sin))
    x = parameters["embedding"][tokens]
    for i in range(c.layers):
        p = {name: parameters[f"{i}.{name}"] for name in ("norm_1", "norm_2", *"qkvo")}
        y = rms_norm(x, x.shape[-1:], p["norm_1"], c.epsilon)
        q, k, v = (
            (y @ p[name].T).view(replies, new, -1, c.d_head).transpose(1, 2) for name in "qkv"
        )
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if past:
            k, v = (torch.cat([old, now], 2) for old, now in zip(kept[i], (k, v), strict=True))
            kept[i] = (k, v)
        else:
            kept.append((k, v))
        mixed = attend(q, k, v, is_causal=new > 1, enable_gqa=c.groups != c.heads)
        x = x + mixed.transpose(1, 2).flatten(2) @ p["o"].T
        y = rms_norm(x, x.shape[-1:], p["norm_2"], c.epsilon)
        wide = silu(y @ parameters[f"{i}.gate"].T) * (y @ parameters[f"{i}.up"].T)
        x = x + wide @ parameters[f"{i}.down"].T
    x = rms_norm(x[:, -1], x.shape[-1:], parameters["norm"], c.epsilon)
    return x @ parameters["embedding" if c.tied else "output"].T


@torch.no_grad()
def speak(configuration, parameters, prompt, dice):
    """Draw a reply for each row of uniform numbers `dice`: tokens, and the log-probability of each.

    Both are `(replies, tokens)`. The same dice make two models say the same, as long as they can.
    """
    new, kept = torch.tensor(prompt).repeat(len(dice), 1), list[tuple]()
    tokens, likely = [], []
    for thrown in torch.from_numpy(dice.T.copy()):
        expected = read(configuration, parameters, new, kept).double().log_softmax(-1)
        running = expected.exp().cumsum(-1)
        new = (running < thrown[:, None] * running[:, -1:]).sum(-1, keepdim=True)
        tokens.append(new)
        likely.append(expected.gather(1, new))
    return torch.cat(tokens, 1).numpy(), torch.cat(likely, 1).numpy()


def log_probabilities(configuration, parameters, prompt, replies):
    """Return how likely each whole reply is, in nats: `(replies,)`, with gradients."""
    tokens = torch.as_tensor(replies)
    first = torch.tensor(prompt).repeat(len(tokens), 1)
    texts = torch.cat([first, tokens], 1)
    expected = logits(configuration, parameters, texts[:, :-1])[:, len(prompt) - 1 :]
    return expected.log_softmax(-1).gather(2, tokens[..., None])[..., 0].sum(1)


def first_corrections(configuration, parameters, rank, seed):
    """Return corrections of rank `rank` to what writes into the stream; they begin by adding 0."""
    generator, found = np.random.default_rng(seed), {}
    for i in range(configuration.layers):
        for name in (f"{i}.o", f"{i}.down"):
            outputs, inputs = parameters[name].shape
            down = generator.standard_normal((rank, inputs)) / np.sqrt(inputs)
            found[f"{name}.up"] = torch.zeros(outputs, rank, requires_grad=True)
            found[f"{name}.down"] = torch.tensor(down, dtype=torch.float32, requires_grad=True)
    return found


def train(model, batches, beta, corrections, rate, look):
    """Learn from batches of `(prompt, chosen, rejected, their reference's log-ratio)`.

    `chosen` and `rejected` are `(pairs, tokens)`. Calls `look(step)` before each step and after the
    last, and changes the corrections in place.
    """
    configuration, parameters = model
    adam = torch.optim.Adam(list(corrections.values()), lr=rate)
    for step, (prompt, chosen, rejected, base) in enumerate(batches):
        look(step)
        changed = adapted(parameters, corrections)
        both = np.concatenate([chosen, rejected])
        found = log_probabilities(configuration, changed, prompt, both)
        ratio = found[: len(chosen)] - found[len(chosen) :] - torch.as_tensor(base)
        loss = -logsigmoid(beta * ratio).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    look(step + 1)
