"""Controls: a parameter becomes a form field, a URL value, a lattice axis and a test strategy.

An author writes the *kind* of control in the annotation (`Slider`, `Choice`, `Toggle`, `Text`);
`bind` joins it with the parameter's name, type and default into a `Control`, which checks values
that come from outside and describes itself as the JSON that the page's script reads.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

Value = bool | int | float | str

MAX_STOPS = 33
"""The most values that a slider puts on the lattice of baked states."""


class ControlError(ValueError):
    """A value that a control refuses, or a control that can't be built; says what to do."""


@dataclass(frozen=True)
class Slider:
    """A number between `low` and `high`, both included.

    Parameters
    ----------
    low, high
        The ends. With an `int` parameter the values are whole numbers.
    step
        The distance between neighbouring values of a linear slider; 1 for whole numbers.
    scale
        `"linear"`, `"log"` (equal ratios) or `"log2"` (doublings).
    stops
        How many values a real slider puts on the lattice of baked states, ends included.
    label, unit
        What the reader sees beside it; the parameter's name when empty.
    play
        Whether this is the axis that the Play button runs along; one control at most.
    """

    low: float
    high: float
    step: float | None = None
    scale: str = "linear"
    stops: int = 25
    label: str = ""
    unit: str = ""
    play: bool = False


@dataclass(frozen=True, init=False)
class Choice:
    """One of several named values: `Choice("causal", "full")`."""

    options: tuple[str | int, ...]
    labels: tuple[str, ...]
    label: str

    def __init__(self, *options: str | int, labels: tuple[str, ...] = (), label: str = "") -> None:
        object.__setattr__(self, "options", options)
        object.__setattr__(self, "labels", tuple(labels) or tuple(str(o) for o in options))
        object.__setattr__(self, "label", label)


@dataclass(frozen=True)
class Toggle:
    """On or off; a plain `bool` parameter gets one of its own."""

    label: str = ""


@dataclass(frozen=True)
class Text:
    """A line of text that matches `pattern` as a whole and has at most `max_length` characters."""

    pattern: str = r".*"
    max_length: int = 80
    label: str = ""
    examples: tuple[str, ...] = ()


Kind = Slider | Choice | Toggle | Text


@dataclass(frozen=True)
class Control:
    """A control bound to a parameter: checks values and describes itself."""

    name: str
    kind: Kind
    type: type
    default: Value
    stops: tuple[Value, ...]

    def parse(self, raw: object) -> Value:
        """Return `raw` as this parameter's value; raise `ControlError` if it can't be one."""
        value = self._typed(raw)
        kind = self.kind
        if isinstance(kind, Slider) and not kind.low <= value <= kind.high:  # type: ignore[operator]
            raise self._refusal(raw, f"it must lie between {kind.low:g} and {kind.high:g}")
        if isinstance(kind, Choice) and value not in kind.options:
            raise self._refusal(raw, f"choose one of {', '.join(map(str, kind.options))}")
        if isinstance(kind, Text):
            if len(str(value)) > kind.max_length:
                raise self._refusal(raw, f"use at most {kind.max_length} characters")
            if not re.fullmatch(kind.pattern, str(value)):
                raise self._refusal(raw, f"it must match {kind.pattern}")
        return value

    def _typed(self, raw: object) -> Value:
        if self.type is bool:
            if isinstance(raw, bool):
                return raw
            raise self._refusal(raw, "use true or false")
        if self.type is str:
            if isinstance(raw, str):
                return raw
            raise self._refusal(raw, "use text")
        if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not math.isfinite(raw):
            raise self._refusal(raw, "use a number")
        if self.type is int:
            if raw != int(raw):
                raise self._refusal(raw, "use a whole number")
            return int(raw)
        return float(raw)

    def _refusal(self, raw: object, remedy: str) -> ControlError:
        shown = repr(raw)
        shown = shown if len(shown) <= 40 else shown[:37] + "…"
        return ControlError(f"{self.name} can't be {shown}: {remedy}.")

    def schema(self) -> dict[str, Any]:
        """Describe the control as plain JSON (see docs/architecture.md, "Control schema")."""
        kind = self.kind
        described: dict[str, Any] = {
            "name": self.name,
            "label": kind.label or self.name,
            "kind": type(kind).__name__.lower(),
            "type": self.type.__name__,
            "default": self.default,
            "stops": list(self.stops),
        }
        if isinstance(kind, Slider):
            described |= {"low": self.type(kind.low), "high": self.type(kind.high)}
            described |= {"step": kind.step, "scale": kind.scale}
            described |= {"unit": kind.unit, "play": kind.play}
        if isinstance(kind, Choice):
            described["labels"] = list(kind.labels)
        if isinstance(kind, Text):
            described |= {"pattern": kind.pattern, "max_length": kind.max_length}
        return described


