"""Pyramids of tiles give back what went in, and measures are right where the answer is known."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kernels.encoding import decode, encode
from kernels.maps import png, statistics, tiles

SEEDS = st.integers(0, 2**32 - 1)


def attention(seed, *shape):
    """Rows that sum to one, some sharp and some flat."""
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal(shape) * rng.choice([0.1, 3.0, 30.0], size=(*shape[:-1], 1))
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def written(weights, **options):
    rows, columns = weights.shape[-2:]
    keys = None if rows == columns else [f"k{place}" for place in range(columns)]
    tokens = [f"t{place}" for place in range(rows)]
    return tiles.write(weights, "a map", tokens, keys, **options)


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_png_gives_back_every_pixel(seed, rows, columns, smooth):
    rng = np.random.default_rng(seed)
    grey = rng.integers(0, 256, (rows, columns)).astype(np.uint8)
    grey = np.cumsum(grey // 64, axis=0).astype(np.uint8) if smooth else grey
    np.testing.assert_array_equal(png.decode(png.encode(grey)), grey)


@pytest.mark.parametrize("kind", [png.NONE, png.SUB, png.UP])
def test_png_undoes_each_filter(kind):
    grey = np.random.default_rng(1).integers(0, 256, (9, 7)).astype(np.uint8)
    plain = png.encode(grey)
    start = plain.index(b"IDAT") - 4
    data = zlib.compress(png.filtered(grey, kind).tobytes())
    content = plain[:start] + png.chunk(b"IDAT", data) + png.chunk(b"IEND", b"")
    np.testing.assert_array_equal(png.decode(content), grey)


def test_png_is_what_another_reader_reads():
    import io

    import matplotlib.image

    grey = np.random.default_rng(2).integers(0, 256, (33, 20)).astype(np.uint8)
    found = matplotlib.image.imread(io.BytesIO(png.encode(grey)), format="png")
    np.testing.assert_allclose(found, grey / 255.0, atol=1e-6)


def test_png_refuses_broken_bytes():
    content = png.encode(np.zeros((3, 4), np.uint8))
    with pytest.raises(ValueError, match="signature"):
        png.decode(b"GIF" + content)
    with pytest.raises(ValueError, match="broken"):
        png.decode(content[:40] + bytes([content[40] ^ 1]) + content[41:])
    with pytest.raises(ValueError, match="cut off"):
        png.decode(content[:-3])
    with pytest.raises(ValueError, match="uint8"):
        png.encode(np.zeros((3, 4)))


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(2, 70), st.integers(1, 70), st.sampled_from([255, 85, 51]))
def test_tiles_match_the_map_within_the_stated_error(seed, rows, columns, steps):
    weights = attention(seed, 2, 3, rows, columns).astype(np.float32)
    files = written(weights, steps=steps)
    described = files["map.json"]
    error = 0.0
    for layer, head in np.ndindex(2, 3):
        found = tiles.to_weights(tiles.read(described, files.get, layer, head))
        error = max(error, float(np.abs(found - weights[layer, head]).max()))
    stated = described["quantisation"]
    assert error == pytest.approx(stated["largest_error"], abs=1e-12)
    assert error <= stated["bound"] == 1 / steps


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(SEEDS, st.integers(2, 300), st.integers(1, 300))
def test_every_level_is_the_maximum_of_what_it_covers(seed, rows, columns):
    weights = attention(seed, 1, 2, rows, columns)
    files = written(weights)
    described = files["map.json"]
    full = tiles.read(described, files.get, 0, 1)
    for number, level in enumerate(described["levels"]):
        found = tiles.read(described, files.get, 0, 1, number)
        assert found.shape == (level["rows"], level["columns"])
        side = 2**number
        for i, j in [(0, 0), (len(found) - 1, found.shape[1] - 1), (len(found) // 2, 0)]:
            block = full[i * side : (i + 1) * side, j * side : (j + 1) * side]
            assert found[i, j] == block.max()
    assert max(found.shape) <= tiles.SMALL


def test_a_single_strong_weight_stays_in_sight_from_afar():
    weights = np.zeros((1, 1, 257, 257))
    weights[0, 0, 101, 202] = 1.0
    files = written(weights)
    overview = png.decode(files["overview.png"])
    assert np.argwhere(overview).tolist() == [[101 // 8, 202 // 8]]
    assert overview.max() == 255


def test_heads_don_t_change_places(monkeypatch):
    monkeypatch.setattr(tiles, "TILE", 8)
    monkeypatch.setattr(tiles, "SHARED", 10)
    monkeypatch.setattr(tiles, "SMALL", 5)
    weights = attention(3, 2, 3, 20, 18)
    files = written(weights)
    described = files["map.json"]
    assert [len(level["sheet"]) for level in described["levels"]] == [0, 1, 2]
    assert sum(name.startswith("tiles/1-2-0-") for name in files) == 9
    assert png.decode(files["tiles/1-2-0-2-2.png"]).shape == (4, 2)
    for layer, head, number in np.ndindex(2, 3, 3):
        expected = tiles.to_greys(weights[layer, head])
        for _ in range(number):
            expected = tiles.halve(expected)
        found = tiles.read(described, files.get, layer, head, number)
        np.testing.assert_array_equal(found, expected)


def test_no_tile_is_larger_than_said():
    weights = np.full((1, 1, 600, 520), 1 / 520)
    files = written(weights)
    names = [name for name in files if name.startswith("tiles/0-0-0")]
    shapes = {name: png.decode(files[name]).shape for name in names}
    assert shapes == {
        "tiles/0-0-0-0-0.png": (512, 512),
        "tiles/0-0-0-0-1.png": (512, 8),
        "tiles/0-0-0-1-0.png": (88, 512),
        "tiles/0-0-0-1-1.png": (88, 8),
    }


def test_a_map_survives_its_files(tmp_path):
    weights = attention(4, 1, 1, 30, 30)
    for name, value in written(weights, causal=True).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode(name, value))
    described = decode("map.json", (tmp_path / "map.json").read_bytes())
    assert described["causal"] is True
    found = tiles.read(described, lambda name: (tmp_path / name).read_bytes(), 0, 0)
    np.testing.assert_array_equal(found, tiles.to_greys(weights[0, 0]))


def test_what_doesn_t_fit_is_refused():
    weights = attention(5, 1, 1, 3, 4)
    with pytest.raises(ValueError, match="3 tokens and 3 keys label 3x4"):
        tiles.write(weights, "a map", ["a", "b", "c"])
    with pytest.raises(ValueError, match="from 0 to 1"):
        tiles.to_greys(np.array([[1.5]]))
    with pytest.raises(ValueError, match="from 0 to 1"):
        tiles.to_greys(np.array([[np.nan]]))
    with pytest.raises(ValueError, match="one query"):
        tiles.write(weights[:, :, :1], "a map", ["a"], list("abcd"))
    with pytest.raises(ValueError, match="64 steps"):
        tiles.to_greys(weights, 64)


@given(st.integers(2, 50))
def test_measures_of_even_attention(n):
    weights = np.full((n, n), 1.0 / n)
    assert statistics.entropy(weights) == pytest.approx(np.log2(n))
    assert statistics.distance(weights) == pytest.approx((n * n - 1) / (3 * n))
    assert statistics.first_token(weights) == pytest.approx(1 / n)
    assert statistics.previous_token(weights) == pytest.approx(1 / n)


@given(st.integers(2, 50))
def test_measures_of_attention_to_oneself(n):
    weights = np.eye(n)
    assert statistics.entropy(weights) == 0
    assert statistics.distance(weights) == 0
    assert statistics.first_token(weights) == 0
    assert statistics.previous_token(weights) == 0
    assert statistics.shifted(weights, 0) == 1


@given(st.integers(2, 50))
def test_measures_of_a_sink(n):
    weights = np.zeros((n, n))
    weights[:, 0] = 1
    assert statistics.entropy(weights) == 0
    assert statistics.distance(weights) == pytest.approx((n - 1) / 2)
    assert statistics.first_token(weights) == 1
    assert statistics.previous_token(weights) == pytest.approx(1 / (n - 1))


@given(st.integers(2, 50), st.sampled_from([-1, 1]))
def test_measures_of_a_neighbour_s_head(n, offset):
    weights = np.eye(n, k=offset)
    assert statistics.shifted(weights, offset) == 1
    assert statistics.shifted(weights, -offset) == 0
    assert statistics.distance(weights) == pytest.approx((n - 1) / n)


@settings(deadline=None)
@given(SEEDS, st.integers(2, 20))
def test_entropy_agrees_with_scipy(seed, n):
    weights = attention(seed, 2, n, n)
    expected = stats.entropy(weights, base=2, axis=-1).mean(axis=-1)
    np.testing.assert_allclose(statistics.entropy(weights), expected, atol=1e-9)


def test_attention_to_a_sound_has_no_distance():
    described = written(attention(6, 1, 2, 4, 9))["map.json"]
    assert described["statistics"]["distance"] is described["statistics"]["previous_token"] is None
    assert np.shape(described["statistics"]["entropy"]) == (1, 2)


@pytest.mark.parametrize(
    "folder",
    [
        "minilm-attention",
        "whisper-attention/self",
        "whisper-attention/cross",
        "whisper-repetition/self",
    ],
)
def test_committed_maps_are_whole(folder):
    root = Path(__file__).parents[3] / "kernels/assets" / folder
    described = decode("map.json", (root / "map.json").read_bytes())
    greys = [
        tiles.read(described, lambda name: (root / name).read_bytes(), layer, head)
        for layer, head in np.ndindex(described["layers"], described["heads"])
    ]
    sums = tiles.to_weights(np.stack(greys)).sum(axis=-1)
    assert len(described["tokens"]) == described["rows"] == sums.shape[-1]
    assert 0.9 < sums.mean() < 1.1  # weights again, though each is rounded


@pytest.mark.parametrize("package", ["maps", "minilm", "pretrained", "whisper"])
def test_modules_are_short_enough_for_a_page(package):
    for module in (Path(__file__).parents[3] / "kernels" / package).glob("*.py"):
        assert len(module.read_text(encoding="utf-8").splitlines()) < 150, module
