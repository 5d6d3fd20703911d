"""Optimisers, Muon and the loop against scalar loops, decompositions and closed forms."""

import importlib
import inspect
import itertools
import math
import pkgutil
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import kernels.autodiff
import kernels.numerics
from kernels.autodiff import losses, networks, optimisers, shaping, training
from kernels.autodiff import muon as kernel
from kernels.autodiff.elementwise import relu, tanh

SEEDS = st.integers(0, 2**32 - 1)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def follow(rule, w, gradients, **settings):
    """All parameters that a rule steps through."""
    path, state = [], None
    for g in gradients:
        w, state = rule(w, g, state, **settings)
        path.append(w)
    return np.array(path)


def adam_one_number_at_a_time(w, gradients, rate, beta1, beta2, epsilon, decay):
    """The published algorithm for a single number, term by term."""
    path = []
    for t in range(1, len(gradients) + 1):
        m = sum((1 - beta1) * beta1 ** (t - s) * gradients[s - 1] for s in range(1, t + 1))
        v = sum((1 - beta2) * beta2 ** (t - s) * gradients[s - 1] ** 2 for s in range(1, t + 1))
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        w = w - rate * (m_hat / (math.sqrt(v_hat) + epsilon) + decay * w)
        path.append(w)
    return path


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.floats(-2, 2), SEEDS)
def test_adam_and_adamw_agree_with_sums_over_the_whole_past(gradients, w, seed):
    rng = np.random.default_rng(seed)
    rate, beta1, beta2 = rng.uniform(1e-4, 0.1), rng.uniform(0, 0.99), rng.uniform(0, 0.999)
    settings = {"rate": rate, "beta1": beta1, "beta2": beta2, "epsilon": 1e-8}
    arrays = [np.array([g]) for g in gradients]
    for rule, decay, more in (
        (optimisers.adam, 0.0, {}),
        (optimisers.adamw, 0.3, {"decay": 0.3}),
    ):
        path = follow(rule, np.array([w]), arrays, **settings, **more)[:, 0]
        expected = adam_one_number_at_a_time(w, gradients, **settings, decay=decay)
        np.testing.assert_allclose(path, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "theirs"), [(optimisers.adam, torch.optim.Adam), (optimisers.adamw, torch.optim.AdamW)]
)
def test_settings_are_torchs_unless_told_otherwise(rule, theirs):
    start, gradients = normal(8, 3), normal(9, 6, 3)
    w = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimiser = theirs([w])
    for g in gradients:
        w.grad = torch.from_numpy(g)
        optimiser.step()
    found = follow(rule, start, gradients)[-1]
    np.testing.assert_allclose(found, w.detach().numpy(), rtol=1e-12)


@settings(deadline=None)
@given(st.floats(1e-3, 1e3) | st.floats(-1e3, -1e-3))
def test_adams_first_step_is_the_rate_with_the_sign_of_the_gradient(g):
    stepped, _ = optimisers.adam(np.zeros(1), np.array([g]), None, rate=0.01)
    assert math.isclose(stepped[0], -0.01 * math.copysign(1, g), rel_tol=1e-4)


def test_adams_path_does_not_change_with_the_size_of_the_objective():
    gradients = normal(1, 30, 3)
    here = follow(optimisers.adam, np.zeros(3), gradients, rate=0.01, epsilon=1e-12)
    there = follow(optimisers.adam, np.zeros(3), 1000 * gradients, rate=0.01, epsilon=1e-12)
    np.testing.assert_allclose(here, there, atol=1e-9)


def test_momentum_sums_decayed_gradients():
    gradients = normal(2, 6, 2)
    path = follow(optimisers.momentum, np.zeros(2), gradients, rate=0.1, keep=0.8)
    deltas = [-0.1 * sum(0.8 ** (t - s) * gradients[s] for s in range(t + 1)) for t in range(6)]
    np.testing.assert_allclose(path, np.cumsum(deltas, axis=0), atol=1e-14)


