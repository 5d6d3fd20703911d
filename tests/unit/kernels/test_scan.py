"""Scans against a plain loop, SciPy's filters and PyTorch's cells."""

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.scan import convolution, gates, linear, selective

SEEDS = st.integers(0, 2**32 - 1)
TIMES = st.integers(1, 40)
SCANS = [
    linear.sequential,
    linear.hillis_steele,
    linear.blelloch,
    lambda a, b, start=0.0: linear.chunked(a, b, 7, start),
]
NAMES = ["sequential", "hillis_steele", "blelloch", "chunked"]


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def maps(seed, *shape):
    return np.random.default_rng(seed).uniform(-1.1, 1.1, shape), normal(seed + 1, *shape)


def sums_of_products(a, b, start):
    """Every past input times all that came after it: no recurrence at all."""
    time = len(b)
    return np.array(
        [
            np.prod(a[: t + 1], axis=0) * start
            + sum(np.prod(a[s + 1 : t + 1], axis=0) * b[s] for s in range(t + 1))
            for t in range(time)
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("scan", SCANS, ids=NAMES)
@settings(deadline=None)
@given(seed=SEEDS, time=TIMES, start=st.floats(-3.0, 3.0))
def test_every_scan_is_the_sum_of_the_past(scan, seed, time, start):
    a, b = maps(seed, time, 2, 3)
    found = scan(a, b, start=start)
    assert found.shape == b.shape
    np.testing.assert_allclose(found, sums_of_products(a, b, start), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("scan", SCANS, ids=NAMES)
@settings(deadline=None)
@given(seed=SEEDS, time=TIMES, a=st.floats(-0.99, 0.99))
def test_one_constant_factor_is_scipys_filter(scan, seed, time, a):
    b = normal(seed, time)
    expected = scipy.signal.lfilter([1.0], [1.0, -a], b)
    np.testing.assert_allclose(scan(np.full(time, a), b), expected, atol=1e-12)


@settings(deadline=None)
@given(SEEDS)
def test_composition_is_associative_and_has_an_identity(seed):
    one, two, three = (tuple(normal(seed + i, 2, 5)) for i in range(3))
    left = linear.compose(linear.compose(one, two), three)
    right = linear.compose(one, linear.compose(two, three))
    np.testing.assert_allclose(left, right, atol=1e-12)
    nothing = linear.identity(one[0])
    np.testing.assert_array_equal(linear.compose(one, nothing), one)
    np.testing.assert_array_equal(linear.compose(nothing, one), one)


def test_composition_takes_its_maps_in_time_order():
    double, add = (2.0, 0.0), (1.0, 3.0)
    assert linear.compose(double, add) == (2.0, 3.0)
    assert linear.compose(add, double) == (2.0, 6.0)


@pytest.mark.parametrize("time", [1, 2, 3, 8, 13, 64, 100])
def test_work_is_as_many_compositions_as_are_done(time, monkeypatch):
    done, compose = [], linear.compose
    monkeypatch.setattr(linear, "compose", lambda x, y: done.append(np.size(y[1])) or compose(x, y))
    a, b = maps(time, time)
    linear.hillis_steele(a, b)
    assert sum(done) == linear.hillis_steele_work(time)
    assert len(done) == int(np.ceil(np.log2(time)))
    done.clear()
    linear.blelloch(a, b)
    assert sum(done) == linear.blelloch_work(time)
    assert len(done) == 2 * int(np.ceil(np.log2(time))) + 1


def test_a_tree_works_less_than_doubling_distances_on_long_inputs():
    assert linear.blelloch_work(1024) < 3 * 1024
    assert linear.hillis_steele_work(1024) == 1024 * 10 - 1023


@settings(deadline=None)
@given(SEEDS, st.integers(1, 33))
def test_rounds_join_twice_as_many_steps_each(seed, time):
    a, b = maps(seed, time)
    for number, (_, sums) in enumerate(linear.hillis_steele_rounds(a, b)):
        reach = 2**number
        for t in range(time):
            first = max(0, t - reach + 1)
            expected = linear.sequential(a[first : t + 1], b[first : t + 1])[-1]
            assert sums[t] == pytest.approx(expected, abs=1e-10)


@settings(deadline=None)
@given(SEEDS, TIMES, st.integers(1, 50))
def test_chunks_of_any_size_agree(seed, time, size):
    a, b = maps(seed, time, 2)
    found = linear.chunked(a, b, size, start=0.5)
    np.testing.assert_allclose(found, linear.sequential(a, b, 0.5), rtol=1e-11, atol=1e-11)


def layer(seed, batch=2, time=9, d_inner=3, d_state=4):
    x, z = normal(seed, 2, batch, time, d_inner)
    delta = selective.softplus(normal(seed + 1, batch, time, d_inner))
    B, C = normal(seed + 2, 2, batch, time, d_state)
    A = -np.exp(normal(seed + 3, d_inner, d_state))
    return x, delta, A, B, C, normal(seed + 4, d_inner), z


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.integers(1, 12), st.booleans())
def test_selective_scan_agrees_with_loops_over_every_axis_in_torch(seed, time, exact):
    x, delta, A, B, C, D, z = layer(seed, time=time)
    way = selective.hold if exact else selective.simple
    found = selective.selective_scan(x, delta, A, B, C, D, z, discretise=way)
    tx, tdelta, tA, tB, tC, tD, tz = (torch.from_numpy(v) for v in (x, delta, A, B, C, D, z))
    expected = torch.zeros(tx.shape, dtype=torch.float64)
    for batch in range(2):
        for d in range(3):
            h = torch.zeros(4, dtype=torch.float64)
            for t in range(time):
                exponent = tdelta[batch, t, d] * tA[d]
                gain = tdelta[batch, t, d] * tB[batch, t]
                if exact:
                    gain = torch.linalg.solve(
                        torch.diag(exponent), torch.diag(exponent.exp() - 1.0) @ gain
                    )
                h = exponent.exp() * h + gain * tx[batch, t, d]
                y = h @ tC[batch, t] + tD[d] * tx[batch, t, d]
                expected[batch, t, d] = y * torch.nn.functional.silu(tz[batch, t, d])
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-9, atol=1e-10)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 20), st.integers(1, 25))
def test_selective_scan_in_chunks_and_step_by_step_is_the_same(seed, time, chunk):
    x, delta, A, B, C, D, z = layer(seed, time=time)
    whole = selective.selective_scan(x, delta, A, B, C, D, z)
    parts = selective.selective_scan(x, delta, A, B, C, D, z, chunk=chunk)
    np.testing.assert_allclose(parts, whole, atol=1e-11)
    h = np.zeros((2, 3, 4))
    for t in range(time):
        now = (v[:, t] for v in (x, delta))
        h, y = selective.step(h, *now, A, B[:, t], C[:, t], D, z[:, t])
        np.testing.assert_allclose(y, whole[:, t], atol=1e-12)


