"""How long attention should take, from its bytes, FLOPs and exponentials and from datasheets.

Provenance: Williams, Waterman and Patterson 2009, Roofline; Shah et al. 2024, FlashAttention-3
(arXiv:2407.08608), §3.1, for exponentials beside matrix products; `kernels.cost.roofline` for the
roofs, `kernels.gpu.published` for the timings that the model is held against.

Two times are modelled. *Overlapped*: the longest of the roofs, launch by launch; no kernel can beat
it. *In turn*: their sum, a kernel that never does two things at once. Each array moves to and from
memory once a launch, as if the cache kept what programs ask for again. No constant is fitted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

from kernels.cost.devices import DEVICES, Device
from kernels.cost.roofline import Work, times
from kernels.gpu.published import Problem, Timing

BYTES = 2  # of a 16-bit number
TILE = (128, 64)  # queries and keys


class Modelled(NamedTuple):
    """Seconds at least, and seconds if nothing overlaps."""

    overlapped: float
    in_turn: float


class Requested(NamedTuple):
    """What a kernel asks for, before any cache: bytes loaded and stored, FLOPs, exponentials."""

    loaded: int
    stored: int
    flops: int
    exponentials: int


def naive_work(problem: Problem) -> list[Work]:
    """Return the three launches: scores, softmax, weights times values (FlashAttention, Alg. 0).

    A causal mask spares nothing here: hidden scores are computed, stored and read too.
    """
    together = problem.heads * problem.batch
    scores = BYTES * problem.n**2 * together
    vectors = BYTES * problem.n * problem.d * together
    flops = 2.0 * problem.n**2 * problem.d * together
    return [
        Work(flops, 2 * vectors + scores),
        Work(0.0, 2 * scores, exponentials=float(problem.n**2 * together)),
        Work(flops, scores + 2 * vectors),
    ]


def visited(n: int, causal: bool, tile: Sequence[int]) -> int:
    """Return how many tiles of keys all the tiles of queries pass by, in one head."""
    rows, columns = tile
    found = 0
    for block in range(-(-n // rows)):
        end = min(n, (block + 1) * rows) if causal else n
        found += -(-end // columns)
    return found


def flash_requested(problem: Problem, tile: Sequence[int] = TILE) -> Requested:
    """Return what FlashAttention's forward kernel asks for; the counting interpreter agrees.

    Lengths that tiles don't divide are charged for whole tiles of arithmetic, not of bytes.
    """
    rows, columns = tile
    n, d, together = problem.n, problem.d, problem.heads * problem.batch
    tiles = visited(n, problem.causal, tile)
    keys = 0
    for block in range(-(-n // rows)):
        end = min(n, (block + 1) * rows) if problem.causal else n
        keys += min(n, -(-end // columns) * columns)
    return Requested(
        loaded=BYTES * d * (n + 2 * keys) * together,
        stored=(BYTES * d + 4) * n * together,  # with the log-sum-exp in 32 bits
        flops=4 * rows * columns * d * tiles * together,
        exponentials=(rows * columns + rows) * tiles * together,
    )


def flash_work(problem: Problem, tile: Sequence[int] = TILE) -> list[Work]:
    """Return the one launch, with each array moved once."""
    asked = flash_requested(problem, tile)
    together = problem.heads * problem.batch
    moved = 3 * BYTES * problem.n * problem.d * together + asked.stored
    return [Work(float(asked.flops), float(moved), exponentials=float(asked.exponentials))]


def modelled(launches: Iterable[Work], device: Device, number_format: str = "fp16") -> Modelled:
    """Return the modelled seconds of launches that follow one another."""
    each = [times(work, device, number_format) for work in launches]
    return Modelled(sum(one.overlapped for one in each), sum(one.in_turn for one in each))


@dataclass(frozen=True)
class Comparison:
    """A published timing beside the model; a ratio above one means that the model is slower."""

    timing: Timing
    model: Modelled

    @property
    def overlapped(self) -> float:
        """Modelled over published seconds, everything overlapping."""
        return self.model.overlapped / self.timing.seconds

    @property
    def in_turn(self) -> float:
        """Modelled over published seconds, nothing overlapping."""
        return self.model.in_turn / self.timing.seconds


def compare(timings: Iterable[Timing]) -> list[Comparison]:
    """Model each published timing on its device."""
    found = []
    for timing in timings:
        naive = timing.what == "standard attention"
        work = naive_work(timing.problem) if naive else flash_work(timing.problem)
        found.append(Comparison(timing, modelled(work, DEVICES[timing.device])))
    return found


class Spread(NamedTuple):
    """The geometric mean of ratios, the least, the largest, and how many cases there are."""

    mean: float
    least: float
    most: float
    cases: int


def spread(ratios: Sequence[float]) -> Spread:
    """Return how ratios of modelled to published times are spread.

    Raises `ValueError` for no ratios.
    """
    if not ratios:
        raise ValueError("no ratios: nothing was published to compare with")
    mean = exp(sum(log(ratio) for ratio in ratios) / len(ratios))
    return Spread(mean, min(ratios), max(ratios), len(ratios))
