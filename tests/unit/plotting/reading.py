"""Reading our SVG back: elements, tick labels and where they stand."""

import math
import re
import xml.etree.ElementTree as ET

from workings.plotting.metrics import text_width

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = set(["svg", "g", "path", "rect", "text", "tspan", "image", "mask", "clipPath"])
_ATTRIBUTES = (
    "class viewBox width height role aria-hidden font-family font-size color fill stroke d x y dy "
    "stroke-width stroke-linejoin stroke-linecap stroke-dasharray stroke-opacity fill-opacity "
    "text-anchor font-weight font-style transform id mask clip-path maskUnits href "
    "preserveAspectRatio image-rendering"
)
ATTRIBUTES = set(_ATTRIBUTES.split())
CLASSES = re.compile(r"(figure|paper|axis|grid|tick|label|title|legend|note|mark|c\d{1,2})")


def assert_sound(svg: str) -> ET.Element:
    """Well-formed, one element a line, known parts only, no number that is none."""
    root = ET.fromstring(svg)
    lines = svg.split("\n")
    assert lines[0].startswith("<svg ") and lines[-1] == "</svg>"
    for line in lines:
        stripped = re.sub(r"</?tspan[^>]*>", "", line)
        assert re.fullmatch(r"<[^<>]+>([^<>]*</\w+>)?", stripped), line
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES, element.attrib
        for name in element.get("class", "").split():
            assert CLASSES.fullmatch(name), name
        for value in (element.get("d", ""), element.get("x", ""), element.get("width", "")):
            assert not re.search(r"nan|inf|e[+-]?\d", value, re.I), value
    return root


def words(element: ET.Element) -> str:
    return "".join(element.itertext())


def tick_boxes(root: ET.Element) -> list[list[tuple[float, float, float, float]]]:
    """Boxes of the tick labels, a list for every axis, by estimated widths."""
    groups = []
    for group in root.iter(f"{SVG}g"):
        if group.get("class") != "tick":
            continue
        size, anchor = float(group.get("font-size", "0")), group.get("text-anchor")
        boxes = []
        for text in group:
            if text.get("transform"):
                continue
            wide = text_width(words(text), size)
            x, y = float(text.get("x", "0")), float(text.get("y", "0"))
            left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor or "start"] * wide
            boxes.append((left, y - 0.75 * size, left + wide, y + 0.05 * size))
        groups.append(boxes)
    return groups


def overlaps(boxes: list[tuple[float, float, float, float]]) -> bool:
    """Whether any two of the boxes share an area."""
    return any(
        min(a[2], b[2]) - max(a[0], b[0]) > 0 and min(a[3], b[3]) - max(a[1], b[1]) > 0
        for i, a in enumerate(boxes)
        for b in boxes[i + 1 :]
    )


def path_points(d: str) -> list[tuple[float, float]]:
    """Points of a path of absolute M and L."""
    found = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d)
    points = [(float(x), float(y)) for x, y in found]
    assert all(math.isfinite(v) for point in points for v in point)
    return points
