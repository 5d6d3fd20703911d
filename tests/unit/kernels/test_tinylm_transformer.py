"""The decoder against plain loops over numbers, its cache against its forward pass."""

import cmath
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.tinylm import cache as kept
from kernels.tinylm import configuration as shaped
from kernels.tinylm import measures, transformer
from kernels.tinylm.configuration import Configuration

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = [
    Configuration(11, 9, 2, 8, 2, 2, 12),
    Configuration(11, 9, 2, 8, 2, 2, 12, activation="gelu", tied=False),
    Configuration(7, 16, 3, 16, 4, 2, 10, base=500.0, epsilon=1e-3),
    Configuration(5, 8, 1, 12, 3, 1, 6, tied=False),
]
shape = pytest.mark.parametrize("c", SHAPES, ids=lambda c: f"{c.activation}-{c.heads}-{c.groups}")


def model(c, seed=0, deviation=0.5):
    """Weights far larger than usual, and gains that are not one, so that nothing hides."""
    generator = np.random.default_rng(seed)
    drawn = shaped.draw(generator, c, deviation)
    return {
        name: generator.uniform(0.5, 1.5, w.shape) if w.ndim == 1 else w
        for name, w in drawn.items()
    }


def tokens_for(c, length, seed=1):
    return np.random.default_rng(seed).integers(0, c.vocabulary, length)


def apply(w, x):
    return [sum(a * b for a, b in zip(row, x, strict=True)) for row in w.tolist()]


def normed(x, gain, epsilon):
    size = math.sqrt(sum(a * a for a in x) / len(x) + epsilon)
    return [a / size * g for a, g in zip(x, gain.tolist(), strict=True)]


