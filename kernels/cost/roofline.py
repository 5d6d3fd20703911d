"""The roofline: what bounds a piece of work, arithmetic or the roads to and from it.

Provenance: Williams, Waterman and Patterson 2009, Roofline (Communications of the ACM 52(4));
the network as a third roof as in Pope et al. 2022 (arXiv:2211.05102), §3; exponentials as a fourth
as in Shah et al. 2024, FlashAttention-3 (arXiv:2407.08608), §3.1.

Every time here is a lower bound: what the datasheet allows if all of them run at their peak and
overlap perfectly. It is modelled, never measured.
"""

from dataclasses import dataclass
from typing import NamedTuple

from kernels.cost.devices import Device


@dataclass(frozen=True)
class Work:
    """What a step has to do: FLOPs, bytes to or from memory, bytes over links, exponentials."""

    flops: float
    moved: float
    sent: float = 0.0
    exponentials: float = 0.0

    def __add__(self, other: "Work") -> "Work":
        """Do both."""
        return Work(
            self.flops + other.flops,
            self.moved + other.moved,
            self.sent + other.sent,
            self.exponentials + other.exponentials,
        )

    @property
    def intensity(self) -> float:
        """FLOPs for each byte of memory traffic."""
        return intensity(self.flops, self.moved)


class Times(NamedTuple):
    """Seconds that each of them would take alone."""

    compute: float
    memory: float
    network: float
    special: float = 0.0

    @property
    def overlapped(self) -> float:
        """Seconds when all run at once: the longest of them."""
        return max(self)

    @property
    def in_turn(self) -> float:
        """Seconds when nothing overlaps: their sum."""
        return sum(self)

    @property
    def bound(self) -> str:
        """Which of them takes longest; where equal, the first named."""
        return self._fields[self.index(max(self))]


def intensity(flops: float, moved: float) -> float:
    """Return FLOPs for each byte moved; raise `ValueError` where no byte is."""
    if moved <= 0:
        raise ValueError("work that moves no bytes has no arithmetic intensity")
    return flops / moved


def ridge_point(peak: float, bandwidth: float) -> float:
    """Return the intensity from which on arithmetic is the limit, in FLOPs for each byte."""
    return peak / bandwidth


def attainable(at: float, peak: float, bandwidth: float) -> float:
    """Return the FLOP/s that the roof allows at the intensity `at`: the lower of slope and flat."""
    return min(peak, at * bandwidth)


def times(work: Work, device: Device, number_format: str = "bf16", devices: int = 1) -> Times:
    """Return the times of work that `devices` share evenly.

    `work.sent` is what one device sends, so it is not divided. Raises `ValueError` for a number
    format that the device has no peak for, and for exponentials where their rate isn't known.
    """
    if work.exponentials and not device.exponentials:
        raise ValueError(f"{device.name} has no rate for exponentials")
    return Times(
        work.flops / (devices * device.rate(number_format)),
        work.moved / (devices * device.bandwidth),
        work.sent / device.link,
        work.exponentials / (devices * device.exponentials) if work.exponentials else 0.0,
    )


def matmul(m: int, n: int, k: int, bytes_each: float = 2) -> Work:
    """Return the work of `(m, k)` times `(k, n)`, each matrix moved once."""
    return Work(2.0 * m * n * k, bytes_each * (m * k + k * n + m * n))
