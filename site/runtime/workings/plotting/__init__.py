"""Figures with Matplotlib's method names, drawn as themeable SVG in about a millisecond.

`figure` and `subplots` are for authors (as `workings.figure`, `workings.subplots`). This package
imports NumPy and light modules of the standard library, nothing else of ours; Matplotlib only when
`Figure.to_matplotlib` is called.
"""

from .axes import Axes
from .figure import Figure, figure, subplots

__all__ = ["Axes", "Figure", "figure", "subplots"]
