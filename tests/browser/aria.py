"""What assistive technology is told of an exhibit in a state: its controls and its sentence."""

import json
from collections.abc import Iterator, Mapping

from playwright.sync_api import Locator, expect
from workings.controls import Choice, Control, Slider, Text, Toggle
from workings.exhibits import Exhibit

FEW = 5  # so many options, and no more, are radio buttons


def quoted(text: object) -> str:
    """Quote a text as YAML and the snapshot take it."""
    return json.dumps(" ".join(str(text).split()), ensure_ascii=False)


def number(value: object) -> str:
    """Write a number as its field does."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def named(role: str, name: str, mark: str = "") -> str:
    """Write a role with its name, and its mark if it has one, as a key of YAML."""
    return json.dumps(f"{role} {quoted(name)}{mark}", ensure_ascii=False)


def told_of(control: Control, value: object) -> Iterator[str]:
    """Write a control's lines; a label of a formula is told by its letters, so names can vary."""
    kind = control.kind
    if isinstance(kind, Slider):
        yield f"- spinbutton /.+/: {quoted(number(value))}"
        yield f"- {named('slider', kind.label or control.name)}"
    elif isinstance(kind, Toggle):
        yield f"- checkbox /.+/{' [checked]' if value else ''}"
    elif isinstance(kind, Text):
        yield f"- textbox /.+/: {quoted(value)}" if value else "- textbox /.+/"
    elif isinstance(kind, Choice):
        few = len(kind.options) <= FEW
        role, mark = ("radio", " [checked]") if few else ("option", " [selected]")
        yield "- group /.+/:" if few else "- combobox /.+/:"
        for choice, label in zip(kind.options, kind.labels, strict=True):
            yield f"  - {named(role, label, mark if choice == value else '')}"


def expect_told(figure: Locator, exhibit: Exhibit, moved: Mapping[str, object], said: str) -> None:
    """Compare the accessibility tree with what the exhibit should say in a state.

    Parameters
    ----------
    figure
        The exhibit in the page.
    moved
        The controls that aren't at their defaults, and where they are.
    said
        The sentence.
    """
    lines = ["- form:" if exhibit.controls else "- form"]
    for control in exhibit.controls:
        value = moved.get(control.name, control.default)
        lines += ["  " + line for line in told_of(control, value)]
    for label in ("Run live", "Edit code", "Reset", "Show data"):
        lines.append(f"- button {quoted(label)}")
    lines.append(f"- status: {quoted(said)}")
    whole = [f"- {named('figure', exhibit.title)}:", *("  " + line for line in lines)]
    expect(figure).to_match_aria_snapshot("\n".join(whole))
