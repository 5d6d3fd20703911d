"""What makes a page's source unfit, and what its author is told."""

import pytest
import workings
from workings.controls import ControlError
from workings.page import Page

HEAD = """
from typing import Annotated
from workings import Choice, Slider, breaks, claim, exhibit, figure

def original(x):
    return x
"""


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        ("@exhibit\ndef e(n): ...", ControlError, "give n a default"),
        ("@exhibit\ndef e(n: int = 3): ...", ControlError, "n has no control"),
        (
            "@exhibit\ndef e(a: Annotated[int, Slider(1, 3, play=True)] = 1,"
            " b: Annotated[int, Slider(1, 3, play=True)] = 1): ...",
            ControlError,
            "only one control can have play=True",
        ),
        ("@claim('')\ndef c():\n    'x'", ValueError, "needs a locator"),
        ("@claim('§1', kind='guessed')\ndef c():\n    'x'", ValueError, "not 'guessed'"),
        ("@claim('§1')\ndef c(x):\n    'Says.'", ValueError, "must take no parameters"),
        ("@claim('§1')\ndef c(): ...", ValueError, "needs a docstring"),
        (
            "@breaks('gone', replaces=original)\ndef m(x):\n    'Fault.'",
            ValueError,
            "names the claim 'gone'",
        ),
        (
            "@breaks('gone', replaces=original)\ndef m(y):\n    'Fault.'",
            ValueError,
            "give it the same parameters",
        ),
        (
            "@breaks('gone', replaces=original)\ndef m(x): ...",
            ValueError,
            "needs a docstring that names the fault",
        ),
    ],
)
def test_unfit_source_is_refused_with_a_remedy(body, error, says):
    with pytest.raises(error) as caught:
        Page.from_source(HEAD + body, "bad")
    assert says in str(caught.value)


def test_large_lattice_is_every_axis_through_the_default():
    body = """
@exhibit
def e(a: Annotated[int, Slider(1, 20)] = 5, b: Annotated[int, Slider(1, 20)] = 6,
      c: bool = False): ...
"""
    exhibit = Page.from_source(HEAD + body, "large").exhibits["e"]
    states = exhibit.lattice()
    assert len(states) == 1 + 19 + 19 + 1
    assert states[0] == {"a": 5, "b": 6, "c": False}
    keys = [exhibit.key(state) for state in states]
    assert len(set(keys)) == len(keys) and keys[0] == "4,5,0"


def test_small_lattice_is_every_combination():
    body = """
@exhibit
def e(a: Annotated[int, Slider(1, 4)] = 1, b: Annotated[str, Choice("x", "y")] = "x"): ...
"""
    exhibit = Page.from_source(HEAD + body, "small").exhibits["e"]
    assert [exhibit.key(state) for state in exhibit.lattice()] == [
        "0,0", "0,1", "1,0", "1,1", "2,0", "2,1", "3,0", "3,1",
    ]  # fmt: skip


def test_public_names_are_complete_and_sorted():
    assert workings.__all__ == sorted(workings.__all__)
    for name in workings.__all__:
        assert getattr(workings, name).__doc__, f"{name} has no docstring"
    public = {name for name in vars(workings) if not name.startswith("_")}
    modules = {
        "assets", "exhibits",
        "claims", "controls", "matplotlib_svg", "mutants", "page", "pictures", "plotting",
        "session",
    }  # fmt: skip
    assert public - set(workings.__all__) - modules <= {"table"}
