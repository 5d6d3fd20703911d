"""Train a tiny decoder with PyTorch: the same arithmetic as `transformer`, with gradients.

Provenance: cross entropy on the next token as Radford et al. 2018 (GPT-1), eq. 1; Muon as
`kernels.autodiff.muon` has it, with the scaling of Liu et al. 2025 (arXiv:2502.16982), §2.2, in
float32; AdamW is Loshchilov & Hutter 2019 (arXiv:1711.05101); a draft learns from a target's whole
distribution as Hinton et al. 2015 (arXiv:1503.02531), at temperature one; the rates' plateau and
cooling are Hägele et al. 2024 (arXiv:2405.18392).

Every random choice follows from the seed and the step's number, so that a run that was stopped and
goes on from its checkpoint ends with the same weights as one that was not.
"""

import time
from dataclasses import asdict, dataclass, replace
from zlib import crc32

import numpy as np
import torch
from torch.nn.functional import cross_entropy, gelu, kl_div, log_softmax, rms_norm, silu
from torch.nn.functional import scaled_dot_product_attention as attend

from kernels.attention.rotary import angles, frequencies
from kernels.autodiff.muon import COEFFICIENTS, shape_scale
from kernels.tinylm.configuration import draw


@dataclass(frozen=True)
class Plan:
    """How to train: how much text, how fast, how often to look."""

    steps: int
    batch: int = 16  # windows of the model's context a step
    rate: float = 3e-3  # AdamW's, for embeddings and gains
    muon_rate: float = 1e-2  # Muon's, for the matrices between
    warm_up: int = 50  # steps of climbing rates
    cool: float = 0.3  # share of the steps in which they fall to nothing
    decay: float = 0.1
    look: int = 100  # steps between two looks at the validation text
    seed: int = 0


def rotate(x, cos, sin):
    """Turn neighbouring pairs of `(..., time, d_head)` by angles `(time, d_head / 2)`."""
    first, second = x[..., 0::2], x[..., 1::2]
    return torch.stack([first * cos - second * sin, first * sin + second * cos], -1).flatten(-2)


def logits(configuration, parameters, tokens):
    """Return what is expected after each token: `(batch, time, vocabulary)`."""
    c, (batch, time_) = configuration, tokens.shape
    turns = angles(np.arange(time_), frequencies(c.d_head, c.base))
    cos, sin = (torch.tensor(f(turns), dtype=torch.float32) for f in (np.cos, np.sin))
    x = parameters["embedding"][tokens]  # (batch, time, d_model)

    def heads(y, count):
        return y.view(batch, time_, count, c.d_head).transpose(1, 2)

    for i in range(c.layers):
        p = {name: parameters[f"{i}.{name}"] for name in ("norm_1", "norm_2", *"qkvo")}
        y = rms_norm(x, x.shape[-1:], p["norm_1"], c.epsilon)
        q, k = heads(y @ p["q"].T, c.heads), heads(y @ p["k"].T, c.groups)
        q, k, v = rotate(q, cos, sin), rotate(k, cos, sin), heads(y @ p["v"].T, c.groups)
        mixed = attend(q, k, v, is_causal=True, enable_gqa=c.groups != c.heads)
        x = x + mixed.transpose(1, 2).flatten(2) @ p["o"].T
        y = rms_norm(x, x.shape[-1:], p["norm_2"], c.epsilon)
        wide = y @ parameters[f"{i}.up"].T
        if c.activation == "swiglu":
            wide = silu(y @ parameters[f"{i}.gate"].T) * wide
        else:
            wide = gelu(wide, approximate="tanh")
        x = x + wide @ parameters[f"{i}.down"].T
    table = parameters["embedding" if c.tied else "output"]
    return rms_norm(x, x.shape[-1:], parameters["norm"], c.epsilon) @ table.T


def loss_of(configuration, parameters, windows):
    """Return the mean surprise at every token but the first of each window, in nats."""
    found = logits(configuration, parameters, windows[:, :-1])
    return cross_entropy(found.flatten(0, 1), windows[:, 1:].flatten())


