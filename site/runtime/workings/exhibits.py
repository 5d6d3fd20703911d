"""`@exhibit`: mark a function whose parameters are controls and whose result is a figure."""

import inspect
import math
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .claims import first_sentence
from .controls import Choice, Control, ControlError, Slider, Text, Toggle, bind

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Marks:
    """What the decorator was told."""

    title: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Exhibit:
    """An exhibit as the build and the worker see it: the function and its controls."""

    name: str
    title: str
    summary: str
    function: Callable[..., Any]
    controls: tuple[Control, ...]
    needs: tuple[str, ...]
    source: str
    first_line: int

    @property
    def playable(self) -> str | None:
        """The control that the Play button animates."""
        for control in self.controls:
            if isinstance(control.kind, Slider) and control.kind.play:
                return control.name
        return None

    def schema(self) -> dict[str, Any]:
        """Describe the exhibit as plain JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "controls": [control.schema() for control in self.controls],
            "play": self.playable,
            "needs": list(self.needs),
        }

    def state(self, raw: dict[str, object]) -> dict[str, Any]:
        """Check a state from outside; what it leaves out has its default.

        Raises
        ------
        ControlError
            For an unknown name or a value that its control refuses.
        """
        known = {control.name for control in self.controls}
        for name in raw:
            if name not in known:
                raise ControlError(
                    f"{self.name} has no control {str(name)[:40]!r}; "
                    f"it has {', '.join(sorted(known)) or 'none'}."
                )
        return {
            control.name: control.parse(raw[control.name])
            if control.name in raw
            else control.default
            for control in self.controls
        }

    def lattice(self, limit: int = 256) -> list[dict[str, Any]]:
        """Every state whose answer is baked.

        All combinations of stops where there are at most `limit`; otherwise every control's axis
        through the default state.
        """
        if math.prod(len(control.stops) for control in self.controls) <= limit:
            states: list[dict[str, Any]] = [{}]
            for control in self.controls:
                states = [
                    state | {control.name: stop} for state in states for stop in control.stops
                ]
            return states
        default = self.state({})
        states = [default]
        for control in self.controls:
            for stop in control.stops:
                if stop != control.default:
                    states.append(default | {control.name: stop})
        return states

    def key(self, state: dict[str, Any]) -> str:
        """Name a lattice state: the stops' indices in the order of the controls."""
        return ",".join(str(control.stops.index(state[control.name])) for control in self.controls)


@typing.overload
def exhibit(function: F, /) -> F: ...
@typing.overload
def exhibit(*, title: str = "", needs: Sequence[str] = ()) -> Callable[[F], F]: ...
def exhibit(function: Any = None, /, *, title: str = "", needs: Sequence[str] = ()) -> Any:
    """Mark a function as an exhibit; it stays a plain function.

    The function returns a figure, `(figure, sentence)` or `(figure, sentence, table)`.

    Parameters
    ----------
    title
        The heading above the picture; made from the function's name when empty.
    needs
        Packages that the reader's Python loads for this exhibit, such as `["matplotlib"]`.
    """
    marks = Marks(title, tuple(needs))

    def mark(marked: Any) -> Any:
        marked.__exhibit__ = marks
        return marked

    return mark if function is None else mark(function)


def describe(function: Callable[..., Any], source: str, first_line: int) -> Exhibit:
    """Read a marked function's parameters into an `Exhibit`.

    Raises
    ------
    ControlError
        If a parameter has no default or no control, or two controls would play.
    """
    marks: Marks = function.__exhibit__  # type: ignore[attr-defined]
    name = function.__name__
    hints = typing.get_type_hints(function, include_extras=True)
    controls = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is inspect.Parameter.empty:
            raise ControlError(f"{name}: give {parameter.name} a default; it is the first picture.")
        annotated, kind = _split(hints.get(parameter.name, bool))
        controls.append(bind(parameter.name, annotated, kind, parameter.default))
    if sum(isinstance(c.kind, Slider) and c.kind.play for c in controls) > 1:
        raise ControlError(f"{name}: only one control can have play=True.")
    title = marks.title or name.replace("_", " ").capitalize()
    summary = first_sentence(function)
    return Exhibit(name, title, summary, function, tuple(controls), marks.needs, source, first_line)


def _split(hint: Any) -> tuple[type, Any]:
    """Take `Annotated[int, Slider(…)]` apart; a bare type has no kind."""
    if typing.get_origin(hint) is typing.Annotated:
        annotated, *extras = typing.get_args(hint)
        kinds = [extra for extra in extras if isinstance(extra, Slider | Choice | Toggle | Text)]
        return annotated, kinds[0] if kinds else None
    return hint, None
