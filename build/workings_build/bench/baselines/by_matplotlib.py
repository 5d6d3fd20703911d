"""The same three pictures through Matplotlib, as its users draw and save them."""

import io

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import numpy as np


def draw(name: str, k: float) -> str:
    """Draw one of the pictures."""
    figure, axes = plt.subplots()
    if name == "line":
        x = np.linspace(0, 10, 200)
        axes.plot(x, np.sin(k * x))
    elif name == "bars":
        axes.bar(np.arange(16), np.abs(np.sin(k * np.arange(16))) + 0.01)
    else:
        x = np.linspace(-2, 2, 32)
        axes.imshow(np.sin(k * x[:, None]) * x[None, :])
    stream = io.StringIO()
    figure.savefig(stream, format="svg")
    plt.close(figure)
    text = stream.getvalue()
    return text[text.index("<svg") :]