def distance_of(configuration, parameters, windows, teacher):
    """Return the mean divergence of a model from its teacher, in nats: `KL(teacher || model)`."""
    with torch.no_grad():
        wanted = log_softmax(logits(teacher[0], teacher[1], windows[:, :-1]), -1).flatten(0, 1)
    found = log_softmax(logits(configuration, parameters, windows[:, :-1]), -1).flatten(0, 1)
    return kl_div(found, wanted, reduction="batchmean", log_target=True)


def orthogonalise(matrices, steps=5):
    """Bring the singular values of a stack `(count, rows, columns)` near one, as Muon does."""
    a, b, c = COEFFICIENTS
    x = matrices.mT if matrices.shape[1] > matrices.shape[2] else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if matrices.shape[1] > matrices.shape[2] else x


class Optimiser:
    """Muon for the matrices of layers, all of one shape at once; AdamW for everything else."""

    def __init__(self, parameters, plan):
        """Take the parameters, which steps change in place."""
        self.parameters, self.plan = parameters, plan
        self.state = {name: torch.zeros_like(p) for name, p in parameters.items()}
        self.shapes: dict[tuple[int, ...], list[str]] = {}
        rest = []
        for name, p in parameters.items():
            if p.ndim == 2 and "." in name:
                self.shapes.setdefault(tuple(p.shape), []).append(name)
            else:
                rest.append(p)
        self.adam = torch.optim.AdamW(rest, lr=plan.rate, betas=(0.9, 0.95), weight_decay=0.0)

    @torch.no_grad()
    def step(self, share, keep=0.95):
        """Take one step with `share` of the plan's rates, and forget the gradients."""
        self.adam.param_groups[0]["lr"] = self.plan.rate * share
        self.adam.step()
        rate = self.plan.muon_rate * share
        for shape, names in self.shapes.items():
            for name in names:
                self.state[name].mul_(keep).add_(self.parameters[name].grad)
            ahead = [self.parameters[name].grad + keep * self.state[name] for name in names]
            for name, move in zip(names, orthogonalise(torch.stack(ahead)), strict=True):
                self.parameters[name].mul_(1.0 - rate * self.plan.decay)
                self.parameters[name].sub_(rate * shape_scale(shape, "adam") * move)
        for p in self.parameters.values():
            p.grad = None


def cooling(plan):
    """Return the step at which the rates begin to fall."""
    return plan.steps - round(plan.cool * plan.steps)


def schedule(step, plan):
    """Return the share of the rates at a step: a climb, a plateau, and a straight way down.

    Unlike half a cosine it doesn't need to know the end before it cools: a run can be made longer
    or shorter from any checkpoint on the plateau, and one plateau serves runs of many lengths.
    """
    left = (plan.steps - step) / (plan.steps - cooling(plan) + 1)
    return min((step + 1) / plan.warm_up, left, 1.0)


