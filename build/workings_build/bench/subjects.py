"""The pages that are measured: where each is, and what is moved and watched on it."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from workings_build.bench.targets import Target

MOVES = 40


@dataclass(frozen=True)
class Subject:
    """A page to measure: where it is, and what is moved and watched on it.

    `control`, `picture`, `ready` and `text` are selectors; ` >>> ` in them enters a shadow root.
    """

    name: str
    path: str
    control: str
    picture: str
    ready: str = "html[data-python=ready]"
    text: str = "h1"
    move: Literal["value", "keys"] = "value"
    stops: tuple[float, ...] = ()
    between: tuple[float, ...] = ()

    def plan(self, values: tuple[float, ...] = ()) -> str:
        """Tell the probe where things are, and what to move at once, as JSON."""
        names = ("control", "picture", "ready", "text", "move")
        plan: dict[str, Any] = {name: getattr(self, name) for name in names}
        return json.dumps(plan | ({"values": list(values)} if values else {}))


def exhibit_subject(
    name: str,
    path: str,
    exhibit: str,
    control: str,
    stops: tuple[float, ...] = (),
    between: tuple[float, ...] = (),
) -> Subject:
    """Name a page that is made as the site's are: a figure, its form and its picture."""
    figure = f'[data-exhibit="{exhibit}"]'
    form, picture = f'{figure} form [name="{control}"]', f"{figure} .picture"
    return Subject(name, path, form, picture, stops=stops, between=between)


def site_subject(target: Target) -> Subject:
    """Name the site's page."""
    path = f"/site/{target.path}"
    found = (target.exhibit, target.control, target.stops, target.between)
    return exhibit_subject("site", path, *found)


def subjects(target: Target) -> tuple[Subject, ...]:
    """Name the site's page and the two baselines; these answer every value alike, from Python."""
    values = tuple(0.5 + step / 10 for step in range(MOVES))
    return (
        site_subject(target),
        exhibit_subject("numpy", "/baseline/numpy.html", "line", "k", between=values),
        exhibit_subject("matplotlib", "/baseline/matplotlib.html", "line", "k", between=values),
    )