def turned(x, position, base):
    found = []
    for i in range(len(x) // 2):
        angle = position * base ** (-2 * i / len(x))
        point = complex(x[2 * i], x[2 * i + 1]) * cmath.exp(1j * angle)
        found += [point.real, point.imag]
    return found


def reference(c, p, tokens):
    """Compute logits with lists and loops, one position, one head, one number at a time."""
    stream = [p["embedding"][t].tolist() for t in tokens]
    for layer in range(c.layers):
        part = {name.split(".")[1]: w for name, w in p.items() if name.startswith(f"{layer}.")}
        inner = [normed(x, part["norm_1"], c.epsilon) for x in stream]
        q, k, v = ([apply(part[name], x) for x in inner] for name in "qkv")
        for t in reversed(range(len(stream))):
            joined = []
            for head in range(c.heads):
                group = head * c.groups // c.heads
                width = c.d_head
                own = turned(q[t][head * width : (head + 1) * width], t, c.base)
                shared = slice(group * width, (group + 1) * width)
                scores = []
                for s in range(t + 1):
                    key = turned(k[s][shared], s, c.base)
                    products = (a * b for a, b in zip(own, key, strict=True))
                    scores.append(math.exp(sum(products) / math.sqrt(width)))
                weights = [score / sum(scores) for score in scores]
                for i in range(width):
                    joined.append(sum(w * v[s][shared][i] for s, w in enumerate(weights)))
            stream[t] = [a + b for a, b in zip(stream[t], apply(part["o"], joined), strict=True)]
        for t, x in enumerate(stream):
            y = normed(x, part["norm_2"], c.epsilon)
            wide = apply(part["up"], y)
            if c.activation == "swiglu":
                gate = apply(part["gate"], y)
                wide = [g / (1 + math.exp(-g)) * u for g, u in zip(gate, wide, strict=True)]
            else:
                root = math.sqrt(2 / math.pi)
                wide = [u / 2 * (1 + math.tanh(root * (u + 0.044715 * u**3))) for u in wide]
            stream[t] = [a + b for a, b in zip(x, apply(part["down"], wide), strict=True)]
    table = p["embedding" if c.tied else "output"]
    return [apply(table, normed(x, p["norm"], c.epsilon)) for x in stream]


@shape
def test_logits_are_those_of_plain_loops(c):
    p, tokens = model(c), tokens_for(c, 6)
    found = transformer.forward(c, p, tokens)
    np.testing.assert_allclose(found, reference(c, p, tokens), rtol=1e-10, atol=1e-10)


@shape
def test_a_changed_token_leaves_all_earlier_logits_bit_for_bit(c):
    p, tokens = model(c), tokens_for(c, 8)
    other = tokens.copy()
    other[5] = (other[5] + 1) % c.vocabulary
    before, after = (transformer.forward(c, p, text) for text in (tokens, other))
    np.testing.assert_array_equal(after[:5], before[:5])
    assert (after[5:] != before[5:]).any(axis=-1).all()


@shape
def test_attention_maps_are_causal_weights_that_give_the_values_their_mix(c):
    p, tokens = model(c), tokens_for(c, 7)
    maps = transformer.attention_maps(c, p, tokens)
    assert maps.shape == (c.layers, c.heads, 7, 7)
    np.testing.assert_allclose(maps.sum(axis=-1), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(maps, np.tril(maps))
    x = transformer.embed(c, p, tokens)
    layers = zip(maps, transformer.stream(c, p, tokens), strict=True)
    for layer, (weights, (_, _, v, after)) in enumerate(layers):
        by_head = np.repeat(v, c.heads // c.groups, axis=0)  # (heads, time, d_head)
        mixed = (weights @ by_head).swapaxes(0, 1).reshape(7, -1)
        x = x + mixed @ p[f"{layer}.o"].T
        x = x + transformer.feed_forward(c, p, layer, x)
        np.testing.assert_allclose(after, x, rtol=0, atol=1e-10)


@shape
def test_the_cache_gives_the_logits_of_the_whole_text(c):
    p, tokens = model(c), tokens_for(c, c.context)
    whole = transformer.forward(c, p, tokens)
    cache = kept.empty(c, p)
    found = [kept.extend(c, p, cache, tokens[:3])]
    found += [kept.decode(c, p, cache, token)[None] for token in tokens[3:]]
    np.testing.assert_allclose(np.concatenate(found), whole, rtol=0, atol=1e-10)
    assert cache.room == 0


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.lists(st.integers(1, 5), min_size=1, max_size=6), st.sampled_from(SHAPES))
def test_a_text_may_come_in_pieces_of_any_length(seed, pieces, c):
    p, tokens = model(c, seed), tokens_for(c, c.context, seed)
    cache, found = kept.empty(c, p), []
    for size in pieces:
        piece = tokens[cache.length : cache.length + size]
        if len(piece):
            found.append(kept.extend(c, p, cache, piece))
    whole = transformer.forward(c, p, tokens[: cache.length])
    np.testing.assert_allclose(np.concatenate(found), whole, rtol=0, atol=1e-10)


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(0, 6), st.integers(1, 3))
def test_tokens_taken_back_leave_no_trace(seed, length, again):
    c = SHAPES[2]
    p, tokens, others = model(c, seed), tokens_for(c, 6, seed), tokens_for(c, again, seed + 1)
    cache = kept.empty(c, p)
    kept.extend(c, p, cache, tokens)
    kept.rewind(cache, length)
    found = kept.extend(c, p, cache, others)
    expected = transformer.forward(c, p, [*tokens[:length], *others])[length:]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


def test_a_full_cache_refuses_more_and_stays_as_it_was():
    c = SHAPES[3]
    p, cache = model(c), kept.empty(c, model(c))
    kept.extend(c, p, cache, [0] * 7)
    keys = cache.keys.copy()
    with pytest.raises(ValueError, match="2 tokens don't fit: there is room for 1 more"):
        kept.extend(c, p, cache, [1, 1])
    with pytest.raises(ValueError, match="from 0 to 4"):
        kept.extend(c, p, cache, [-1])
    with pytest.raises(ValueError, match="no token"):
        kept.extend(c, p, cache, [])
    assert cache.length == 7
    np.testing.assert_array_equal(cache.keys, keys)


@pytest.mark.parametrize("length", [-1, 3])
def test_a_cache_goes_back_only_to_what_it_has(length):
    c = SHAPES[0]
    cache = kept.empty(c, model(c))
    kept.extend(c, model(c), cache, [0, 1])
    with pytest.raises(ValueError, match=f"can't go back to {length}"):
        kept.rewind(cache, length)


@shape
def test_single_precision_stays_single_and_close(c):
    p, tokens = model(c, deviation=0.2), tokens_for(c, 8)
    narrow = {name: w.astype(np.float32) for name, w in p.items()}
    found, cache = transformer.forward(c, narrow, tokens), kept.empty(c, narrow)
    assert found.dtype == cache.keys.dtype == np.float32
    assert kept.extend(c, narrow, cache, tokens).dtype == np.float32
    np.testing.assert_allclose(found, transformer.forward(c, p, tokens), rtol=0, atol=1e-4)


@shape
def test_parameters_are_counted_as_drawn(c):
    p = shaped.draw(np.random.default_rng(0), c)
    assert {name: w.shape for name, w in p.items()} == shaped.shapes(c)
    assert shaped.count_parameters(c) == sum(w.size for w in p.values())


def test_a_model_of_four_layers_has_the_parameters_that_its_parts_add_up_to():
    c = Configuration(1024, 256, 4, 128, 4, 2, 344)
    layer = 2 * 128 * 128 + 2 * 128 * 64 + 3 * 128 * 344 + 2 * 128
    assert shaped.count_parameters(c) == 1024 * 128 + 4 * layer + 128


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"groups": 3}, "can't be shared out"),
        ({"d_model": 10}, "don't make 2 heads of pairs"),
        ({"activation": "relu"}, '"swiglu" or "gelu", not "relu"'),
    ],
)
def test_shapes_that_cannot_be_are_refused(change, message):
    fields = dict(
        vocabulary=5, context=4, layers=1, d_model=8, heads=2, groups=1, d_ff=4, activation="gelu"
    )
    with pytest.raises(ValueError, match=message):
        Configuration(**(fields | change))


