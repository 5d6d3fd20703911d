"""The same three pictures through the site's own axes."""

import numpy as np
from workings import figure


def draw(name: str, k: float) -> str:
    """Draw one of the pictures."""
    drawing, axes = figure()
    if name == "line":
        x = np.linspace(0, 10, 200)
        axes.plot(x, np.sin(k * x))
    elif name == "bars":
        axes.bar(np.arange(16), np.abs(np.sin(k * np.arange(16))) + 0.01)
    else:
        x = np.linspace(-2, 2, 32)
        axes.imshow(np.sin(k * x[:, None]) * x[None, :])
    return drawing.svg(prefix="bench")