def bind(name: str, annotated: type, kind: Kind | None, default: object) -> Control:
    """Join a parameter's name, type, kind of control and default into a `Control`.

    Raises
    ------
    ControlError
        If type and kind don't fit, the ends or options make no sense, or the default is refused.
    """
    if kind is None:
        if annotated is not bool:
            raise ControlError(
                f"{name} has no control: annotate it, as in "
                f"`{name}: Annotated[int, Slider(1, 8)] = 4`."
            )
        kind = Toggle()
    _check(name, annotated, kind)
    unbounded = Control(name, kind, annotated, default, ())  # type: ignore[arg-type]
    checked = unbounded.parse(default)
    return Control(name, kind, annotated, checked, _stops(annotated, kind, checked))


def _check(name: str, annotated: type, kind: Kind) -> None:
    fitting = {Slider: (int, float), Choice: (str, int), Toggle: (bool,), Text: (str,)}[type(kind)]
    if annotated not in fitting:
        names = " or ".join(t.__name__ for t in fitting)
        raise ControlError(f"{name}: a {type(kind).__name__} needs a parameter of type {names}.")
    if isinstance(kind, Slider):
        if kind.scale not in ("linear", "log", "log2"):
            raise ControlError(f"{name}: the scale is linear, log or log2, not {kind.scale!r}.")
        if not kind.low < kind.high:
            raise ControlError(f"{name}: the slider's low end must be below its high end.")
        if kind.scale != "linear" and kind.low <= 0:
            raise ControlError(f"{name}: a {kind.scale} slider starts above zero.")
        if kind.stops < 2 or (kind.step is not None and kind.step <= 0):
            raise ControlError(f"{name}: use two stops or more and a positive step.")
    if isinstance(kind, Choice) and (
        len(set(kind.options)) < 2
        or len(set(kind.options)) < len(kind.options)
        or len(kind.labels) != len(kind.options)
    ):
        raise ControlError(f"{name}: a Choice needs two or more different options, one label each.")


def _stops(annotated: type, kind: Kind, default: Value) -> tuple[Value, ...]:
    if isinstance(kind, Toggle):
        return (False, True)
    if isinstance(kind, Choice):
        return kind.options
    if isinstance(kind, Text):
        return tuple(dict.fromkeys((default, *kind.examples)))
    values = [_rounded(value) for value in _positions(annotated, kind)]
    if annotated is int:
        values = [round(value) for value in values]
    return tuple(sorted({annotated(value) for value in [*values, default]}))


def _positions(annotated: type, kind: Slider) -> list[float]:
    """Values along the slider before rounding, the ends always among them."""
    low, high = kind.low, kind.high
    if kind.scale == "log2":
        first, last = math.ceil(math.log2(low)), math.floor(math.log2(high))
        return [low, *(2.0**k for k in range(first, last + 1)), high]
    if kind.scale == "linear":
        step = kind.step or (1 if annotated is int else (high - low) / (kind.stops - 1))
        count = math.floor((high - low) / step + 1e-9) + 1
        if count <= MAX_STOPS:
            return [*(low + step * k for k in range(count)), high]
    count = min(kind.stops, MAX_STOPS)
    share = [k / (count - 1) for k in range(count)]
    if kind.scale == "log":
        return [low * (high / low) ** s for s in share]
    return [low + (high - low) * s for s in share]


def _rounded(value: float) -> float:
    """Round to six significant digits, so that a stop is short in a URL."""
    return float(f"{value:.6g}")