@pytest.mark.parametrize("tokens", [[5], [-1], [0, 99]])
def test_tokens_that_the_vocabulary_lacks_are_refused(tokens):
    with pytest.raises(ValueError, match="from 0 to 4"):
        transformer.forward(SHAPES[3], model(SHAPES[3]), tokens)


def test_gelu_is_close_to_its_definition_and_silu_exact():
    x = np.linspace(-6, 6, 101)
    exact = [a * 0.5 * math.erfc(-a / math.sqrt(2)) for a in x]
    np.testing.assert_allclose(transformer.gelu(x), exact, atol=5e-4)
    np.testing.assert_allclose(transformer.silu(x), x / (1 + np.exp(-x)), atol=1e-15)


@settings(deadline=None)
@given(SEEDS)
def test_rms_norm_brings_every_vector_to_size_one(seed):
    x = 10 * np.random.default_rng(seed).standard_normal((3, 16))
    found = transformer.rms_norm(x, np.ones(16), 0.0)
    np.testing.assert_allclose(np.sqrt((found**2).mean(axis=-1)), 1.0, rtol=1e-12)


def test_surprisals_are_those_of_probabilities():
    logits = np.log([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]) + 700.0
    bits = measures.surprisals(logits, [1, 2])
    np.testing.assert_allclose(bits, [2.0, -math.log2(0.8)], rtol=1e-12)
    assert measures.perplexity([1.0, 3.0]) == pytest.approx(4.0)
    assert measures.bits_per_character([3.0, 3.0], 4) == pytest.approx(1.5)


def test_entropy_counts_nothing_for_what_never_happens():
    found = measures.entropy([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    np.testing.assert_allclose(found, [1.0, 0.0])


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(2, 12), st.data())
def test_windows_score_every_token_but_the_first_once_and_with_enough_before_it(
    length, context, data
):
    stride = data.draw(st.integers(1, context - 1))
    scored = []
    for window, first in measures.windows(length, context, stride):
        assert window.stop - window.start <= context
        assert first >= min(window.start + first, context - stride)
        scored += range(window.start + first, window.stop)
    assert scored == list(range(1, length))


def test_the_first_window_is_a_whole_context_and_the_others_move_on_by_a_stride():
    found = measures.windows(20, 9, 4)
    assert found == [
        (slice(0, 9), 1),
        (slice(4, 13), 5),
        (slice(8, 17), 5),
        (slice(11, 20), 6),
    ]


def test_a_text_that_fits_is_scored_as_one():
    c, p = SHAPES[0], model(SHAPES[0])
    tokens = tokens_for(c, 20)
    logits = transformer.forward(c, p, tokens[:9])
    found = measures.text_surprisals(c, p, tokens, 4)
    assert found.shape == (19,)
    np.testing.assert_allclose(found[:8], measures.surprisals(logits[:-1], tokens[1:9]))
    last = transformer.forward(c, p, tokens[11:])
    np.testing.assert_allclose(found[-3:], measures.surprisals(last[-4:-1], tokens[-3:]))


@pytest.mark.parametrize("stride", [0, 9])
def test_a_stride_that_leaves_nothing_before_is_refused(stride):
    with pytest.raises(ValueError, match="needs a context longer"):
        measures.windows(20, 9, stride)


@pytest.mark.parametrize(
    "module",
    [
        path
        for path in sorted(Path(transformer.__file__).parent.glob("*.py"))
        if not path.name.startswith("jobs") and not path.name.endswith("_torch.py")
    ],
    ids=lambda path: path.name,
)
def test_modules_of_tiny_models_are_short_enough_to_be_shown(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) < 150