def test_momentum_that_keeps_nothing_is_gradient_descent():
    gradients = normal(3, 5, 2)
    plain = follow(optimisers.sgd, np.ones(2), gradients, rate=0.1)
    np.testing.assert_array_equal(
        plain, follow(optimisers.momentum, np.ones(2), gradients, rate=0.1, keep=0.0)
    )
    np.testing.assert_allclose(plain[-1], 1 - 0.1 * gradients.sum(axis=0))


def test_rmsprop_divides_by_the_running_root_mean_square():
    gradients = np.array([[3.0], [-2.0], [0.5]])
    path = follow(optimisers.rmsprop, np.zeros(1), gradients, rate=0.1, keep=0.75, epsilon=0.2)
    squares = [0.25 * 9.0, 0.25 * (0.75 * 9.0 + 4.0), 0.25 * (0.75**2 * 9.0 + 0.75 * 4.0 + 0.25)]
    steps = [-0.1 * g / (math.sqrt(v) + 0.2) for g, v in zip((3, -2, 0.5), squares, strict=True)]
    np.testing.assert_allclose(path[:, 0], np.cumsum(steps), rtol=1e-14)


def test_rmsprops_first_step_hardly_depends_on_the_size_of_the_gradient():
    for g in (1e-3, 1e3):
        stepped, _ = optimisers.rmsprop(np.zeros(1), np.array([g]), None, rate=0.01)
        assert stepped[0] == pytest.approx(-0.01 / math.sqrt(0.1), rel=1e-4)


@pytest.mark.parametrize(
    "rule",
    [optimisers.momentum, optimisers.rmsprop, optimisers.adam, optimisers.adamw, kernel.muon],
)
def test_rules_change_nothing_in_place(rule):
    w, g = normal(1, 3, 2), normal(2, 3, 2)
    kept_w, kept_g = w.copy(), g.copy()
    _, state = rule(w, g, None, 0.1)
    arrays = [each for each in (state if isinstance(state, tuple) else (state,))]
    kept = [np.copy(each) for each in arrays]
    rule(w, g, state, 0.1)
    for before, after in zip([kept_w, kept_g, *kept], [w, g, *arrays], strict=True):
        np.testing.assert_array_equal(before, after)


def test_clipping_scales_all_gradients_by_one_factor():
    gradients = {"a": np.array([3.0, 0.0]), "b": np.array([[4.0]])}
    clipped = optimisers.clip_by_norm(gradients, 1.0)
    np.testing.assert_allclose(clipped["a"], [0.6, 0.0])
    np.testing.assert_allclose(clipped["b"], [[0.8]])
    assert optimisers.clip_by_norm(gradients, 5.0) is gradients


def test_the_schedule_climbs_then_falls_along_a_cosine():
    rates = [optimisers.warmup_cosine(t, 2.0, 4, 20, floor=0.2) for t in range(25)]
    np.testing.assert_allclose(rates[:5], [0.5, 1.0, 1.5, 2.0, 2.0])
    assert rates[12] == pytest.approx(1.1)  # half way down
    assert rates[20:] == [pytest.approx(0.2)] * 5
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates[4:]))


def test_a_schedule_told_no_floor_falls_to_nothing_even_in_one_step():
    assert optimisers.warmup_cosine(20, 2.0, 4, 20) == 0.0
    assert [optimisers.warmup_cosine(t, 2.0, 4, 5) for t in (4, 5)] == [2.0, 0.0]


def test_a_stand_in_for_a_step_within_a_rule_takes_effect(monkeypatch):
    """Rules look their parts up by name, as the page's faults need."""
    monkeypatch.setattr(optimisers, "correct_bias", lambda mean, beta, t: mean)
    stepped, _ = optimisers.adam(np.zeros(1), np.array([2.0]), None, rate=0.01)
    assert stepped[0] == pytest.approx(-0.01 * 0.1 / math.sqrt(0.001))  # over three times the rate


