"""The digit networks: their losses, their training, and what the shipped weights do."""

import ast
import inspect
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

import kernels
from kernels.autodiff import check
from kernels.autodiff.networks import draw_mlp
from kernels.autodiff.tensor import Tensor
from kernels.diffusion import digits, forward, guidance, quality, samplers, schedules, weights
from kernels.diffusion import digits_losses as losses
from kernels.diffusion import digits_training as training
from kernels.encoding import decode

SEEDS = st.integers(0, 2**32 - 1)
ASSETS = Path(kernels.__file__).parent / "assets"
JOBS = ("data", "classifier", "denoiser", "flow", "vae", "gan")


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def small(seed=0):
    """A conditioned network of a few weights, none of them zero."""
    drawn = digits.draw_conditioned(np.random.default_rng(seed), width=6, spoken=4, blocks=2)
    g = np.random.default_rng([seed, 1])
    return {name: g.normal(0.0, 0.5, values.shape) for name, values in drawn.items()}


# ---- networks ----


def test_a_network_starts_by_predicting_nothing():
    p = digits.draw_conditioned(np.random.default_rng(0))
    x = normal(0, 3, 64)
    assert not digits.conditioned(p, x, np.full(3, 0.5), np.array([1, 2, 10])).data.any()


def test_each_row_is_told_its_own_level_and_label():
    p, x = small(), normal(1, 3, 64)
    level, labels = np.array([0.1, 0.5, 0.9]), np.array([3, 10, 7])
    together = digits.conditioned(p, x, level, labels).data
    for i in range(3):
        alone = digits.conditioned(p, x[[i]], level[[i]], labels[[i]]).data
        np.testing.assert_allclose(together[[i]], alone, atol=1e-12)
    assert np.abs(together - digits.conditioned(p, x, level, labels[::-1]).data)[0].max() > 1e-3
    assert np.abs(together - digits.conditioned(p, x, level[::-1], labels).data)[0].max() > 1e-3


def test_levels_between_two_are_told_apart():
    features = digits.level_features(np.linspace(0.0, 1.0, 101))
    assert features.shape == (101, 12)
    steps = np.linalg.norm(np.diff(features, axis=0), axis=1)
    assert steps.min() > 0.1


@given(st.floats(0.0, 1.0))
def test_the_noise_level_is_the_share_of_the_quarter_circle(share):
    alpha_bar = np.cos(0.5 * np.pi * share) ** 2
    np.testing.assert_allclose(digits.angle(alpha_bar), share, atol=1e-7)


def test_the_estimates_of_noise_image_and_v_agree():
    p, x, alpha_bar = small(), normal(2, 4, 64), 0.3
    noise = digits.denoise(p, x, alpha_bar, np.arange(4))
    level = np.full(4, digits.angle(alpha_bar))
    v = digits.conditioned(p, x, level, np.arange(4)).data
    np.testing.assert_allclose(noise, forward.noise_from_v(x, v, alpha_bar), atol=1e-12)
    image = forward.clean_from_noise(x, noise, alpha_bar)
    np.testing.assert_allclose(image, forward.clean_from_v(x, v, alpha_bar), atol=1e-9)


def test_without_labels_nobody_is_asked_for():
    p, x = small(), normal(3, 2, 64)
    nobody = np.full(2, digits.NOBODY)
    np.testing.assert_array_equal(digits.denoise(p, x, 0.5), digits.denoise(p, x, 0.5, nobody))
    np.testing.assert_array_equal(digits.velocity(p, x, 0.5), digits.velocity(p, x, 0.5, nobody))


def test_gradients_of_the_conditioned_loss_agree_with_differences():
    p, g = small(4), np.random.default_rng(5)
    x, level, labels, wanted = losses.noised_batch(g, normal(6, 3, 64), np.array([1, 2, 3]))
    names = ("class", "level", "say0", "mix1", "in_bias", "out_bias")

    def loss(*values):
        return losses.regression({**p, **dict(zip(names, values, strict=True))}, x, level, labels,
                                 wanted)  # fmt: skip

    assert check.disagreement(loss, *(p[name] for name in names)) < 1e-6