@settings(deadline=None)
@given(SEEDS)
def test_what_comes_later_changes_nothing_before(seed):
    x, delta, A, B, C, D, z = layer(seed)
    first = selective.selective_scan(x, delta, A, B, C, D, z)
    x[:, 6:], delta[:, 6:] = 1.0, 2.0
    second = selective.selective_scan(x, delta, A, B, C, D, z)
    np.testing.assert_array_equal(first[:, :6], second[:, :6])
    assert (first[:, 6:] != second[:, 6:]).any()


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.floats(0.001, 2.0))
def test_hold_is_the_matrix_exponential_of_input_and_state_together(seed, step):
    A = -np.exp(normal(seed, 1, 3))
    B = normal(seed + 1, 1, 1, 3)
    decay, gain = selective.hold(np.full((1, 1, 1), step), A, B)
    joint = np.zeros((4, 4))
    joint[:3, :3], joint[:3, 3] = np.diag(A[0]), B[0, 0]
    exact = scipy.linalg.expm(step * joint)
    np.testing.assert_allclose(decay[0, 0, 0], np.diag(exact)[:3], atol=1e-12)
    np.testing.assert_allclose(gain[0, 0, 0], exact[:3, 3], atol=1e-11)


def test_mambas_first_states_forget_at_the_rates_of_whole_numbers():
    np.testing.assert_array_equal(selective.real_start(2, 4), [[-1, -2, -3, -4]] * 2)


def test_simple_gain_is_right_to_first_order():
    A, B = selective.real_start(1, 4), np.ones((1, 1, 4))
    errors = []
    for size in (0.02, 0.01):
        delta = np.full((1, 1, 1), size)
        errors.append(np.abs(selective.hold(delta, A, B)[1] - selective.simple(delta, A, B)[1]))
    np.testing.assert_allclose(errors[0] / errors[1], 4.0, rtol=0.05)


