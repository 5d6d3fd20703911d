"""`Axes`: Matplotlib's drawing methods for what explainers draw."""

from .axes_across import AcrossMethods
from .axes_bars import BarMethods
from .axes_images import ImageMethods
from .axes_lines import LineMethods
from .axes_words import WordMethods


class Axes(LineMethods, BarMethods, AcrossMethods, ImageMethods, WordMethods):
    """One panel of a figure, with Matplotlib's method names and arguments."""
