"""One axis: its limits, scale, ticks and categories; several axes may share it."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .masked import unmasked
from .scales import Linear, Scale, make_scale, within

if TYPE_CHECKING:
    from .axes_base import AxesBase


class DataLimits:
    """The smallest interval holding the finite data, and the smallest positive value."""

    __slots__ = ("high", "low", "minpos", "sticky")

    def __init__(self) -> None:
        self.low, self.high, self.minpos = math.inf, -math.inf, math.inf
        self.sticky: list[float] = []

    def add(self, values: np.ndarray) -> None:
        """Take in finite values."""
        if values.size:
            low = float(values.min())
            self.low = min(self.low, low)
            self.high = max(self.high, float(values.max()))
            if low > 0:
                self.minpos = min(self.minpos, low)
            elif (positive := values[values > 0]).size:
                self.minpos = min(self.minpos, float(positive.min()))


class Axis:
    """The x or y axis of one axes or of several that share it."""

    def __init__(self, name: str):
        self.name = name
        self.scale: Scale = Linear()
        self.limits = (0.0, 1.0)
        self.auto = True
        self.stale = False
        self.touched = False  # limits were set or computed at least once
        self.margin = 0.05
        self.owners: list[AxesBase] = []
        self.fixed_ticks: list[float] | None = None
        self.fixed_labels: list[str] | None = None
        self.categories: dict[str, int] | None = None
        self.whole = False  # places are counted: no ticks between whole numbers

    def convert(self, values: Any) -> np.ndarray:
        """Numbers for what an author gave; strings become categories 0, 1, 2, ..."""
        array = np.asarray(unmasked(values))
        if array.dtype.kind in "US" or (
            array.dtype == object and all(isinstance(v, str) for v in array.ravel())
        ):
            return self._categorise(array)
        if array.dtype.kind == "c":
            raise ValueError("complex numbers can't be drawn: take .real, .imag or abs() first")
        return array.astype(float)

    def _categorise(self, array: np.ndarray) -> np.ndarray:
        if self.categories is None:
            self.categories = {}
        known = self.categories
        places = [known.setdefault(str(v), len(known)) for v in array.ravel()]
        return np.array(places, float).reshape(array.shape)

    def data(self) -> tuple[float, float, float, list[float]]:
        """Low, high, smallest positive and sticky values over all that share this axis."""
        parts = [getattr(owner, f"{self.name}_data") for owner in self.owners]
        sticky = sorted(v for part in parts for v in part.sticky)
        return (
            min(part.low for part in parts),
            max(part.high for part in parts),
            min(part.minpos for part in parts),
            sticky,
        )

    def get(self) -> tuple[float, float]:
        """Limits, brought up to date."""
        if self.stale:
            self.stale = False
            if self.auto:
                self._autoscale()
        return self.limits

    def bound(self) -> tuple[float, float]:
        """Limits in rising order."""
        low, high = self.get()
        return (low, high) if low <= high else (high, low)

    def _autoscale(self) -> None:
        low, high, minpos, sticky = self.data()
        if low > high:
            if self.touched:
                return
            low, high = -math.inf, math.inf
        low, high = self.scale.start(low, high, minpos)
        floor, ceiling = self._stuck(low, high, sticky) if self.margin else (None, None)
        low, high = self.scale.domain(low, high, minpos)
        a, b = (float(v) for v in self.scale.forward(np.array([low, high], float)))
        delta = (b - a) * self.margin
        if not math.isfinite(delta):
            delta = 0.0
        low, high = (float(v) for v in self.scale.inverse(np.array([a - delta, b + delta])))
        low = low if floor is None else max(low, floor)
        high = high if ceiling is None else min(high, ceiling)
        low, high = self.scale.finish(low, high, minpos)
        if self.limits[0] > self.limits[1]:
            low, high = high, low
        self.limits, self.touched = (low, high), True

    def _stuck(
        self, low: float, high: float, sticky: list[float]
    ) -> tuple[float | None, float | None]:
        """Values that the margin must not cross."""
        if self.scale.name == "log":
            sticky = [v for v in sticky if v > 0]
        slack = 1e-5 * max(abs(low), abs(high), abs(high - low))
        below = [v for v in sticky if v < low + slack]
        above = [v for v in sticky if v >= high - slack]
        return (below[-1] if below else None), (above[0] if above else None)

    def set(self, low: float | None, high: float | None, auto: bool | None = False) -> None:
        """Set one limit or both, as `set_xlim` does."""
        old = self.get()
        new = [old[i] if v is None else float(v) for i, v in enumerate((low, high))]
        if not all(math.isfinite(v) for v in new):
            raise ValueError(f"{self.name} limits must be finite numbers, not {low!r}, {high!r}")
        if self.scale.name == "log":
            new = [old[i] if v <= 0 else v for i, v in enumerate(new)]
        reverse = new[0] > new[1]
        minpos = self.data()[2]
        a, b = self.scale.start(min(new), max(new), minpos)
        a, b = self.scale.domain(a, b, minpos)
        self.limits = (b, a) if reverse else (a, b)
        self.touched = True
        self.stale = False
        if auto is not None:
            self.auto = auto

    def set_scale(self, name: str, base: float = 10.0) -> None:
        """Change the scale; limits follow the data."""
        self.scale = make_scale(name, base)
        self.stale = True
        if not self.auto and name == "log" and min(self.limits) <= 0:
            minpos = self.data()[2]
            floor = minpos if math.isfinite(minpos) else 1e-300
            self.limits = tuple(floor if v <= 0 else v for v in self.limits)  # type: ignore

    def invert(self) -> None:
        """Swap the ends."""
        low, high = self.get()
        self.limits, self.touched = (high, low), True

    def set_ticks(self, ticks: Any, labels: Any = None) -> None:
        """Fix the ticks; the view grows to show them, as in Matplotlib."""
        self.fixed_ticks = [float(v) for v in np.ravel(self.convert(ticks))]
        if labels is not None:
            self.set_labels(labels)
        if self.fixed_ticks:
            low, high = self.bound()
            ends = min(low, *self.fixed_ticks), max(high, *self.fixed_ticks)
            if ends != (low, high):
                down = self.limits[0] > self.limits[1]
                self.set(*(ends[::-1] if down else ends), auto=None)

    def set_labels(self, labels: Any) -> None:
        """Give the fixed ticks their words."""
        words = [str(label) for label in labels]
        if self.fixed_ticks is None:
            raise ValueError(f"set the {self.name} ticks before their labels")
        if len(words) != len(self.fixed_ticks):
            raise ValueError(
                f"{len(words)} labels for {len(self.fixed_ticks)} {self.name} ticks: "
                "give one label a tick"
            )
        self.fixed_labels = words

    def ticks(self, bins: int) -> tuple[list[float], list[float]]:
        """Major and minor ticks in view."""
        low, high = self.bound()
        if self.fixed_ticks is not None:
            return within(self.fixed_ticks, low, high), []
        if self.categories is not None:
            return within([float(v) for v in self.categories.values()], low, high), []
        if self.empty():
            return [], []
        major, minor = self.scale.ticks(low, high, bins)
        if self.whole and self.scale.name == "linear":
            major = [tick for tick in major if tick.is_integer()] or major
        if self.name == "y" and len(major) > 7 and self.scale.name == "linear":
            major = sparser(major)
        return major, minor

    def empty(self) -> bool:
        """Whether there is neither data nor a limit that an author set."""
        low, high, _, _ = self.data()
        return low > high and self.auto and any(owner.artists for owner in self.owners)

    def words(self, ticks: list[float]) -> list[str] | None:
        """Labels that an author or the categories give to these ticks."""
        if self.fixed_labels is not None and self.fixed_ticks is not None:
            pairs = dict(zip(self.fixed_ticks, self.fixed_labels, strict=True))
            return [pairs[tick] for tick in ticks]
        if self.categories is not None:
            names = {float(place): name for name, place in self.categories.items()}
            return [names.get(tick, "") for tick in ticks]
        return None


def sparser(ticks: list[float]) -> list[float]:
    """Every second tick, where the doubled step is still a nice one (2, 5, 10; not 4)."""
    step = ticks[1] - ticks[0]
    if f"{step:.3e}"[:4] not in ("1.00", "2.50", "5.00"):
        return ticks
    return [tick for tick in ticks if round(tick / step) % 2 == 0]
