"""Which control of which page is moved: one with baked stops, and values between them."""

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any


class NoTarget(RuntimeError):
    """The built site has no page that can be measured."""


@dataclass(frozen=True)
class Target:
    """One control of one exhibit; `stops` are baked, `between` only Python can answer."""

    path: str
    exhibit: str
    control: str
    stops: tuple[float, ...]
    between: tuple[float, ...]


def find_target(dist: Path, slug: str | None) -> Target:
    """Choose the first slider with values between its stops, of the given page or of any.

    Raises
    ------
    NoTarget
        Where there is no built site, no such page or no such slider.
    """
    listing = dist / "site.json"
    if not listing.is_file():
        raise NoTarget(f"{dist} holds no site.json: run `workings build` first.")
    pages = json.loads(listing.read_text(encoding="utf-8"))["pages"]
    if slug is not None and slug not in {page["slug"] for page in pages}:
        raise NoTarget(f"no page {slug}. There are: {', '.join(p['slug'] for p in pages)}.")
    for page in pages:
        for exhibit in page["exhibits"] if slug in {None, page["slug"]} else ():
            for control in exhibit["controls"]:
                if "matplotlib" in exhibit["needs"] or control["kind"] != "slider":
                    continue
                if exhibit["states"] and len(between := values_between(control)) >= 3:
                    stops = tuple(s for s in control["stops"] if s != control["default"])
                    return Target(page["path"], exhibit["name"], control["name"], stops, between)
    raise NoTarget("no exhibit has a slider with values between its baked stops.")


def values_between(control: dict[str, Any]) -> tuple[float, ...]:
    """Values of a slider's domain halfway between neighbouring stops."""
    stops = sorted(control["stops"])
    found = []
    for low, high in pairwise(stops):
        middle = math.sqrt(low * high) if control["scale"] != "linear" else (low + high) / 2
        step = control.get("step") or (1 if control["type"] == "int" else None)
        if step:
            middle = control["low"] + round((middle - control["low"]) / step) * step
        middle = float(f"{middle:.6g}")
        if control["type"] == "int":
            middle = int(middle)
        if low < middle < high:
            found.append(middle)
    return tuple(found)
