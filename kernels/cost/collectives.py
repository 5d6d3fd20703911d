"""What devices send one another: steps and bytes of collective operations, and their time.

Provenance: Thakur, Rabenseifner and Gropp 2005, Optimization of Collective Communication Operations
in MPICH (Int. J. High Performance Computing Applications 19(1)); Patarasuk and Yuan 2009, Bandwidth
Optimal All-reduce Algorithms (J. Parallel and Distributed Computing 69(2)), for the ring.

The alpha-beta model: a message of `n` bytes takes `latency + n / bandwidth` seconds, and a device
sends one and receives one at a time. `size` is always the whole array, as it is before a
reduce-scatter or after an all-gather.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Collective:
    """Messages that wait for one another, and the bytes that the busiest device sends in them."""

    steps: int
    sent: float

    def __add__(self, other: "Collective") -> "Collective":
        """Do one after the other."""
        return Collective(self.steps + other.steps, self.sent + other.sent)

    def time(self, latency: float, bandwidth: float) -> float:
        """Return seconds: `latency` for each step, and the bytes at `bandwidth` bytes a second."""
        return self.steps * latency + self.sent / bandwidth


def rounds(devices: int) -> int:
    """Return how often `devices` can be halved until one is left, rounded up."""
    if devices < 1:
        raise ValueError(f"a collective needs a device, not {devices}")
    return (devices - 1).bit_length()


def ring_reduce_scatter(devices: int, size: float) -> Collective:
    """Each device ends with the sum of its own share: a share a step goes round the ring."""
    return Collective(devices - 1, (devices - 1) * size / devices)


def ring_all_gather(devices: int, size: float) -> Collective:
    """Each device ends with every share: the same way round, without adding."""
    return Collective(devices - 1, (devices - 1) * size / devices)


def ring_all_reduce(devices: int, size: float) -> Collective:
    """Every device ends with the whole sum: a reduce-scatter, then an all-gather.

    The bytes sent hardly grow with the devices, the steps do.
    """
    return ring_reduce_scatter(devices, size) + ring_all_gather(devices, size)


def tree_broadcast(devices: int, size: float) -> Collective:
    """Whoever has the array hands it on, so that twice as many have it after each step."""
    return Collective(rounds(devices), rounds(devices) * size)


def tree_all_reduce(devices: int, size: float) -> Collective:
    """Sum up a binomial tree to one device, then broadcast: few steps, the whole array in each."""
    return Collective(2 * rounds(devices), 2 * rounds(devices) * size)


def doubling_all_reduce(devices: int, size: float) -> Collective:
    """Exchange and add whole arrays with partners ever further away (recursive doubling).

    Raises `ValueError` unless `devices` is a power of two.
    """
    halving_steps = power_of_two(devices)
    return Collective(halving_steps, halving_steps * size)


def halving_all_reduce(devices: int, size: float) -> Collective:
    """Halve the array at each step down and double it at each step up (Rabenseifner).

    The bytes of the ring in the steps of the tree. Raises `ValueError` unless `devices` is a power
    of two.
    """
    return Collective(2 * power_of_two(devices), 2 * (devices - 1) * size / devices)


def all_to_all(devices: int, size: float) -> Collective:
    """Every device sends every other its share of the `size` bytes it holds, one pair at a time."""
    return Collective(devices - 1, (devices - 1) * size / devices)


def power_of_two(devices: int) -> int:
    """Return the exponent of `devices`; raise `ValueError` where it is not a power of two."""
    if devices < 1 or devices & (devices - 1):
        raise ValueError(f"halving needs a power of two, not {devices} devices")
    return rounds(devices)


def ring_pays_from(devices: int, latency: float, bandwidth: float) -> float:
    """Return the bytes from which on a ring all-reduce is faster than a tree one.

    Zero where the ring has no more steps than the tree, infinity where it sends no less.
    """
    ring, tree = ring_all_reduce(devices, 1.0), tree_all_reduce(devices, 1.0)
    if ring.steps <= tree.steps:
        return 0.0 if ring.sent <= tree.sent else math.inf
    return (ring.steps - tree.steps) * latency * bandwidth / (tree.sent - ring.sent)
