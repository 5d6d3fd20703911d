import subprocess
import sys

import numpy as np
import pytest
from workings.plotting import Axes, Figure, figure, subplots


def test_figure_gives_a_figure_and_an_axes():
    fig, ax = figure()
    assert isinstance(fig, Figure) and isinstance(ax, Axes)


def test_subplots_squeeze_as_matplotlib_does():
    assert isinstance(subplots()[1], Axes)
    assert subplots(1, 3)[1].shape == (3,)
    assert subplots(2, 1)[1].shape == (2,)
    assert subplots(2, 2)[1].shape == (2, 2)
    assert subplots(1, 1, squeeze=False)[1].shape == (1, 1)


@pytest.mark.parametrize("colour", ["red", "#ff0000", "tab:blue", (1, 0, 0), "1.5", "C"])
def test_a_colour_that_is_not_ours_is_refused_with_a_reason(colour):
    with pytest.raises(ValueError, match="monochrome"):
        figure()[1].bar([1], [1], color=[colour])


@pytest.mark.parametrize("colour", ["C0", "C1", "C5", "k", "w", "0.5", "0", "1", "none", None])
def test_our_colours_are_taken(colour):
    fig, ax = figure()
    ax.plot([1, 2], color=colour)
    ax.bar([1], [2], color=colour)
    fig.svg()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda ax: ax.plot([1, 2], [1]), ValueError, "x has 2 values and y has 1"),
        (lambda ax: ax.plot([1], colour="k"), TypeError, "does not take 'colour'"),
        (lambda ax: ax.plot([1], "r-"), ValueError, "can't read 'r'"),
        (lambda ax: ax.imshow([1, 2]), ValueError, "matrix"),
        (lambda ax: ax.imshow([[1]], cmap="viridis"), ValueError, "colour map"),
        (lambda ax: ax.quiver([1], [1]), AttributeError, "matplotlib"),
        (lambda ax: ax.set_xscale("symlog"), ValueError, "unknown"),
        (lambda ax: ax.set_xlim(0, np.nan), ValueError, "finite"),
        (lambda ax: ax.set_xticks([1, 2], ["one"]), ValueError, "one label a tick"),
        (lambda ax: ax.legend(loc="somewhere"), ValueError, "loc must be"),
        (lambda ax: ax.set(nothing=1), AttributeError, "nothing"),
        (lambda ax: ax.plot([1j]), ValueError, "complex"),
        (lambda ax: ax.plot(), TypeError, "at least y"),
        (lambda ax: ax.plot(np.zeros((1, 1, 1))), ValueError, "one or two dimensions"),
        (lambda ax: ax.plot([1], marker="?"), ValueError, r"marker '\?' is unknown"),
        (lambda ax: ax.plot([1], ls="wavy"), ValueError, "line style 'wavy' is unknown"),
        (lambda ax: ax.plot([1], lw=1, linewidth=2), TypeError, "both 'linewidth'"),
        (lambda ax: ax.plot([1], alpha=2), ValueError, "between 0 and 1"),
        (lambda ax: ax.step([1], [1], where="after"), ValueError, "'pre', 'mid' or 'post'"),
        (lambda ax: ax.scatter([1], [1], marker="?"), ValueError, r"marker '\?' is unknown"),
        (lambda ax: ax.scatter([1, 2], [1]), ValueError, "x has 2 values and y has 1"),
        (lambda ax: ax.scatter([1, 2], [1, 2], c=["k"]), ValueError, "1 colours for 2 points"),
        (lambda ax: ax.bar([1], [1], align="left"), ValueError, "'center' or 'edge'"),
        (lambda ax: ax.imshow([[1]], origin="left"), ValueError, "'upper' or 'lower'"),
        (lambda ax: ax.imshow([[1]], vmin=2, vmax=1), ValueError, "must not exceed"),
        (lambda ax: ax.pcolormesh([1], [1]), TypeError, "not 2 arrays"),
        (lambda ax: ax.pcolormesh([0, 1, 2, 3], [0, 1], [[1]]), ValueError, "1 centres or 2 edges"),
        (
            lambda ax: ax.pcolormesh([[0, 1], [0, 2]], [[0, 0], [1, 1]], np.eye(2)),
            ValueError,
            "rectilinear",
        ),
        (lambda ax: ax.text(0, 0, "a", ha="middle"), ValueError, "ha must be"),
        (lambda ax: ax.text(0, 0, "a", va="middle"), ValueError, "va must be"),
        (lambda ax: ax.text(0, 0, "a", fontsize="huge"), ValueError, "font size 'huge'"),
        (lambda ax: ax.text(0, 0, "a", transform="page"), ValueError, "transData or ax.transAxes"),
        (lambda ax: ax.annotate("a", (0, 0), xycoords="pixels"), ValueError, "coordinates must"),
        (lambda ax: ax.grid(axis="z"), ValueError, "'x', 'y' or 'both'"),
        (lambda ax: ax.axis("tight"), ValueError, "four limits"),
        (lambda ax: ax.set_xscale("log", base=1), ValueError, "greater than 1"),
        (lambda ax: ax.set_xticklabels(["a"]), ValueError, "ticks before their labels"),
        (lambda ax: ax.figure.colorbar(ax.plot([1])[0]), ValueError, "what imshow or pcolormesh"),
        (lambda ax: subplots(figsize=(0, 3)), ValueError, "in inches"),
        (lambda ax: subplots(1, 2, width_ratios=[1]), ValueError, "2 positive numbers"),
        (lambda ax: subplots(sharex="yes"), ValueError, "sharex must be"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call(figure()[1])


def test_what_an_author_changes_later_does_not_change_the_figure():
    fig, ax = figure()
    x = np.array([1.0, 2.0])
    ax.plot(x, x)
    before = fig.svg()
    x[:] = 100.0
    assert fig.svg() == before
    assert fig.to_matplotlib().axes[0].lines[0].get_xdata().tolist() == [1.0, 2.0]


@pytest.mark.slow
def test_real_matplotlib_draws_every_kind_of_call(tmp_path):
    from .test_svg import everything

    real = everything().to_matplotlib()
    for form in ("pdf", "png"):
        target = tmp_path / f"all.{form}"
        real.savefig(target, format=form)
        assert target.stat().st_size > 5000


def test_importing_brings_in_neither_matplotlib_nor_anything_heavy():
    code = (
        "import sys, workings.plotting as p; f, a = p.figure(); a.plot([1, 2]); "
        "a.imshow([[1, 2]]); f.svg(); "
        "assert not {'matplotlib', 'PIL', 'scipy', 'numpy.ma'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