@settings(deadline=None)
@given(SEEDS, TIMES)
def test_one_state_with_a_held_input_is_a_gate(seed, time):
    x, logit = normal(seed, 2, 2, time, 3)
    ones = np.ones((2, time, 1))
    delta, A = selective.softplus(logit), -np.ones((3, 1))
    h = selective.selective_states(x, delta, A, ones, selective.hold)[..., 0]
    np.testing.assert_allclose(h, selective.as_gate(x, logit), atol=1e-12)


@settings(deadline=None)
@given(SEEDS)
def test_selection_projects_every_token_by_itself(seed):
    x, bias = normal(seed, 2, 5, 6), normal(seed + 1, 6)
    w_b, w_c = normal(seed + 2, 2, 6, 4)
    w_down, w_up = normal(seed + 3, 6, 2), normal(seed + 4, 2, 6)
    found = selective.select(x, w_b, w_c, w_down, w_up, bias)
    tx = torch.from_numpy(x)
    raw = tx @ torch.from_numpy(w_down) @ torch.from_numpy(w_up) + torch.from_numpy(bias)
    np.testing.assert_allclose(found.delta, torch.nn.functional.softplus(raw).numpy(), atol=1e-8)
    assert (found.delta > 0.0).all()
    np.testing.assert_allclose(found.B[1, 3], x[1, 3] @ w_b, atol=1e-12)
    np.testing.assert_allclose(found.C[1, 3], x[1, 3] @ w_c, atol=1e-12)


def test_parameters_that_do_not_change_give_a_convolution():
    A, B, C = -np.array([0.5, 1.0, 2.0]), np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.2, 1.0])
    u = normal(5, 30)
    decay, gain = convolution.diagonal_hold(A, B, 0.1)
    answer = convolution.diagonal_kernel(decay, gain, C, 30)
    steps = np.full((1, 30, 1), 0.1)
    tiled = (np.tile(part, (1, 30, 1)) for part in (B, C))
    found = selective.selective_scan(
        u[None, :, None], steps, A[None], *tiled, discretise=selective.hold
    )
    expected = convolution.causal_convolution(answer, u)
    np.testing.assert_allclose(found[0, :, 0], expected, atol=1e-12)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 60), st.integers(1, 6), st.floats(0.001, 0.2))
def test_convolution_is_the_recurrence_and_scipys_simulation(seed, length, n, delta):
    A, B = convolution.hippo(n)
    C, u = normal(seed, n), normal(seed + 1, length)
    A_bar, B_bar = convolution.bilinear(A, B, delta)
    expected = convolution.recurrence(A_bar, B_bar, C, u)
    answer = convolution.kernel(A_bar, B_bar, C, length)
    np.testing.assert_allclose(convolution.causal_convolution(answer, u), expected, atol=1e-9)
    np.testing.assert_allclose(convolution.direct_convolution(answer, u), expected, atol=1e-9)
    theirs = scipy.signal.cont2discrete(
        (A, B[:, None], C[None], np.zeros((1, 1))), delta, method="bilinear"
    )
    np.testing.assert_allclose(A_bar, theirs[0], atol=1e-10)
    np.testing.assert_allclose(B_bar, theirs[1][:, 0], atol=1e-10)
    numerator, denominator = scipy.signal.ss2tf(A_bar, B_bar[:, None], C[None], np.zeros((1, 1)))
    filtered = scipy.signal.lfilter(np.append(numerator[0], 0.0)[1:], denominator, u)
    np.testing.assert_allclose(filtered, expected, rtol=1e-5, atol=1e-5)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 40))
def test_diagonal_kernel_is_that_of_the_matrix(seed, length):
    A, B, C = -np.exp(normal(seed, 4)), *normal(seed + 1, 2, 4)
    decay, gain = convolution.diagonal_hold(A, B, 0.1)
    found = convolution.diagonal_kernel(decay, gain, C, length)
    np.testing.assert_allclose(
        found, convolution.kernel(np.diag(decay), gain, C, length), atol=1e-12
    )


