"""The memory that training a model takes beside its activations, whole or shared out.

Provenance: Rajbhandari et al. 2020, ZeRO (arXiv:1910.02054), §3.1, §5, §7 and Figure 1.

Mixed precision with Adam keeps, for each parameter, two bytes of weight, two of gradient, and
twelve of optimiser state: a four-byte copy of the weight, a mean and a variance.
"""

from typing import NamedTuple

WEIGHT, GRADIENT, OPTIMISER = 2, 2, 12  # bytes a parameter
STAGES = ("everywhere", "optimiser shared", "gradients too", "weights too")


class State(NamedTuple):
    """Bytes on each device."""

    weights: float
    gradients: float
    optimiser: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self)


def state_bytes(parameters: float, devices: int, stage: int) -> State:
    """Return what each of `devices` keeps at a ZeRO stage, 0 for none of it shared.

    Stage 1 shares out the optimiser's state, 2 the gradients as well, 3 the weights as well.
    Raises `ValueError` for another stage.
    """
    if stage not in range(len(STAGES)):
        raise ValueError(f"ZeRO has the stages 0 to 3, not {stage}")
    return State(
        WEIGHT * parameters / (devices if stage >= 3 else 1),
        GRADIENT * parameters / (devices if stage >= 2 else 1),
        OPTIMISER * parameters / (devices if stage >= 1 else 1),
    )


def numbers_sent(parameters: float, devices: int, stage: int) -> float:
    """Return how many numbers each device sends in one training step, by rings (§7).

    Gradients are reduced and scattered, then gradients or weights gathered; at stage 3 the weights
    are gathered twice, forward and backward. Raises `ValueError` for another stage.
    """
    if stage not in range(len(STAGES)):
        raise ValueError(f"ZeRO has the stages 0 to 3, not {stage}")
    passes = 3 if stage == 3 else 2
    return passes * parameters * (devices - 1) / devices


def largest_model(memory: float, devices: int, stage: int) -> float:
    """Return how many parameters fit where each device has `memory` bytes for this state."""
    return memory / state_bytes(1.0, devices, stage).total
