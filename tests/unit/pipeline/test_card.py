"""The card that a link to a page shows elsewhere."""

import io
from pathlib import Path

import pytest
from PIL import Image
from workings_build.cache import Cache
from workings_build.fonts import unpacked
from workings_build.passes.card import PAPER, SANS, SERIF, SIZE, draw_card
from workings_build.vendor import ensure

ROOT = Path(__file__).parents[3]
SOURCE = """
from workings import exhibit, figure

@exhibit
def slope():
    '''A slope.'''
    fig, ax = figure()
    ax.plot([0, 1], [0, 1], color="C1")
    return fig
"""


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Serif and sans, as cards set them."""
    fonts = ensure(["fonts"])
    cache = Cache(tmp_path_factory.mktemp("cache"))
    return [unpacked(fonts.path(name).read_bytes(), cache) for name in (SERIF, SANS)]


def card(title: str, letters: list[bytes]) -> bytes:
    return draw_card(SOURCE, "slope", title, "Nobody, 2026", *letters, str(ROOT))["png"]


def ink(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    """Count the pixels of a part of the card that aren't paper."""
    paper = Image.new("RGB", (1, 1), PAPER).getpixel((0, 0))
    return sum(count for count, colour in image.crop(box).getcolors(1 << 20) if colour != paper)


def test_a_card_has_the_title_at_the_left_and_the_exhibit_at_the_right(letters: list[bytes]):
    image = Image.open(io.BytesIO(card("A slope, explained", letters))).convert("RGB")
    assert image.size == SIZE
    assert ink(image, (0, 200, 500, 500)) > 1000
    assert ink(image, (620, 100, 1200, 560)) > 1000


@pytest.mark.slow
def test_the_same_page_gives_the_same_bytes_and_another_title_others(letters: list[bytes]):
    assert card("One", letters) == card("One", letters)
    assert card("One", letters) != card("Two", letters)


def test_the_longest_title_stays_left_of_the_picture(letters: list[bytes]):
    image = Image.open(io.BytesIO(card("Exploring the limits of " * 5, letters))).convert("RGB")
    assert ink(image, (565, 0, 575, 630)) == 0