def test_conjugate_pairs_count_twice_their_real_part():
    A, B, C = np.array([-0.5 + 3.0j, -0.2 + 1.0j]), np.array([1.0, 2.0j]), np.array([1.0j, 0.5])
    pairs = [np.concatenate([part, np.conj(part)]) for part in (A, B, C)]
    halves = convolution.diagonal_hold(A, B, 0.1)
    whole = convolution.diagonal_hold(*pairs[:2], 0.1)
    full = convolution.kernel(np.diag(whole[0]), whole[1], pairs[2], 20)
    np.testing.assert_allclose(full.imag, 0.0, atol=1e-14)
    found = convolution.diagonal_kernel(*halves, C, 20)
    np.testing.assert_allclose(found, full.real, atol=1e-13)


def test_hippo_keeps_legendre_coefficients_of_the_past():
    """The state after many small steps of `x' = A x / t + B u / t` is the projection itself."""
    A, B = convolution.hippo(4)
    steps, x = 4000, np.zeros(4)
    signal = np.cos(3.0 * (np.arange(steps) + 0.5) / steps)
    for number, value in enumerate(signal, start=1):
        left = np.eye(4) - A / (2.0 * number)
        x = np.linalg.solve(left, (np.eye(4) + A / (2.0 * number)) @ x + B * value / number)
    place = 2.0 * (np.arange(steps) + 0.5) / steps - 1.0
    for order in range(4):
        weights = np.eye(4)[order]
        legendre = np.polynomial.legendre.legval(place, weights) * np.sqrt(2.0 * order + 1.0)
        assert x[order] == pytest.approx(np.mean(signal * legendre), abs=2e-3)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 6), st.integers(1, 3))
def test_lstm_agrees_with_torch(seed, time, batch):
    theirs = torch.nn.LSTM(3, 4, dtype=torch.float64)
    w_x, w_h, bias = normal(seed, 16, 3), normal(seed + 1, 16, 4), normal(seed + 2, 16)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(torch.from_numpy(w_x))
        theirs.weight_hh_l0.copy_(torch.from_numpy(w_h))
        theirs.bias_ih_l0.copy_(torch.from_numpy(bias))
        theirs.bias_hh_l0.zero_()
    xs = normal(seed + 3, time, batch, 3)
    expected, (_, last) = theirs(torch.from_numpy(xs))
    found = gates.lstm(xs, w_x, w_h, bias)
    np.testing.assert_allclose(found.h, expected.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(found.c[-1], last[0].detach().numpy(), atol=1e-12)


@settings(deadline=None)
@given(SEEDS)
def test_gru_agrees_with_torch_and_stays_between_old_and_proposed(seed):
    theirs = torch.nn.GRUCell(3, 4, dtype=torch.float64)
    parts = [p.detach().numpy() for p in theirs.parameters()]
    x, h = normal(seed, 2, 3), np.tanh(normal(seed + 1, 2, 4))
    expected = theirs(torch.from_numpy(x), torch.from_numpy(h)).detach().numpy()
    np.testing.assert_allclose(gates.gru_cell(x, h, *parts), expected, atol=1e-13)
    assert (np.abs(expected) < 1.0).all()


@settings(deadline=None)
@given(SEEDS, TIMES)
def test_cells_with_given_gates_are_a_linear_recurrence(seed, time):
    f, i = np.random.default_rng(seed).uniform(0.0, 1.0, (2, time, 3))
    g, c = normal(seed + 1, time, 3), np.zeros(3)
    for t in range(time):
        c = gates.update_cell(c, i[t], f[t], g[t])
    np.testing.assert_allclose(c, linear.hillis_steele(f, i * g)[-1], atol=1e-12)
    one = linear.sequential(f, np.zeros_like(f), start=1.0)
    np.testing.assert_allclose(gates.memory_left(f), one, atol=1e-13)


def test_forget_bias_opens_the_forget_gate_alone():
    np.testing.assert_array_equal(gates.forget_bias(np.zeros(8)), [0, 0, 1, 1, 0, 0, 0, 0])
    _, f, _, _ = gates.lstm_gates(
        np.zeros((1, 1)),
        np.zeros((1, 2)),
        np.zeros((8, 1)),
        np.zeros((8, 2)),
        gates.forget_bias(np.zeros(8), 3.0),
    )
    np.testing.assert_allclose(f, 1.0 / (1.0 + np.exp(-3.0)))