@pytest.mark.parametrize("package", [kernels.autodiff, kernels.numerics])
def test_no_default_argument_holds_a_function_that_a_fault_may_replace(package):
    seen = 0
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                seen += 1
                defaults = [
                    each.default for each in inspect.signature(function).parameters.values()
                ]
                assert not any(inspect.isfunction(default) for default in defaults), function
    assert seen > 30


# Muon


def with_spectrum(seed, rows, columns, sigma):
    rng = np.random.default_rng(seed)
    u = np.linalg.qr(rng.standard_normal((rows, len(sigma))))[0]
    v = np.linalg.qr(rng.standard_normal((columns, len(sigma))))[0]
    return u, v, u @ np.diag(sigma) @ v.T


@settings(deadline=None)
@given(SEEDS, st.integers(3, 7), st.integers(3, 7))
def test_an_iteration_acts_on_the_singular_values_alone(seed, rows, columns):
    sigma = np.random.default_rng(seed).uniform(0, 1, 3)
    u, v, x = with_spectrum(seed, rows, columns, sigma)
    a, b, c = 3.4445, -4.7750, 2.0315
    expected = u @ np.diag([a * s + b * s**3 + c * s**5 for s in sigma]) @ v.T
    np.testing.assert_allclose(kernel.iterate(x), expected, atol=1e-12)


def test_five_iterations_bring_singular_values_near_one():
    sigma = np.geomspace(0.002, 1.0, 20_000)
    for _ in range(5):
        following = 3.4445 * sigma - 4.7750 * sigma**3 + 2.0315 * sigma**5
        np.testing.assert_allclose(kernel.quintic(sigma), following, atol=1e-14)
        sigma = following
    assert 0.68 < sigma.min() < 0.69 and 1.20 < sigma.max() < 1.21


@settings(deadline=None)
@given(SEEDS, st.sampled_from([(8, 8), (4, 16), (16, 4)]), st.floats(1, 10), st.floats(1e-3, 1e3))
def test_newton_schulz_keeps_singular_vectors(seed, shape, condition, size):
    sigma = size * np.geomspace(1 / condition, 1, min(shape))
    u, v, x = with_spectrum(seed, *shape, sigma)
    y = kernel.newton_schulz(x)
    inside = u.T @ y @ v
    np.testing.assert_allclose(inside, np.diag(np.diag(inside)), atol=1e-9)
    np.testing.assert_allclose(u @ inside @ v.T, y, atol=1e-9)
    assert np.diag(inside).min() > 0.6 and np.diag(inside).max() < 1.3


def test_newton_schulz_with_converging_coefficients_finds_the_nearest_orthogonal_matrix():
    x = normal(1, 5, 7)
    converged = kernel.newton_schulz(x, steps=40, coefficients=(1.875, -1.25, 0.375))
    np.testing.assert_allclose(converged, kernel.orthogonal(x), atol=1e-9)
    np.testing.assert_allclose(converged @ converged.T, np.eye(5), atol=1e-9)


@pytest.mark.parametrize("shape", [(3, 8), (8, 3)])
def test_newton_schulz_multiplies_the_small_product(shape, monkeypatch):
    seen, iterate = [], kernel.iterate
    monkeypatch.setattr(kernel, "iterate", lambda x, *a: seen.append(x.shape) or iterate(x, *a))
    kernel.newton_schulz(normal(2, *shape))
    assert seen == [(3, 8)] * 5


def test_newton_schulz_of_zeros_is_zeros():
    np.testing.assert_array_equal(kernel.newton_schulz(np.zeros((3, 4))), np.zeros((3, 4)))


def test_muon_agrees_with_running_means_instead_of_sums():
    """The authors' code averages where the text sums: a factor that orthogonalising removes."""
    gradients, mean, w = normal(4, 6, 5, 3), np.zeros((5, 3)), normal(5, 5, 3)
    path = follow(kernel.muon, w, gradients, rate=0.1, decay=0.2)
    for g, ours in zip(gradients, path, strict=True):
        mean = 0.95 * mean + 0.05 * g
        ahead = 0.05 * g + 0.95 * mean
        w = w * (1 - 0.1 * 0.2) - 0.1 * kernel.newton_schulz(ahead, epsilon=0.0)
        np.testing.assert_allclose(ours, w, atol=1e-5)


