"""Linear and logarithmic scales: where values go and which limits and ticks suit them.

Limits and ticks follow Matplotlib's rules (`MaxNLocator` with steps 1, 2, 2.5, 5, 10 and
`LogLocator`), so that one exhibit has the same axes in both; tests compare them.
"""

import math

import numpy as np

Pair = tuple[float, float]
_STEPS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0)


def nonsingular(low: float, high: float, expander: float, tiny: float = 1e-15) -> Pair:
    """Limits in order and apart from each other."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return -expander, expander
    low, high = float(min(low, high)), float(max(low, high))
    largest = max(abs(low), abs(high))
    if largest < (1e6 / tiny) * np.finfo(float).tiny:
        return -expander, expander
    if high - low <= largest * tiny:
        return low - expander * abs(low), high + expander * abs(high)
    return low, high


def nice_ticks(low: float, high: float, bins: int) -> tuple[list[float], float]:
    """Ticks at multiples of a nice step, at most `bins` intervals, and that step."""
    low, high = nonsingular(low, high, 1e-13, 1e-14)
    span, middle = abs(high - low), (high + low) / 2
    offset = 0.0
    if abs(middle) / span >= 100:
        offset = math.copysign(10 ** (math.log10(abs(middle)) // 1), middle)
    scale = 10 ** (math.log10(span / bins) // 1)
    a, b = low - offset, high - offset
    steps = [step * scale for step in _STEPS]
    wanted = (b - a) / bins
    first = next(i for i, step in enumerate(steps) if step >= wanted)
    for step in reversed(steps[: first + 1]):
        base = (a // step) * step
        start, stop = _floor(a - base, step, offset), _ceil(b - base, step, offset)
        ticks = [n * step + base for n in range(int(start), int(stop) + 1)]
        if sum(a <= tick <= b for tick in ticks) >= 2:
            break
    return [_clean(tick + offset, step) for tick in ticks], step


def _clean(value: float, step: float) -> float:
    """Round away the noise of the last places."""
    digits = 3 - math.floor(math.log10(step)) if step > 0 else 12
    return round(value, digits) + 0.0 if digits < 300 else value


def _slack(step: float, offset: float) -> float:
    if offset == 0:
        return 1e-10
    return min(0.4999, max(1e-10, 10 ** (math.log10(abs(offset) / step) - 12)))


def _floor(x: float, step: float, offset: float) -> float:
    n, rest = divmod(x, step)
    return n + 1 if abs(rest / step - 1) < _slack(step, offset) else n


def _ceil(x: float, step: float, offset: float) -> float:
    n, rest = divmod(x, step)
    return n if abs(rest / step) < _slack(step, offset) else n + 1


class Linear:
    """Equal distances for equal differences."""

    name = "linear"

    def forward(self, values: np.ndarray) -> np.ndarray:
        """Values as they are."""
        return values

    def inverse(self, values: np.ndarray) -> np.ndarray:
        """Values as they are."""
        return values

    def start(self, low: float, high: float, minpos: float) -> Pair:
        """Limits before margins are added."""
        return nonsingular(low, high, 0.05)

    def domain(self, low: float, high: float, minpos: float) -> Pair:
        """Limits that the scale can show."""
        return low, high

    def finish(self, low: float, high: float, minpos: float) -> Pair:
        """Limits after margins were added."""
        return nonsingular(low, high, 1e-12, 1e-13)

    def ticks(self, low: float, high: float, bins: int) -> tuple[list[float], list[float]]:
        """Major and minor ticks between the limits."""
        return within(nice_ticks(low, high, bins)[0], low, high), []


class Log:
    """Equal distances for equal ratios."""

    name = "log"

    def __init__(self, base: float = 10.0):
        if not base > 1:
            raise ValueError(f"the base of a log scale must be greater than 1, not {base!r}")
        self.base = float(base)

    def forward(self, values: np.ndarray) -> np.ndarray:
        """Logarithms; far below everything for what is not positive."""
        with np.errstate(divide="ignore", invalid="ignore"):
            out = np.log10(values)
        return np.where(np.asarray(values) <= 0, -1000.0, out)

    def inverse(self, values: np.ndarray) -> np.ndarray:
        """Powers of ten."""
        return 10.0 ** np.asarray(values)

    def start(self, low: float, high: float, minpos: float) -> Pair:
        """Limits before margins are added."""
        if low > high:
            low, high = high, low
        if not (math.isfinite(low) and math.isfinite(high)) or high <= 0:
            return 1.0, 10.0
        if low <= 0:
            low = minpos if math.isfinite(minpos) else 1e-300
        if low == high:
            return self._power_below(low), self._power_above(high)
        return low, high

    def domain(self, low: float, high: float, minpos: float) -> Pair:
        """Limits that the scale can show."""
        floor = minpos if math.isfinite(minpos) else 1e-300
        return (floor if low <= 0 else low), (floor if high <= 0 else high)

    def finish(self, low: float, high: float, minpos: float) -> Pair:
        """Limits after margins were added."""
        return self.start(low, high, minpos)

    def ticks(self, low: float, high: float, bins: int) -> tuple[list[float], list[float]]:
        """Powers of the base; between them minor ticks, or nice numbers on a short axis."""
        start, stop = self._log(low), self._log(high)
        first, last = math.ceil(start - 1e-9), math.floor(stop + 1e-9)
        decades = last - first
        stride = 1 + max(decades, 0) // max(bins, 2)
        powers = range(first + -first % stride, last + 1, stride)
        major = [self.base**k for k in powers]
        minor: list[float] = []
        if self.base >= 3 and decades <= 10 and stride == 1:
            minor = [
                s * self.base**k
                for k in range(math.floor(start), last + 1)
                for s in range(2, int(self.base))
            ]
            minor = within([float(f"{tick:.12g}") for tick in minor], low, high)
        major = [float(f"{tick:.12g}") for tick in major]
        if len(major) < 2:
            chosen = [t for t in minor if f"{t:e}"[0] in "25"] if self.base == 10 else []
            major = sorted(major + chosen)
            if len(major) < 2:
                major = within(nice_ticks(low, high, max(bins, 2))[0], low, high)
            minor = [tick for tick in minor if tick not in major]
        return major, minor

    def _log(self, value: float) -> float:
        if self.base == 2:
            return math.log2(value)
        return math.log10(value) / math.log10(self.base)

    def _power_below(self, value: float) -> float:
        power = math.floor(self._log(value))
        return self.base ** (power - 1 if self.base**power == value else power)

    def _power_above(self, value: float) -> float:
        power = math.ceil(self._log(value))
        return self.base ** (power + 1 if self.base**power == value else power)


Scale = Linear | Log


def make_scale(name: str, base: float = 10.0) -> Scale:
    """Scale of a Matplotlib name."""
    if name == "linear":
        return Linear()
    if name == "log":
        return Log(base)
    raise ValueError(
        f"scale {name!r} is unknown: use 'linear' or 'log' (with base=2 for powers "
        "of two), or let the exhibit declare needs=('matplotlib',)"
    )


def within(ticks: list[float], low: float, high: float) -> list[float]:
    """Ticks inside the limits, ends included."""
    if low > high:
        low, high = high, low
    slack = 1e-9 * (high - low)
    return [tick for tick in ticks if low - slack <= tick <= high + slack]
