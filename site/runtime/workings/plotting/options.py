"""Reading Matplotlib's keyword arguments, their short forms and defaults."""

from typing import Any

from .style import DASHES, POINT, colour_class, dash_lengths

_LONG = {
    "c": "color",
    "ls": "linestyle",
    "lw": "linewidth",
    "ms": "markersize",
    "ec": "edgecolor",
    "fc": "facecolor",
    "ds": "drawstyle",
    "size": "fontsize",
    "weight": "fontweight",
    "horizontalalignment": "ha",
    "verticalalignment": "va",
    "style": "fontstyle",
    "edgecolors": "edgecolor",
    "linewidths": "linewidth",
    "facecolors": "facecolor",
    "linestyles": "linestyle",
}


class Options:
    """Keyword arguments being taken one by one; what is left over is an error."""

    def __init__(self, method: str, kwargs: dict[str, Any], allowed: str):
        self.method, self.allowed = method, allowed
        self.given: dict[str, Any] = {}
        for name, value in kwargs.items():
            long = _LONG.get(name, name)
            if long in self.given:
                raise TypeError(f"{method}() got both {long!r} and its short form")
            self.given[long] = value
        names = allowed.split()
        for name in self.given:
            if name not in names:
                raise TypeError(
                    f"{method}() does not take {name!r}; it takes {', '.join(names)}. An exhibit "
                    "that needs more may declare needs=('matplotlib',)"
                )

    def __call__(self, name: str, default: Any = None) -> Any:
        """Take the argument, or its default where it is absent or None."""
        value = self.given.get(name)
        return default if value is None else value

    def label(self) -> str | None:
        """Take the label as text."""
        value = self.given.get("label")
        return None if value is None else str(value)

    def alpha(self) -> float | None:
        """Opacity in 0 ... 1."""
        value = self.given.get("alpha")
        if value is None:
            return None
        if not 0 <= float(value) <= 1:
            raise ValueError(f"alpha must lie between 0 and 1, not {value!r}")
        return float(value)

    def colour(self, name: str, default: str | None) -> str | None:
        """Class of a colour argument."""
        value = self.given.get(name)
        return default if value is None else colour_class(value)

    def width(self, default: float) -> float:
        """Line width in pixels, from points."""
        return float(self("linewidth", default)) * POINT

    def dash(self, cls: str | None, fallback: Any = None) -> tuple[float, ...] | None:
        """Stroke pattern: the one given, else the series' own."""
        style = self("linestyle", fallback)
        return dash_lengths(style if style is not None else DASHES.get(cls or "", "-"))