def test_muon_steps_by_a_fiftieth_of_the_newest_gradient_and_the_sum_unless_told_otherwise():
    w, gradients = normal(6, 5, 3), normal(7, 2, 5, 3)
    total = 0.95 * gradients[0] + gradients[1]
    first = w - 0.02 * kernel.newton_schulz(1.95 * gradients[0])
    second = first - 0.02 * kernel.newton_schulz(gradients[1] + 0.95 * total)
    np.testing.assert_allclose(follow(kernel.muon, w, gradients), [first, second], atol=1e-6)
    plain = follow(kernel.muon, w, gradients, nesterov=False)[-1]
    second = first - 0.02 * kernel.newton_schulz(total)
    np.testing.assert_allclose(plain, second, atol=1e-6)


def test_muon_takes_its_steps_and_its_factor_as_told():
    w, g = normal(6, 5, 3), normal(7, 5, 3)
    stepped, total = kernel.muon(w, g, None, rate=0.1, steps=1, rule="adam")
    np.testing.assert_array_equal(total, g)
    once = kernel.iterate(1.95 * g.T / (1.95 * np.linalg.norm(g) + 1e-7)).T
    np.testing.assert_allclose(stepped, w - 0.1 * 0.2 * math.sqrt(5) * once, atol=1e-14)


def test_shape_factors():
    assert kernel.shape_scale((64, 16)) == 2.0
    assert kernel.shape_scale((16, 64)) == 1.0
    assert kernel.shape_scale((16, 64), "adam") == pytest.approx(1.6)
    with pytest.raises(ValueError, match="'jordan' or 'adam', not 'kimi'"):
        kernel.shape_scale((1, 1), "kimi")


def test_the_adam_factor_gives_a_fifth_in_root_mean_square():
    step = kernel.shape_scale((12, 48), "adam") * kernel.orthogonal(normal(1, 12, 48))
    assert math.isclose(math.sqrt(np.mean(step**2)), 0.2)


def test_muon_refuses_vectors():
    with pytest.raises(ValueError, match=r"steps matrices, not arrays of shape \(3,\)"):
        kernel.muon(np.zeros(3), np.zeros(3), None)


# The loop


@pytest.mark.slow
@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 9), st.integers(1, 9), SEEDS)
def test_minibatches_use_every_row_once_a_round(rows, size, steps, seed):
    x = np.arange(rows)
    batches = list(training.minibatches(np.random.default_rng(seed), steps, size, x, -x))
    assert len(batches) == steps
    for a, b in batches:
        assert len(a) == size
        np.testing.assert_array_equal(a, -b)
    drawn = np.concatenate([a for a, _ in batches])
    for start in range(0, len(drawn) - rows + 1, rows):
        assert sorted(drawn[start : start + rows]) == list(range(rows))


def test_minibatches_refuse_arrays_of_unequal_length():
    with pytest.raises(ValueError, match=r"differ in rows: \[3, 2\]"):
        next(training.minibatches(np.random.default_rng(1), 1, 1, np.zeros(3), np.zeros(2)))


def test_descent_on_least_squares_reaches_the_normal_equations():
    x, noise = normal(1, 60, 3), normal(2, 60, 1)
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + 0.1 * noise

    def loss(p, x, y):
        return losses.mean_squared_error(networks.linear(x, p["w"]), y)

    start = {"w": np.zeros((3, 1))}
    fitted, history = training.train(loss, start, [(x, y)] * 300, optimisers.sgd, 0.1)
    np.testing.assert_allclose(fitted["w"], np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-10)
    assert history[0] == pytest.approx(np.mean(y**2))
    assert (np.diff(history) <= 1e-12).all()
    np.testing.assert_array_equal(start["w"], 0.0)


