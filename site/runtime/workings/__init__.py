"""What the authors of explainers import: exhibits, their controls, claims, mutants and figures.

The same package runs natively in the build and in the reader's worker. It imports NumPy and the
standard library; of this project nothing but `kernels.encoding`, which decodes assets.
"""

from .assets import asset
from .claims import claim
from .controls import Choice, Slider, Text, Toggle
from .exhibits import exhibit
from .mutants import breaks
from .plotting import figure, subplots
from .table import Table

__all__ = [
    "Choice",
    "Slider",
    "Table",
    "Text",
    "Toggle",
    "asset",
    "breaks",
    "claim",
    "exhibit",
    "figure",
    "subplots",
]