class Text:
    """Windows of a text to learn from, and of another to be judged by; both are tokens `(time,)`.

    With `once` the windows are disjoint and none comes back, so that nothing is read twice; a plan
    longer than the text then raises `ValueError`.
    """

    def __init__(self, text, validation, once=False, windows=32):
        """Take the tokens, and how many windows of the validation text to judge by."""
        self.text, self.validation = np.asarray(text, np.int64), np.asarray(validation, np.int64)
        self.once, self.windows = once, windows
        self.mark = crc32(self.text.tobytes())

    def batch(self, configuration, plan, step):
        """Return the windows of a step: `(batch, context + 1)`."""
        context = configuration.context
        if self.once:
            order = np.random.default_rng(plan.seed).permutation((len(self.text) - 1) // context)
            starts = context * order[step * plan.batch : (step + 1) * plan.batch]
            if len(starts) < plan.batch:
                raise ValueError(f"the text ends before {plan.steps} steps of {plan.batch} windows")
        else:
            dice = np.random.default_rng([plan.seed, step])
            starts = dice.integers(0, len(self.text) - context, plan.batch)
        return torch.from_numpy(self.text[starts[:, None] + np.arange(context + 1)])

    @torch.no_grad()
    def look(self, configuration, parameters):
        """Return the loss on windows spread over the validation text, always the same ones."""
        context, text = configuration.context, self.validation
        starts = np.linspace(0, len(text) - context - 1, self.windows).astype(int)
        taken = torch.from_numpy(text[starts[:, None] + np.arange(context + 1)])
        return {"validation": float(loss_of(configuration, parameters, taken))}


def first_parameters(configuration, seed):
    """Return parameters as `configuration.draw` has them, as float32 tensors with gradients."""
    drawn = draw(np.random.default_rng(seed), configuration)
    return {
        name: torch.tensor(values, dtype=torch.float32, requires_grad=True)
        for name, values in drawn.items()
    }


def save(path, contents):
    """Write a checkpoint whole: under another name first, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(contents, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def restore(checkpoint, mark, plan, parameters, optimiser):
    """Put a checkpoint's numbers in place; return the steps done, the curve and the time spent."""
    if checkpoint is None or not checkpoint.exists():
        return 0, [], [0.0, 0.0]
    kept = torch.load(checkpoint, weights_only=True)
    other = Plan(**kept["plan"])
    longer = replace(other, steps=plan.steps) == plan
    if kept["mark"] != mark or not (
        other == plan or (longer and kept["step"] <= min(cooling(plan), cooling(other)))
    ):
        raise ValueError(f"{checkpoint.name} is of another plan: remove it to begin anew")
    optimiser.adam.load_state_dict(kept["adam"])
    optimiser.state = kept["muon"]
    with torch.no_grad():
        for name, p in parameters.items():
            p.copy_(kept["parameters"][name])
    return kept["step"], kept["curve"], kept["spent"]


def train(configuration, plan, task, checkpoint=None, teacher=None, progress=None, stop=None):
    """Train a model; return its parameters as arrays, and a record.

    `task` is a `Text` or has its `mark`, `batch` and `look`. The record has `curve` (a dictionary
    a look: steps, tokens, mean training loss since the last look in nats a token, and what `look`
    found), `seconds` and `cpu_seconds`, those before a stop included. `checkpoint` is a file that
    is written at every look and gone on from; one of another plan, shape or text raises
    `ValueError`. `teacher` is a configuration and tensors to learn from in place of the text's own
    next tokens. `progress(step, steps, note)` is told of every look; `stop` ends early.
    """
    mark = {"configuration": asdict(configuration), "text": task.mark}
    parameters = first_parameters(configuration, plan.seed)
    optimiser = Optimiser(parameters, plan)
    done, curve, spent = restore(checkpoint, mark, plan, parameters, optimiser)
    start, losses = (time.perf_counter() - spent[0], time.process_time() - spent[1]), []
    end = plan.steps if stop is None else stop
    for step in range(done, end):
        windows = task.batch(configuration, plan, step)
        if teacher is None:
            loss = loss_of(configuration, parameters, windows)
        else:
            loss = distance_of(configuration, parameters, windows, teacher)
        loss.backward()
        optimiser.step(schedule(step, plan))
        losses.append(loss.item())
        if (step + 1) % plan.look and step + 1 != end:
            continue
        row = {"step": step + 1, "tokens": (step + 1) * plan.batch * configuration.context}
        row |= {"training": sum(losses) / len(losses)} | task.look(configuration, parameters)
        curve, losses = [*curve, row], []
        spent = [time.perf_counter() - start[0], time.process_time() - start[1]]
        if checkpoint is not None:
            kept = {
                "mark": mark,
                "plan": asdict(plan),
                "step": step + 1,
                "curve": curve,
                "spent": spent,
            }
            kept |= {"adam": optimiser.adam.state_dict(), "muon": optimiser.state}
            save(checkpoint, kept | {"parameters": {n: p.data for n, p in parameters.items()}})
        if progress is not None:
            progress(step + 1, plan.steps, f"training {row['training']:.3f}")
    arrays = {name: p.detach().numpy().copy() for name, p in parameters.items()}
    return arrays, {"curve": curve, "seconds": spent[0], "cpu_seconds": spent[1]}
