"""Fonts hold what pages set, in the weights that styles use, and no more."""

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from workings_build import fonts
from workings_build.cache import Cache
from workings_build.vendor import ensure

SERIF = "source-serif-4-latin-wght-normal.woff2"
ITALIC = "source-serif-4-latin-wght-italic.woff2"
SANS = "source-sans-3-latin-wght-normal.woff2"
KATEX = "KaTeX_Main-Regular.woff2"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def originals() -> dict[str, bytes]:
    paths = ensure(["fonts", "katex"]).paths
    found = {path.name: path for path in paths.values()}
    return {name: found[name].read_bytes() for name in (SERIF, ITALIC, SANS, KATEX)}


@pytest.fixture(scope="module")
def warm(originals: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """A cache that knows the fonts with nothing but what they always keep."""
    cache = Cache(tmp_path_factory.mktemp("fonts"))
    fonts.cut(originals, frozenset(fonts.ALWAYS), cache)
    return cache


def held(content: bytes) -> set[str]:
    with TTFont(io.BytesIO(content)) as font:
        return {chr(code) for code in font.getBestCmap()}


def axes(content: bytes) -> tuple[float, float] | None:
    """Return the lightest and the heaviest weight of a variable font."""
    with TTFont(io.BytesIO(content)) as font:
        if "fvar" not in font:
            return None
        (axis,) = font["fvar"].axes
        return axis.minValue, axis.maxValue


def test_what_is_wanted_stays_and_the_rest_goes(
    originals: dict[str, bytes], tmp_path: Path
) -> None:
    wanted = frozenset(fonts.ALWAYS) | set("ψ = ∂x, an Ångström")
    cut = fonts.cut(originals, wanted, Cache(tmp_path))
    for name, content in cut.items():
        assert held(content) == held(originals[name]) & wanted
        assert content[:4] == b"wOF2"
        assert len(content) < 0.6 * len(originals[name])
    assert "∂" in held(cut[KATEX]) and "Å" in held(cut[SERIF])


def test_weights_are_those_that_the_styles_use(originals: dict[str, bytes], warm: Cache) -> None:
    cut = fonts.cut(originals, frozenset(fonts.ALWAYS), warm)
    kept = {name: axes(content) for name, content in cut.items()}
    assert kept[KATEX] is None
    for name in (SERIF, ITALIC, SANS):
        weights = fonts.WEIGHTS[name]
        assert kept[name] == (weights if isinstance(weights, tuple) else None)
        assert axes(originals[name]) == (200, 900)
    assert kept[SANS] is not None


def test_cutting_again_gives_the_same_bytes(
    originals: dict[str, bytes], warm: Cache, tmp_path: Path
) -> None:
    wanted = frozenset(fonts.ALWAYS)
    assert fonts.cut(originals, wanted, Cache(tmp_path)) == fonts.cut(originals, wanted, warm)


def test_a_character_that_a_font_lacks_costs_it_nothing(
    originals: dict[str, bytes], warm: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fonts.cut(originals, frozenset(fonts.ALWAYS), warm)
    cut: list[int] = []
    one = fonts.cut_one

    def counting(content: bytes, kept: str, weights: tuple[int, int] | int | None) -> bytes:
        cut.append(len(content))
        return one(content, kept, weights)

    monkeypatch.setattr(fonts, "cut_one", counting)
    after = fonts.cut(originals, frozenset({*fonts.ALWAYS, "∂"}), warm)
    assert cut == [len(originals[KATEX])]
    assert after[SERIF] == before[SERIF] and after[KATEX] != before[KATEX]


def test_formulas_are_told_from_text_and_control_characters_left_out(tmp_path: Path) -> None:
    html = (
        "<p>Text &eacute; <span class='katex'><math><mi>ψ</mi></math>"
        "<span class='katex-html' aria-hidden='true'><span class='base'>φ<span>2</span>+</span>"
        "</span></span> after</p>"
    )
    wanted = fonts.wanted_by([("key", html)], ["code ζ\n\x00"], Cache(tmp_path))
    assert wanted.formulas == set("φ2+")
    assert wanted.text == fonts.ALWAYS | set("éψζ")
    again = fonts.wanted_by([("key", "not read again: Ж")], [], Cache(tmp_path))
    assert "ψ" in again.text and "Ж" not in again.text
