"""Steps and bytes against devices that really exchange arrays, one message at a time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.cost import collectives

DEVICES = st.integers(1, 9)
POWERS = st.sampled_from([1, 2, 4, 8, 16])
SHARE = 3  # numbers in a share


class Mesh:
    """Devices with arrays, that count the steps and what each of them sends."""

    def __init__(self, devices, seed=0):
        rng = np.random.default_rng(seed)
        self.data = [rng.standard_normal((devices, SHARE)) for _ in range(devices)]
        self.expected = sum(self.data)
        self.sent, self.steps = [0] * devices, 0

    def step(self, messages):
        """Deliver `(sender, receiver, array, what to do with it)` all at once."""
        self.steps += 1
        assert len({m[0] for m in messages}) == len({m[1] for m in messages}) == len(messages)
        copies = [
            (sender, receiver, array.copy(), act) for sender, receiver, array, act in messages
        ]
        for sender, receiver, array, act in copies:
            self.sent[sender] += array.size
            act(receiver, array)

    def add(self, rows):
        return lambda receiver, array: self.data[receiver].__setitem__(
            rows, self.data[receiver][rows] + array
        )

    def put(self, rows):
        return lambda receiver, array: self.data[receiver].__setitem__(rows, array)

    def agrees(self, cost, size):
        assert self.steps == cost.steps
        assert max(self.sent) == pytest.approx(cost.sent, rel=1e-12)
        assert size == len(self.data) * SHARE


def ring(mesh, devices, first, act):
    for step in range(devices - 1):
        shares = [(i + first - step) % devices for i in range(devices)]
        mesh.step([(i, (i + 1) % devices, mesh.data[i][s], act(s)) for i, s in enumerate(shares)])


@settings(deadline=None)
@given(DEVICES, st.integers(0, 99))
def test_a_ring_reduces_scatters_and_gathers(devices, seed):
    mesh, size = Mesh(devices, seed), devices * SHARE
    ring(mesh, devices, 0, mesh.add)
    for i in range(devices):  # device i ends with the sum of share i + 1
        mine = (i + 1) % devices
        np.testing.assert_allclose(mesh.data[i][mine], mesh.expected[mine], atol=1e-12)
    mesh.agrees(collectives.ring_reduce_scatter(devices, size), size)
    ring(mesh, devices, 1, mesh.put)
    for held in mesh.data:
        np.testing.assert_allclose(held, mesh.expected, atol=1e-12)
    mesh.agrees(collectives.ring_all_reduce(devices, size), size)


@settings(deadline=None)
@given(DEVICES, st.integers(0, 99))
def test_a_tree_sums_up_and_hands_down(devices, seed):
    mesh, everything = Mesh(devices, seed), slice(None)
    for level in range(collectives.rounds(devices)):
        reach = 2**level
        mesh.step(
            [(i, i - reach, mesh.data[i], mesh.add(everything))
             for i in range(reach, devices, 2 * reach)]
        )  # fmt: skip
    np.testing.assert_allclose(mesh.data[0], mesh.expected, atol=1e-12)
    summed_up = mesh.steps
    for level in reversed(range(collectives.rounds(devices))):
        reach = 2**level
        mesh.step(
            [(i, i + reach, mesh.data[i], mesh.put(everything))
             for i in range(0, devices - reach, 2 * reach)]
        )  # fmt: skip
    for held in mesh.data:
        np.testing.assert_allclose(held, mesh.expected, atol=1e-12)
    down = collectives.tree_broadcast(devices, devices * SHARE)
    assert mesh.steps - summed_up == down.steps
    assert down.sent == down.steps * devices * SHARE
    cost = collectives.tree_all_reduce(devices, devices * SHARE)
    assert mesh.steps == cost.steps
    assert max(mesh.sent) <= cost.sent  # the path through the tree, not one device's part of it
    assert cost.sent == cost.steps * devices * SHARE


@settings(deadline=None)
@given(POWERS, st.integers(0, 99))
def test_doubling_exchanges_whole_arrays(devices, seed):
    mesh, size = Mesh(devices, seed), devices * SHARE
    for level in range(collectives.rounds(devices)):
        mesh.step([(i, i ^ 2**level, mesh.data[i], mesh.add(slice(None))) for i in range(devices)])
    for held in mesh.data:
        np.testing.assert_allclose(held, mesh.expected, atol=1e-12)
    mesh.agrees(collectives.doubling_all_reduce(devices, size), size)


@settings(deadline=None)
@given(POWERS, st.integers(0, 99))
def test_halving_sends_halves_down_and_doubles_up(devices, seed):
    mesh, size = Mesh(devices, seed), devices * SHARE
    mine = [slice(0, devices)] * devices
    halvings = []
    reach = devices // 2
    while reach:
        messages, kept = [], []
        for i, part in enumerate(mine):
            middle = (part.start + part.stop) // 2
            low, high = slice(part.start, middle), slice(middle, part.stop)
            keep, give = (high, low) if i & reach else (low, high)
            messages.append((i, i ^ reach, mesh.data[i][give], mesh.add(give)))
            kept.append(keep)
        mesh.step(messages)
        mine, reach = kept, reach // 2
        halvings.append(mine)
    reach = 1
    for level in reversed(halvings):
        mesh.step(
            [(i, i ^ reach, mesh.data[i][level[i]], mesh.put(level[i])) for i in range(devices)]
        )
        reach *= 2
    for held in mesh.data:
        np.testing.assert_allclose(held, mesh.expected, atol=1e-12)
    mesh.agrees(collectives.halving_all_reduce(devices, size), size)


@settings(deadline=None)
@given(DEVICES, st.integers(0, 99))
def test_all_to_all_hands_every_pair_its_share(devices, seed):
    mesh, size = Mesh(devices, seed), devices * SHARE
    before = np.stack(mesh.data)
    after = before.copy()
    for shift in range(1, devices):

        def deliver(receiver, array, shift=shift):
            after[receiver, (receiver - shift) % devices] = array

        mesh.step(
            [(i, (i + shift) % devices, before[i, (i + shift) % devices], deliver)
             for i in range(devices)]
        )  # fmt: skip
    np.testing.assert_array_equal(after, before.swapaxes(0, 1))
    mesh.agrees(collectives.all_to_all(devices, size), size)


@settings(deadline=None)
@given(st.integers(2, 1000))
def test_a_ring_never_sends_twice_the_array(devices):
    assert 1.0 <= collectives.ring_all_reduce(devices, 1.0).sent < 2.0


@settings(deadline=None)
@given(POWERS, st.floats(0, 1e12))
def test_halving_is_the_rings_bytes_in_the_trees_steps(devices, size):
    found = collectives.halving_all_reduce(devices, size)
    assert found.sent == pytest.approx(collectives.ring_all_reduce(devices, size).sent)
    assert found.steps == collectives.tree_all_reduce(devices, size).steps


def test_time_is_latency_a_step_and_bytes_over_bandwidth():
    cost = collectives.ring_all_reduce(8, 1e9)
    assert cost.time(5e-6, 450e9) == pytest.approx(14 * 5e-6 + 2 * 7 / 8 * 1e9 / 450e9)


@settings(deadline=None)
@given(st.integers(4, 64), st.floats(1e-7, 1e-4), st.floats(1e9, 1e12))
def test_where_the_ring_pays_both_take_equal_time(devices, latency, bandwidth):
    size = collectives.ring_pays_from(devices, latency, bandwidth)
    ring_time = collectives.ring_all_reduce(devices, size).time(latency, bandwidth)
    tree_time = collectives.tree_all_reduce(devices, size).time(latency, bandwidth)
    if size:
        assert ring_time == pytest.approx(tree_time, rel=1e-9)
    twice = 2 * size + 1
    assert collectives.ring_all_reduce(devices, twice).time(
        latency, bandwidth
    ) <= collectives.tree_all_reduce(devices, twice).time(latency, bandwidth)


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_of_so_few_devices_the_ring_is_never_worse(devices):
    assert collectives.ring_pays_from(devices, 1e-6, 1e9) == 0.0


@pytest.mark.parametrize("devices", [1, 2, 3, 4, 5, 8, 9, 1000])
def test_rounds_are_the_logarithm_rounded_up(devices):
    assert collectives.rounds(devices) == math.ceil(math.log2(devices))


@pytest.mark.parametrize("devices", [0, 3, 6, 12])
def test_halving_an_uneven_number_is_refused(devices):
    with pytest.raises(ValueError, match=f"a power of two, not {devices} devices"):
        collectives.doubling_all_reduce(devices, 1.0)


def test_a_collective_of_nobody_is_refused():
    with pytest.raises(ValueError, match="needs a device, not 0"):
        collectives.tree_broadcast(0, 1.0)
