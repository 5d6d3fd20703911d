"""The directive `{map}`: a figure that is complete without a script."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from workings_build.markdown import Document
from workings_build.markdown.map_view import even_entropy, sentence

from tests.maps import make_map
from tests.unit.markdown.telling import html, told

Parsed = Callable[..., Document]
TOKENS = [f"w{i}" for i in range(70)]


@pytest.fixture
def assets(root: Path) -> Path:
    folder = root / "kernels" / "assets"
    make_map(folder, "demo-map", 2, 3, TOKENS, title="Heads & <tails>")
    return folder


def test_a_map_has_its_overview_a_sentence_and_every_heads_numbers(
    parsed: Parsed, assets: Path
) -> None:
    document = parsed(":::{map} demo-map\nA *lead*.\n:::\n")
    assert document.problems == ()
    assert document.maps == ("demo-map",)
    text = html(document)
    assert '<figure class="map" id="map-demo-map" data-map="data/demo-map/' in text
    assert "Heads &amp; &lt;tails&gt;" in text
    assert "<p>A <em>lead</em>.</p>" in text
    picture = re.search(r'<img src="data/demo-map/\w{12}/overview.png" alt="" ([^>]*)>', text)
    assert picture and 'width="105" height="70" loading="lazy"' in picture[1]
    assert text.count("<tr>") == 1 + 2 * 3
    plan = json.loads((assets / "demo-map" / "map.json").read_text())
    assert f"{plan['statistics']['entropy'][1][2]:.2f}" in text
    assert sentence(plan) in text
    assert "style=" not in text


def test_the_sentence_names_the_heads_that_stand_out(assets: Path) -> None:
    plan = json.loads((assets / "demo-map" / "map.json").read_text())
    entropy = np.array(plan["statistics"]["entropy"])
    layer, head = np.unravel_index(entropy.argmin(), entropy.shape)
    said = sentence(plan)
    assert f"The sharpest, head {head} of layer {layer}, has {entropy.min():.2f} bits" in said
    assert f"even attention would have {np.log2(70):.2f}" in said
    assert f"first token, {np.max(plan['statistics']['first_token']):.0%}" in said


def test_even_attention_of_a_causal_map_counts_the_keys_that_are_seen() -> None:
    plan = {"rows": 4, "columns": 4, "causal": True, "keys": None}
    assert even_entropy(plan) == pytest.approx(np.log2([1, 2, 3, 4]).mean())


def test_a_map_of_a_sounds_frames_has_no_distances(parsed: Parsed, root: Path) -> None:
    keys = [f"{i / 50:.2f} s" for i in range(200)]
    make_map(root / "kernels" / "assets", "heard/cross", 1, 2, TOKENS[:9], keys=keys)
    document = parsed(":::{map} heard/cross\n:::\n")
    assert document.problems == ()
    text = html(document)
    assert 'class="map map-wide" id="map-heard-cross"' in text
    assert "On the first token" in text
    assert "Mean distance" not in text
    assert "just before" not in text


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (":::{map} demo-mop\n:::\n", "1: There is no map 'demo-mop' in kernels/assets/."),
        (":::{map}\n:::\n", "1: The directive {map} has no job."),
        (
            ":::{map} demo-map\n:::\n\n:::{map} demo-map\n:::\n",
            "4: The map 'demo-map' stands twice, first on line",
        ),
    ],
)
@pytest.mark.usefixtures("assets")
def test_what_is_wrong_is_told_with_its_line(parsed: Parsed, body: str, what: str) -> None:
    (problem,) = told(parsed(body))
    assert problem.startswith(what)


def test_a_near_name_is_suggested(parsed: Parsed, assets: Path) -> None:
    (problem,) = told(parsed(":::{map} demo-mop\n:::\n"))
    assert "Did you mean 'demo-map'?" in problem


@pytest.mark.parametrize(
    ("file", "content", "what"),
    [
        ("map.json", "not JSON", "is no map of version 1"),
        ("map.json", '{"version": 2}', "is no map of version 1"),
        ("map.json", '{"version": 1, "levels": []}', "lacks title, layers"),
        ("receipt.json", "not JSON", "has no receipt"),
        ("overview.png", None, "lacks overview.png"),
        ("overview.png", "no PNG", "other bytes than its receipt says, in overview.png"),
        ("tiles/1-2-0-0-0.png", "no PNG", "other bytes than its receipt says, in tiles/"),
    ],
)
def test_a_spoilt_map_is_a_problem(
    parsed: Parsed, assets: Path, file: str, content: str | None, what: str
) -> None:
    path = assets / "demo-map" / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    (problem,) = told(parsed(":::{map} demo-map\n:::\n"))
    assert what in problem
    assert "workings precompute demo-map" in problem