def test_gradients_of_the_bound_and_of_both_adversaries_agree_with_differences():
    g = np.random.default_rng(7)
    p = {f"{part}.{name}": values
         for part, widths in (("encoder", (5, 4, 4)), ("decoder", (2, 4, 5)))
         for name, values in draw_mlp(g, widths).items()}  # fmt: skip
    p["log_variance"] = np.array([-0.5])
    x, fresh, noise, blur = normal(8, 3, 5), normal(9, 3, 2), normal(10, 3, 2), normal(11, 3, 5)
    judge, maker = draw_mlp(g, (5, 4, 1)), draw_mlp(g, (2, 4, 5))

    def of(loss, parameters, *rest):
        names = list(parameters)
        return check.disagreement(
            lambda *values: loss(dict(zip(names, values, strict=True)), *rest), *parameters.values()
        )

    assert of(losses.negative_bound, p, x, fresh, x + 0.1 * blur) < 1e-6
    assert of(losses.discriminator_loss, judge, x, blur) < 1e-6
    assert of(losses.generator_loss, maker, judge, noise, blur) < 1e-6


# ---- losses ----


@pytest.mark.slow
@given(st.floats(-2.0, 2.0), st.floats(-3.0, 2.0))
def test_divergence_from_standard_is_its_integral(mean, log_variance):
    deviation = np.exp(0.5 * log_variance)
    z = mean + deviation * np.linspace(-12.0, 12.0, 20_001)
    p = norm(mean, deviation)
    wanted = np.sum(p.pdf(z) * (p.logpdf(z) - norm.logpdf(z))) * (z[1] - z[0])
    found = losses.kl_to_standard(Tensor([[mean]]), Tensor([[log_variance]])).data[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@given(SEEDS, st.floats(-3.0, 2.0))
def test_surprise_is_scipys(seed, log_variance):
    x, mean = normal(seed, 2, 3, 4)
    found = losses.gaussian_surprise(x, Tensor(mean), Tensor([log_variance])).data
    wanted = -norm(mean, np.exp(0.5 * log_variance)).logpdf(x).sum(axis=1)
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_is_below_the_log_evidence_and_many_draws_reach_it(seed):
    """One latent number, so that the evidence is an integral over a line."""
    g, draws = np.random.default_rng(seed), 4000
    parts = {"encoder": draw_mlp(g, (4, 6, 2)), "decoder": draw_mlp(g, (1, 6, 4))}
    p = {f"{part}.{name}": w for part, layers in parts.items() for name, w in layers.items()}
    p["encoder.w1"] = 0.3 * p["encoder.w1"]  # a wide encoder, whose draws miss nothing
    p["log_variance"] = np.array([g.uniform(-1.0, 0.5)])
    x, z = g.uniform(-1.0, 1.0, 4), np.linspace(-9.0, 9.0, 2001)
    drawn = digits.decode(losses.split(p, "decoder"), z[:, None]).data
    terms = -losses.gaussian_surprise(x, drawn, p["log_variance"]).data + norm.logpdf(z)
    evidence = np.logaddexp.reduce(terms) + np.log(z[1] - z[0])
    many = losses.log_weights(p, np.tile(x, (draws, 1)), g.normal(size=(draws, 1)))
    spread = many.std() / np.sqrt(draws)
    tighter = np.logaddexp.reduce(many) - np.log(draws)
    assert many.mean() < evidence + 4.0 * spread
    assert many.mean() < tighter
    ratios = np.exp(many - evidence)
    assert abs(tighter - evidence) < 5.0 * ratios.std() / np.sqrt(draws)


def test_the_bound_is_the_mean_log_weight():
    g = np.random.default_rng(3)
    p = {f"{part}.{name}": values
         for part, widths in (("encoder", (4, 6, 4)), ("decoder", (2, 6, 4)))
         for name, values in draw_mlp(g, widths).items()}  # fmt: skip
    p["log_variance"] = np.array([-0.3])
    x = np.tile(g.uniform(-1.0, 1.0, (1, 4)), (40_000, 1))
    fresh = g.normal(size=(40_000, 2))
    minus = losses.negative_bound(p, x, fresh).data
    np.testing.assert_allclose(losses.log_weights(p, x, fresh).mean(), -minus, atol=0.02)


def test_batches_hold_what_they_say():
    x_0, labels = normal(12, 400, 64), np.arange(400) % 10
    x, level, told, v = losses.noised_batch(np.random.default_rng(0), x_0, labels, 0.25)
    alpha_bar = np.cos(0.5 * np.pi * level[:, None]) ** 2
    np.testing.assert_allclose(forward.clean_from_v(x, v, alpha_bar), x_0, atol=1e-9)
    assert 60 < (told == digits.NOBODY).sum() < 140
    assert (np.histogram(level, 20, (0.0, 1.0))[0] == 20).all()
    x, t, told, u = losses.flow_batch(np.random.default_rng(0), x_0, labels, 0.0)
    np.testing.assert_allclose(x + (1.0 - t[:, None]) * u, x_0, atol=1e-9)
    np.testing.assert_array_equal(told, labels)


# ---- training ----


def toy(steps):
    """A short training run: its first state, its step, its check."""
    x, labels = normal(13, 60, 64), np.arange(60) % 10

    def step(state, t):
        i = np.random.default_rng([0, t]).choice(60, 8)
        return training.descend(state, t, losses.classification, (x[i], labels[i]), 3e-3)

    first = training.start(draw_mlp(np.random.default_rng(1), (64, 8, 10)), steps)
    return first, step, lambda state: [state["losses"].sum()]


def test_training_that_stops_goes_on_to_the_same_weights(tmp_path):
    first, step, check = toy(30)
    whole = training.run(first, step, 30, None, 10, check)

    def stopping(state, t):
        if t == 17:
            raise KeyboardInterrupt
        return step(state, t)

    first, _, _ = toy(30)
    path = tmp_path / "state.npz"
    with pytest.raises(KeyboardInterrupt):
        training.run(first, stopping, 30, path, 10, check)
    told = []
    first, _, _ = toy(30)
    again = training.run(first, step, 30, path, 10, check, lambda t, state: told.append(t))
    assert told == [20, 30]
    assert list(tmp_path.iterdir()) == [path]
    for name, values in training.flatten(whole).items():
        np.testing.assert_array_equal(training.flatten(again)[name], values)
    assert again["losses"][-5:].mean() < again["losses"][:5].mean()


def test_a_state_lies_flat_and_stands_up_again():
    state = {"t": np.array(3), "memory": {"w": (np.ones(2), np.zeros(2), np.array(7))}}
    flat = training.flatten(state)
    assert sorted(flat) == ["memory/w/0", "memory/w/1", "memory/w/2", "t"]
    back = training.unflatten(flat)
    assert isinstance(back["memory"]["w"], tuple)
    assert int(back["memory"]["w"][2]) == 7


def test_averages_forget_the_start_and_then_move_slowly():
    slow = weights.average(None, {"w": np.zeros(1)}, 0)
    for t in range(5000):
        slow = weights.average(slow, {"w": np.ones(1)}, t)
    assert slow["w"][0] > 0.98
    moved = weights.average({"w": np.zeros(1)}, {"w": np.ones(1)}, 10**6)
    np.testing.assert_allclose(moved["w"], 1e-3)


def test_curves_are_averaged_and_written_plainly():
    found = training.stretches(np.arange(10.0), 4)
    np.testing.assert_array_equal(found, [[4.0, 1.5], [8.0, 5.5]])
    assert training.table(("step", "loss"), found) == "step,loss\n4,1.5\n8,5.5\n"


@given(SEEDS)
def test_weights_come_back_as_the_nearest_half(seed):
    p = {"w": normal(seed, 3, 4)}
    back = weights.widen(weights.narrow(p))["w"]
    assert back.dtype == np.float64
    np.testing.assert_allclose(back, p["w"], rtol=1 / 2048, atol=1e-7)


def test_a_weight_too_large_for_a_half_is_named():
    with pytest.raises(ValueError, match="mix0 has values"):
        weights.narrow({"mix0": np.array([1e6])})


def test_pixels_and_images_undo_each_other():
    pixels = np.arange(17, dtype=np.uint8)
    np.testing.assert_array_equal(weights.to_pixels(weights.from_pixels(pixels)), pixels)
    assert weights.to_pixels([-3.0, 3.0]).tolist() == [0, 16]


# ---- the judge ----


def test_evenness_is_one_for_even_and_nothing_for_one():
    assert quality.evenness(np.full(10, 7)) == pytest.approx(1.0)
    assert quality.evenness(np.array([9, 0, 0])) == 0.0


def test_halves_of_one_cloud_are_nearer_than_halves_of_two():
    x, y = normal(14, 200, 3), normal(15, 200, 3) + 1.0
    g = np.random.default_rng(0)
    floor, spread = quality.halves_apart(g, x)
    apart, _ = quality.halves_apart(g, x, y)
    assert 0.0 < floor < 0.3
    assert spread < floor
    assert apart > 2.0


# ---- what is shipped ----


def shipped(job, file):
    return decode(file, (ASSETS / f"digits-{job}" / file).read_bytes())


@pytest.fixture(scope="module")
def data():
    found = shipped("data", "digits.npz")
    held = found["held_out"]
    return weights.from_pixels(found["pixels"][held]), found["labels"][held].astype(int)


@pytest.fixture(scope="module")
def judge():
    return weights.widen(shipped("classifier", "weights.npz"))


@pytest.mark.parametrize("job", JOBS)
def test_every_network_is_small_and_says_its_data(job):
    receipt = json.loads((ASSETS / f"digits-{job}" / "receipt.json").read_text(encoding="utf-8"))
    assert all(file["bytes"] < 300_000 for file in receipt["files"])
    assert job == "data" or "digits-data" in receipt["inputs"]
    if job == "data":
        assert "CC BY 4.0" in receipt["notes"]["licence"]


def test_all_together_fit_their_budget():
    files = [path for job in JOBS for path in (ASSETS / f"digits-{job}").iterdir()]
    assert sum(path.stat().st_size for path in files) < 1_500_000


def test_the_held_out_digits_are_a_part_of_all(data):
    images, labels = data
    assert images.shape == (500, 64)
    assert (images.min(), images.max()) == (-1.0, 1.0)
    assert set(labels) == set(range(10))


def test_the_classifier_knows_digits_it_has_not_seen(data, judge):
    assert quality.accuracy(judge, *data) > 0.97


def test_the_denoiser_draws_the_digit_that_is_asked_for(judge):
    p, labels = weights.widen(shipped("denoiser", "weights.npz")), np.arange(100) % 10
    levels = schedules.respace(schedules.cosine(1000), 20)
    model = guidance.guided(
        lambda x, level, who: digits.denoise(p, x, level, who), labels, digits.NOBODY, 0.0
    )
    drawn = samplers.implicit(model, normal(16, 100, 64), levels)[-1]
    assert quality.accuracy(judge, drawn, labels) > 0.94


def test_the_denoiser_serves_another_schedule_too(judge):
    p, labels = weights.widen(shipped("denoiser", "weights.npz")), np.arange(50) % 10
    levels = schedules.respace(schedules.linear(1000), 25)
    drawn = samplers.implicit(
        lambda x, level: digits.denoise(p, x, level, labels), normal(17, 50, 64), levels
    )[-1]
    assert quality.accuracy(judge, drawn, labels) > 0.9


def test_the_flow_leads_to_the_digit_that_is_asked_for(judge):
    p, labels = weights.widen(shipped("flow", "weights.npz")), np.arange(100) % 10
    drawn = samplers.euler(
        lambda x, t: digits.velocity(p, x, t, labels), normal(18, 100, 64), np.linspace(0, 1, 21)
    )[-1]
    assert quality.accuracy(judge, drawn, labels) > 0.94


@pytest.mark.parametrize(("latents", "least"), [(2, 0.6), (8, 0.9)])
def test_the_vae_mends_digits_it_has_not_seen(latents, least, data, judge):
    p, (images, labels) = weights.widen(shipped("vae", f"weights-{latents}.npz")), data
    mean, _ = digits.encode(losses.split(p, "encoder"), images)
    mended = digits.decode(losses.split(p, "decoder"), mean).data
    assert mean.shape == (500, latents)
    assert quality.accuracy(judge, mended, labels) > least


def test_the_gan_makes_every_digit(judge):
    p = weights.widen(shipped("gan", "generator.npz"))
    noise = normal(19, 300, p["w0"].shape[0])
    counts, sure = quality.coverage(judge, digits.generate(p, noise).data)
    assert counts.min() >= 5
    assert sure > 0.85


def test_denoiser_and_flow_come_as_near_to_real_digits_as_chance_lets_real_ones():
    floor, deviation = shipped("classifier", "quality.json")["floor"]
    for job in ("denoiser", "flow"):
        best = min(row["frechet"] for row in shipped(job, "quality.json"))
        assert best < floor + deviation


def test_more_of_the_latent_makes_a_better_bound():
    two, eight = shipped("vae", "quality.json")
    assert two["bound"] < eight["bound"] <= eight["importance_bound"]
    for row in (two, eight):
        np.testing.assert_allclose(row["bound"], -row["surprise"] - row["divergence"], atol=0.7)


# ---- the package ----


def test_modules_that_pages_show_are_short_and_need_no_more_than_numpy():
    allowed = {"numpy", "kernels", "dataclasses", "itertools", "collections", "pathlib"}
    for path in Path(inspect.getfile(digits)).parent.glob("*.py"):
        if path.name.startswith("jobs"):
            continue
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 150, path.name
        for node in ast.walk(ast.parse(text)):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            assert {name.split(".")[0] for name in names} <= allowed, path.name
