"""What ticks say: plain numbers, thin spaces, true minus signs, powers as superscripts."""

import math

import numpy as np

from .scales import Linear, Log

THIN = "\u202f"


def power(base: int, exponent: int) -> str:
    """Write a power as a formula, `$10^{-3}$`: Unicode's raised digits are too small to read."""
    return f"${base}^{{{exponent}}}$"


def plain(value: float, digits: int = 6) -> str:
    """Write a number as one would write it, to so many significant digits."""
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        head = "" if mantissa in ("1", "-1") else f"{mantissa}×"
        sign = "-" if mantissa == "-1" else ""
        return (sign + head).replace("-", "−") + power(10, int(exponent))
    return text.replace("-", "−")


def common_exponent(largest: float) -> int:
    """Exponent of the multiplier for an axis whose limits reach this far from zero; 0 for none."""
    if largest >= 1e6 or 0 < largest < 1e-3:
        return 3 * math.floor(math.log10(largest * (1 + 1e-9)) / 3)
    return 0


def tick_labels(
    ticks: list[float], scale: Linear | Log, largest: float = 0.0
) -> tuple[list[str], str]:
    """Labels of ticks and the multiplier common to them (empty where there is none)."""
    if not ticks:
        return [], ""
    if isinstance(scale, Log):
        labels = _log_labels(ticks, scale.base)
        if labels is not None:
            return labels, ""
        largest = 0.0
    return _linear_labels(ticks, common_exponent(largest))


def _linear_labels(ticks: list[float], exponent: int) -> tuple[list[str], str]:
    scaled = [_scaled(tick, exponent) for tick in ticks]
    decimals = next(
        (n for n in range(13) if all(abs(round(v, n) - v) <= 1e-9 * abs(v) for v in scaled)), 12
    )
    grouped = max(abs(v) for v in scaled) >= 1e4
    labels = []
    for value in scaled:
        text = f"{value:,.{decimals}f}" if grouped else f"{value:.{decimals}f}"
        text = text.replace(",", THIN)
        labels.append("0" if value == 0 and decimals == 0 else text.replace("-", "−"))
    return labels, f"×{power(10, exponent)}" if exponent else ""


def _scaled(value: float, exponent: int) -> float:
    """`value / 10**exponent`, without the noise of the last places."""
    return float(f"{value / 10.0**exponent:.12g}")


def _log_labels(ticks: list[float], base: float) -> list[str] | None:
    if base == 2:
        exponents = [math.log2(tick) for tick in ticks]
        if all(abs(e - round(e)) < 1e-9 for e in exponents):
            whole = [round(e) for e in exponents]
            if max(whole) > 13 or min(whole) < -4:
                return [power(2, e) for e in whole]
            return [str(2**e) if e >= 0 else f"1/{2**-e}" for e in whole]
        return None
    logs = np.log10(ticks) / math.log10(base)
    if np.all(np.abs(logs - np.rint(logs)) < 1e-9):
        whole = np.rint(logs).astype(int).tolist()
        if base == 10 and min(whole) >= -2 and max(whole) <= 3:
            return [plain(tick) for tick in ticks]
        return [power(int(base), e) for e in whole]
    if base == 10 and (max(ticks) >= 1e5 or min(ticks) < 1e-3):
        return [plain(tick, 3) for tick in ticks]
    return None if base != 10 else [plain(tick) for tick in ticks]
