"""The exhibit as JupyterLite's console runs it: ipywidgets' own `interact`."""

import ipywidgets
import softmax
from IPython.display import Markdown, display


def show(d_k, divide):
    """Leave the figure to the inline backend, as notebooks do."""
    print(softmax.saturation(d_k, divide)[1])


display(Markdown("# Widen the vectors"))
ipywidgets.interact(
    show,
    d_k=ipywidgets.SelectionSlider(options=softmax.OPTIONS, value=512),
    divide=ipywidgets.Checkbox(description="divide the scores"),
)
