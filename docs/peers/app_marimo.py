"""The exhibit as a marimo notebook."""

import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import softmax

    return mo, softmax


@app.cell
def _(mo, softmax):
    d_k = mo.ui.slider(steps=softmax.OPTIONS, value=512, label="d_k", show_value=True)
    divide = mo.ui.checkbox(label="divide the scores")
    mo.vstack([mo.md("# Widen the vectors"), d_k, divide])
    return d_k, divide


@app.cell
def _(d_k, divide, mo, softmax):
    fig, sentence = softmax.saturation(d_k.value, divide.value)
    mo.vstack([fig, mo.md(sentence)])
    return


if __name__ == "__main__":
    app.run()
