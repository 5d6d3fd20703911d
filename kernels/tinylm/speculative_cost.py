"""What speculative decoding gains on a machine that serves many texts at once.

Provenance: Leviathan et al. 2023 (arXiv:2211.17192), §3.3 and §3.4: more arithmetic in the same
number of reads; steps and their times as in `kernels.cost`, after Pope et al. 2022
(arXiv:2211.05102), §2.

Seconds are what the datasheet allows, with arithmetic and memory overlapping perfectly: modelled,
never measured. `gamma` is the length of a draft, `batch` how many texts of `context` tokens are
written at once, by `devices` devices that share the work evenly and pay nothing for messages.
"""

from kernels.cost import counts, steps
from kernels.cost.configuration import Model
from kernels.cost.devices import Device
from kernels.cost.roofline import Work, times
from kernels.tinylm.speculative_theory import expected_tokens


def checking(model: Model, batch: int, context: int, gamma: int) -> Work:
    """Return the work of one run over `gamma` drafted tokens and one more in each of the texts.

    Arithmetic is that of `gamma + 1` tokens; weights are fetched once, and each text's cache once.
    """
    tokens = batch * (gamma + 1)
    flops = steps.decode(model, tokens, context).flops
    cache = batch * counts.cache_bytes(model, context)
    return Work(flops, 2.0 * steps.weights_read(model, tokens) + cache)


def run_seconds(model: Model, batch: int, context: int, gamma: int, device: Device, devices: int):
    """Return the seconds of that run; with a `gamma` of 0, those of one token without a draft."""
    return times(checking(model, batch, context, gamma), device, devices=devices).overlapped


def modelled_speed_up(
    target: Model,
    draft: Model,
    alpha: float,
    gamma: int,
    batch: int,
    context: int,
    device: Device,
    devices: int = 1,
) -> float:
    """Return how much faster text comes than without a draft.

    The draft writes `gamma` tokens one after another, each in a run of its own, then the target
    checks them; `alpha` is the share of drafted tokens that is kept.
    """
    plain = run_seconds(target, batch, context, 0, device, devices)
    drafting = gamma * run_seconds(draft, batch, context, 0, device, devices)
    check = run_seconds(target, batch, context, gamma, device, devices)
    return float(expected_tokens(alpha, gamma)) * plain / (drafting + check)
