"""Every ink on every paper that it stands on meets WCAG 2.2 AA, in both themes."""

import itertools
import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[3] / "site" / "styles"
PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{3,6}),\s*(#[0-9a-f]{3,6})\)")
THEMES = ("light", "dark")
TEXT, THING = 4.5, 3.0  # WCAG 1.4.3 and 1.4.11

Colours = dict[str, tuple[int, ...]]


def blocks(css: str) -> list[str]:
    """The rules for `:root` that set colours: the site's own, and those for more contrast."""
    return [body for body in re.findall(r":root \{(.*?)\}", css, re.S) if PAIR.search(body)]


def colours(theme: str, more: bool = False) -> Colours:
    usual, strong = blocks((STYLES / "main.css").read_text(encoding="utf-8"))
    found: Colours = {}
    for body in (usual, strong) if more else (usual,):
        for name, light, dark in PAIR.findall(body):
            found[name] = rgb(light if theme == "light" else dark)
    return found


def rgb(code: str) -> tuple[int, ...]:
    digits = code[1:] if len(code) == 7 else "".join(2 * digit for digit in code[1:])
    return tuple(int(digits[i : i + 2], 16) for i in (0, 2, 4))


def luminance(colour: tuple[int, ...]) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast(rgb("#000"), rgb("#fff")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#ffffff")) == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_paper(theme: str, more: bool) -> None:
    found = colours(theme, more)
    for ink, paper in itertools.product(("ink", "ink-2", "ink-3", "accent"), ("paper", "wash")):
        ratio = contrast(found[ink], found[paper])
        assert ratio >= TEXT, f"--{ink} on --{paper} in {theme}: {ratio:.2f} to 1"


@pytest.mark.parametrize("theme", THEMES)
def test_reversed_text_and_switches_can_be_seen(theme: str) -> None:
    found = colours(theme)
    assert contrast(found["paper"], found["ink"]) >= TEXT
    assert contrast(found["paper"], found["accent"]) >= THING


@pytest.mark.parametrize("theme", THEMES)
def test_more_contrast_is_more(theme: str) -> None:
    usual, strong = colours(theme), colours(theme, more=True)
    for ink in ("ink", "ink-2", "ink-3"):
        assert contrast(strong[ink], strong["paper"]) > contrast(usual[ink], usual["paper"])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("series", ["c0", "c1", "c2", "c3", "c4", "c5"])
def test_every_line_of_a_figure_stands_out_from_the_paper(theme: str, series: str) -> None:
    found = colours(theme)
    drawn = line_colour((STYLES / "figure.css").read_text(encoding="utf-8"), series, found)
    ratio = contrast(drawn, found["paper"])
    assert ratio >= THING, f".{series} in {theme}: {ratio:.2f} to 1"


def line_colour(css: str, series: str, found: Colours) -> tuple[int, ...]:
    """What `.figure .cN` is coloured with: a custom property, or a share of ink in the paper."""
    for selectors, body in re.findall(
        r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    ):
        if f".figure .{series}" not in [one.strip() for one in selectors.split(",")]:
            continue
        if share := re.search(r"color-mix\(in srgb, var\(--ink\) (\d+)%, var\(--paper\)\)", body):
            part = int(share[1]) / 100
            pairs = zip(found["ink"], found["paper"], strict=True)
            return tuple(round(part * ink + (1 - part) * paper) for ink, paper in pairs)
        if name := re.search(r"color: var\(--([\w-]+)\)", body):
            return found[name[1]]
    raise AssertionError(f"figure.css gives .{series} no colour")


@pytest.mark.parametrize("theme", THEMES)
def test_the_bar_of_the_browser_has_the_colour_of_the_paper(theme: str) -> None:
    base = (STYLES.parent / "templates" / "base.html").read_text(encoding="utf-8")
    said = re.search(
        rf'theme-color" content="(#\w+)" media="\(prefers-color-scheme: {theme}\)', base
    )
    assert said is not None
    assert rgb(said[1]) == colours(theme)["paper"]
