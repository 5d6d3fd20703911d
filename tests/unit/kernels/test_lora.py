"""LoRA's layer, its gradients, its counts, and what was fine-tuned, by independent means."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.adapters import counts, digits, lora, texts
from kernels.autodiff.backward import value_and_gradients
from kernels.autodiff.losses import mean_squared_error
from kernels.cost import models
from kernels.numerics import lowrank

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 6)


def made(seed, d, k, r, alpha=3.0):
    """Make inputs, a frozen matrix, and an adapter whose factors are both at random."""
    rng = np.random.default_rng(seed)
    adapter = lora.Adapter(rng.standard_normal((r, k)), rng.standard_normal((d, r)), alpha)
    return rng.standard_normal((5, k)), rng.standard_normal((d, k)), adapter


def test_an_adapter_fresh_from_the_drawer_changes_nothing():
    x, w0, _ = made(0, 4, 6, 2)
    fresh = lora.draw(np.random.default_rng(1), 4, 6, 2, 8)
    assert fresh.a.shape == (2, 6) and fresh.b.shape == (4, 2)
    assert np.array_equal(lora.forward(x, w0, fresh), x @ w0.T)
    assert np.linalg.matrix_rank(fresh.a) == 2


@given(SEEDS, SIZES, SIZES, SIZES, st.floats(0.1, 64))
def test_beside_and_merged_are_one_sum_of_outer_products(seed, d, k, r, alpha):
    x, w0, adapter = made(seed, d, k, r, alpha)
    expected = [[row @ w for w in w0] for row in x]
    for i in range(r):
        for n, row in enumerate(x):
            expected[n] += alpha / r * adapter.b[:, i] * (adapter.a[i] @ row)
    merged = lora.merge(w0, adapter)
    assert np.allclose(lora.forward(x, w0, adapter), expected, atol=1e-9)
    assert np.allclose(x @ merged.T, expected, atol=1e-9)
    assert np.allclose(lora.unmerge(merged, adapter), w0, atol=1e-9)
    assert np.linalg.matrix_rank(lora.change(adapter)) <= min(r, d, k)


@settings(deadline=None)
@given(SEEDS, SIZES, SIZES, SIZES)
def test_the_gradients_agree_with_reverse_mode(seed, d, k, r):
    x, w0, adapter = made(seed, d, k, r)
    wanted = np.random.default_rng(seed + 1).standard_normal((5, d))

    def loss(p):
        from kernels.autodiff.shaping import transpose

        merged = transpose(lora.merge(w0, lora.Adapter(p["a"], p["b"], adapter.alpha)))
        return mean_squared_error(x @ merged, wanted)

    _, expected = value_and_gradients(loss, {"a": adapter.a, "b": adapter.b})
    g = 2.0 * (lora.forward(x, w0, adapter) - wanted) / wanted.size
    of_a, of_b = lora.gradients(x, g, adapter)
    assert np.allclose(of_a, expected["a"], atol=1e-9)
    assert np.allclose(of_b, expected["b"], atol=1e-9)


def test_learning_reaches_a_target_of_its_own_rank_and_no_floor_is_undercut():
    left, right = (np.random.default_rng(seed).standard_normal((9, 2)) for seed in (1, 2))
    target = left @ right.T / 9
    for r, reached in ((1, lowrank.floor(target, 1)), (2, 0.0)):
        first = lora.draw(np.random.default_rng(3), 9, 9, r, 2)
        path = list(lora.learn(target, first, 400, 0.03))
        assert len(path) == 401 and path[0] is first
        missed = np.linalg.norm(target - lora.change(path[-1]))
        assert missed == pytest.approx(reached, abs=1e-3)


def test_flat_names_become_adapters():
    x, w0, adapter = made(4, 3, 5, 2)
    found = lora.gather({"0.q.a": adapter.a, "0.q.b": adapter.b}, adapter.alpha)
    assert list(found) == ["0.q"]
    assert np.array_equal(lora.forward(x, w0, found["0.q"]), lora.forward(x, w0, adapter))


def test_counts_agree_with_the_paper_and_with_arrays():
    published = {
        (1, "qv"): 4.7,
        (2, "v"): 4.7,
        (8, "qv"): 37.7,
        (2, "qkvo"): 18.8,
        (64, "qv"): 301.9,
    }
    for (r, where), millions in published.items():  # Table 15 cuts 18.87 short
        assert counts.trained(models.GPT3, r, where) / 1e6 == pytest.approx(millions, abs=0.1)
    shared = models.LLAMA_3_8B  # 32 heads read 8 heads of keys and values
    sizes = [
        np.zeros((2, k)).size + np.zeros((d, 2)).size for d, k in counts.shapes(shared).values()
    ]
    assert counts.trained(shared, 2, "qkvo") == shared.layers * sum(sizes)
    with pytest.raises(ValueError, match="no plain"):
        counts.trained(models.DEEPSEEK_V3, 4)


def test_memory_is_counted_number_by_number():
    mixed = counts.RECIPES["mixed"]
    full, low = (
        counts.in_full(models.GPT2_SMALL, mixed),
        counts.by_lora(models.GPT2_SMALL, mixed, 4),
    )
    assert full.total == 16 * 124_439_808
    assert low.total == 2 * 124_439_808 + 16 * counts.trained(models.GPT2_SMALL, 4)
    assert low.gradients == 2 * counts.trained(models.GPT2_SMALL, 4)


def test_ways_of_showing_digits_keep_their_ink():
    image = np.full((1, 64), -1.0)
    image[0, 1] = 1.0  # the first row, second from the left
    assert digits.mirrored(image)[0, 6] == 1.0
    assert digits.turned(image)[0, 8 * 6] == 1.0
    for name, show in digits.SHOWN.items():
        assert np.sort(show(image))[0, -1] == 1.0, name
    again = digits.SHOWN["shuffled"](np.arange(64.0)[None])
    assert sorted(again[0]) == list(range(64)) and not np.array_equal(again[0], np.arange(64))


def test_an_equipped_reader_reads_as_with_the_adapter_beside_it():
    from kernels.autodiff.networks import draw_mlp
    from kernels.diffusion.digits import recognise

    reader = draw_mlp(np.random.default_rng(0), (64, 96, 24, 10))
    _, _, adapter = made(5, 96, 64, 3)
    images = np.random.default_rng(6).standard_normal((4, 64))
    swish = lambda x: x / (1 + np.exp(-x))  # noqa: E731
    h = swish(lora.forward(images, reader["w0"].T, adapter) + reader["b0"])
    expected = np.tanh(h @ reader["w1"] + reader["b1"])
    found, _ = recognise(digits.equip(reader, {"w0": adapter}), images)
    assert np.allclose(found.data, expected)


def test_acts_are_cut_at_the_fifth_and_turned_letter_by_letter():
    play = "Macbeth\n\nACT I\n\nalas\n\nACT V\n\nout\n\nTwelfth Night\n\nACT I\n\nif\n\nACT V\n"
    assert texts.acts(play) == ("Macbeth\n\nACT I\n\nalas", "ACT V\n\nout")
    assert texts.acts(play, backwards=True)[1] == "tuo\n\nV TCA"
    with pytest.raises(ValueError, match="Macbeth"):
        texts.acts("Hamlet")