def test_what_a_rule_remembers_goes_from_step_to_step_by_name():
    def loss(p, slope_a, slope_b):
        return shaping.sum_over(p["a"] * slope_a) + shaping.sum_over(p["b"] * slope_b)

    batches, start = normal(3, 6, 2, 2), {"a": np.zeros(2), "b": np.ones(2)}
    found = [p for _, p in training.descend(loss, start, batches, optimisers.momentum, 0.1)]
    for name, slopes in (("a", batches[:, 0]), ("b", batches[:, 1])):
        expected = follow(optimisers.momentum, start[name], slopes, rate=0.1)
        np.testing.assert_allclose([p[name] for p in found], expected, atol=1e-14)


def spiral(generator, count):
    label = generator.integers(0, 2, count)
    t = generator.uniform(0.3, 1.0, count)
    angle = 5.0 * t + np.pi * label
    points = np.stack([t * np.cos(angle), t * np.sin(angle)], axis=1)
    return points + 0.02 * generator.standard_normal(points.shape), label


def learn_spiral(seed, update, rate, steps=400):
    generator = np.random.default_rng(seed)
    points, labels = spiral(generator, 256)
    parameters = networks.draw_mlp(generator, (2, 32, 32, 2))

    def loss(p, x, y):
        return losses.cross_entropy(networks.mlp(p, x), y)

    batches = training.minibatches(generator, steps, 64, points, labels)
    return training.train(loss, parameters, batches, update, rate), (points, labels)


BY_NAME = {
    name: kernel.muon if name == "w1" else partial(optimisers.adamw, decay=0.0)
    for name in ("w0", "b0", "w1", "b1", "w2", "b2")
}


@pytest.mark.parametrize(
    ("update", "rate"),
    [(optimisers.momentum, 0.2), (optimisers.adam, 0.01), (BY_NAME, 0.01)],
    ids=["momentum", "adam", "muon and adamw by name"],
)
def test_a_small_network_learns_two_spirals(update, rate):
    (parameters, history), (points, labels) = learn_spiral(7, update, rate)
    predicted = networks.mlp(parameters, points).data.argmax(axis=-1)
    assert (predicted == labels).mean() > 0.97
    assert history[-20:].mean() < 0.3 * history[:5].mean()


def test_the_same_seed_gives_the_same_bits():
    (first, history), _ = learn_spiral(3, optimisers.adam, 0.01, steps=30)
    (second, again), _ = learn_spiral(3, optimisers.adam, 0.01, steps=30)
    np.testing.assert_array_equal(history, again)
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])
    (_, other), _ = learn_spiral(4, optimisers.adam, 0.01, steps=30)
    assert not np.array_equal(history, other)


def test_rates_may_follow_a_schedule_and_gradients_may_be_clipped():
    def loss(p):
        return shaping.sum_over(p["w"] * 100.0)

    seen = [p["w"] for _, p in training.descend(
        loss, {"w": np.zeros(1)}, [()] * 3, optimisers.sgd, lambda t: 10.0**-t, clip=1.0
    )]  # fmt: skip
    np.testing.assert_allclose(np.concatenate(seen), [-1.0, -1.1, -1.11])
    start = {"w": np.zeros(1)}
    last, _ = training.train(loss, start, [()] * 3, optimisers.sgd, lambda t: 10.0**-t, clip=1.0)
    np.testing.assert_allclose(last["w"], [-1.11])


def test_first_weights_keep_the_size_of_signals():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2000, 256))
    assert networks.glorot(rng, 256, 256).var() == pytest.approx(1 / 256, rel=0.02)
    for _ in range(5):
        x = relu(networks.linear(x, networks.he(rng, 256, 256))).data
    assert np.mean(x**2) == pytest.approx(1.0, rel=0.2)


def test_a_perceptrons_last_layer_is_linear():
    parameters = {"w0": np.array([[2.0]]), "b0": np.array([0.5]),
                  "w1": np.array([[3.0]]), "b1": np.array([-1.0])}  # fmt: skip
    out = networks.mlp(parameters, np.array([[0.7]]), tanh).data
    assert out.item() == pytest.approx(3 * math.tanh(1.9) - 1)
