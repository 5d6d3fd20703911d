"""`text` and `annotate`."""

from typing import Any

from .axes_base import AxesBase
from .options import Options
from .record import recorded
from .style import POINT, colour_class
from .words import Arrow, Words, font_size

_TEXT = (
    "color fontsize ha va fontweight fontstyle rotation alpha zorder transform clip_on "
    "xycoords textcoords"
)


class WordMethods(AxesBase):
    """Words in the picture."""

    @recorded
    def text(self, x: Any, y: Any, s: str, **kwargs: Any) -> Words:
        """Write text at a point of the data (or of the axes: `transform=ax.transAxes`)."""
        in_axes = kwargs.get("transform") is self.transAxes
        if kwargs.get("transform") not in (None, self.transAxes, self.transData):
            raise ValueError("text: transform must be ax.transData or ax.transAxes")
        if not in_axes:
            x, y = self._point(x, y)
        words = self._words("text", float(x), float(y), s, in_axes, kwargs)
        self.artists.append(words)
        return words

    @recorded
    def annotate(
        self,
        text: str,
        xy: Any,
        xytext: Any = None,
        xycoords: str = "data",
        textcoords: str | None = None,
        arrowprops: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Words:
        """Write text beside a point, with an arrow where `arrowprops` is given."""
        known = ("data", "axes fraction", "offset points")
        textcoords = textcoords or xycoords
        if xycoords not in known[:2] or textcoords not in known:
            raise ValueError(
                f"annotate: coordinates must be one of {known}, not {xycoords!r} and {textcoords!r}"
            )
        in_axes = xycoords == "axes fraction"
        px, py = xy if in_axes else self._point(*xy)
        offset = (0.0, 0.0)
        x, y, text_in_axes = px, py, in_axes
        if xytext is not None:
            if textcoords == "offset points":
                offset = (xytext[0] * POINT, xytext[1] * POINT)
            else:
                text_in_axes = textcoords == "axes fraction"
                x, y = xytext if text_in_axes else self._point(*xytext)
        words = self._words("annotate", float(x), float(y), text, text_in_axes, kwargs, offset)
        if arrowprops is not None:
            style = str(arrowprops.get("arrowstyle", "->"))
            bend = str(arrowprops.get("connectionstyle", ""))
            curve = float(bend.partition("rad=")[2] or 0.0) if "arc3" in bend else 0.0
            colour = arrowprops.get("color")
            words.arrow = Arrow(
                float(px),
                float(py),
                in_axes=in_axes,
                head=style != "-",
                cls=(colour_class(colour) if colour is not None else "axis") or "axis",
                curve=curve,
            )
        self.artists.append(words)
        return words

    def _words(
        self,
        method: str,
        x: float,
        y: float,
        text: Any,
        in_axes: bool,
        kwargs: dict[str, Any],
        offset: tuple[float, float] = (0.0, 0.0),
    ) -> Words:
        options = Options(method, kwargs, _TEXT)
        ha, va = options("ha", "left"), options("va", "baseline")
        if ha not in ("left", "center", "right"):
            raise ValueError(f"ha must be 'left', 'center' or 'right', not {ha!r}")
        if va not in ("top", "center", "bottom", "baseline", "center_baseline"):
            raise ValueError(f"va must be 'top', 'center', 'bottom' or 'baseline', not {va!r}")
        return Words(
            x,
            y,
            str(text),
            cls=options.colour("color", "c0"),
            over=self if options("color") is None else None,
            size=font_size(options("fontsize"), 13.0),
            ha=ha,
            va=va,
            in_axes=in_axes,
            weight=options("fontweight"),
            style=options("fontstyle"),
            rotation=float(options("rotation", 0.0)),
            alpha=options.alpha(),
            z=options("zorder", 3.0),
            offset=offset,
        )
