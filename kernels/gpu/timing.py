"""Time kernels on a GPU: events on its own clock, warmed up, with the cache emptied in between.

Provenance: NVIDIA, CUDA C++ Best Practices Guide, Timing (events instead of the host's clock);
Triton, `triton.testing.do_bench` (a buffer as large as the second-level cache, written before every
run). Times are of the device; what the host takes to launch shows only where kernels are short.

The device's clocks and power limits are read and left as they are. The median of many runs is
reported with the quartiles, never the best run. This module needs no GPU to be imported, and its
clock can be another one.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

ASKED = (
    "name",
    "driver_version",
    "clocks.sm",
    "clocks.max.sm",
    "clocks.mem",
    "clocks.max.mem",
    "power.draw",
    "power.limit",
    "power.default_limit",
    "temperature.gpu",
)


class Clock(Protocol):
    """Something that marks moments in the order of the device's work."""

    def mark(self) -> Any:
        """Mark the moment when all work given so far is done; doesn't wait for it."""

    def finish(self) -> None:
        """Wait until all marks have come to pass."""

    def seconds(self, start: Any, end: Any) -> float:
        """Return the seconds between two marks that have come to pass."""


class CudaClock:
    """The clock of the current CUDA device."""

    def __init__(self) -> None:
        import torch

        self.cuda = torch.cuda

    def mark(self) -> Any:
        """Record an event on the current stream."""
        event = self.cuda.Event(enable_timing=True)
        event.record()
        return event

    def finish(self) -> None:
        """Wait for the device."""
        self.cuda.synchronize()

    def seconds(self, start: Any, end: Any) -> float:
        """Return the seconds between two events; CUDA counts in milliseconds."""
        return float(start.elapsed_time(end)) / 1e3


@dataclass(frozen=True)
class Samples:
    """The seconds of single runs, in the order in which they ran."""

    seconds: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """Return a quantile, between two runs where it falls between them."""
        ordered = sorted(self.seconds)
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    @property
    def median(self) -> float:
        """The run in the middle."""
        return self.quantile(0.5)

    def summary(self) -> dict[str, float | int]:
        """Return the median, the quartiles, the shortest and longest run, and their number."""
        return {
            "median": self.median,
            "lower_quartile": self.quantile(0.25),
            "upper_quartile": self.quantile(0.75),
            "shortest": min(self.seconds),
            "longest": max(self.seconds),
            "runs": len(self.seconds),
        }


def sample(
    run: Callable[[], object],
    clock: Clock,
    between: Callable[[], object] = lambda: None,
    warm_up: int = 10,
    runs: int = 100,
    at_most: float = 5.0,
) -> Samples:
    """Run a kernel many times and return how long each run took on the device.

    Parameters
    ----------
    run
        Starts what is to be timed; it compiles on its first call.
    between
        Called before every run, outside of what is timed: it empties the cache.
    warm_up
        Runs that aren't counted; at least one, which compiles.
    runs
        Runs that are counted, fewer (but at least five) where they would take longer together than
        `at_most` seconds.

    Raises
    ------
    ValueError
        If there is nothing to count.
    """
    if runs < 1 or warm_up < 1:
        raise ValueError(f"{warm_up} runs to warm up and {runs} to count: at least one of each")
    for _ in range(warm_up):
        run()
    between()
    start = clock.mark()
    run()
    end = clock.mark()
    clock.finish()
    once = clock.seconds(start, end)
    if once * runs > at_most:
        runs = min(runs, max(5, int(at_most / once)))
    marks = []
    for _ in range(runs):
        between()
        start = clock.mark()
        run()
        marks.append((start, clock.mark()))
    clock.finish()
    return Samples(tuple(clock.seconds(start, end) for start, end in marks))


def cache_emptier(device: str = "cuda") -> Callable[[], object]:
    """Return a function that writes a buffer of twice the second-level cache's size."""
    import torch

    size = int(torch.cuda.get_device_properties(device).L2_cache_size)
    buffer = torch.empty(2 * size, dtype=torch.int8, device=device)
    return buffer.zero_


def _nvidia_smi(arguments: list[str]) -> str:
    return subprocess.run(
        ["nvidia-smi", *arguments], check=True, capture_output=True, text=True, timeout=30
    ).stdout


def device_state(ask: Callable[[list[str]], str] = _nvidia_smi) -> dict[str, str]:
    """Return clocks, power limits and the like, as the driver tells them; changes none of them.

    Where the driver's tool is absent or fails, the one entry "unknown" says why.
    """
    try:
        answer = ask([f"--query-gpu={','.join(ASKED)}", "--format=csv,noheader", "--id=0"])
    except (OSError, subprocess.SubprocessError) as fault:
        return {"unknown": f"nvidia-smi: {fault}"}
    values = [value.strip() for value in answer.strip().split(",")]
    return dict(zip(ASKED, values, strict=True))
