"""The serving simulator: lengths, the buddy allocator, two memories, and who is served when."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.simulation.buddy import Buddy, power_above
from kernels.simulation.memories import Paged, Reserving
from kernels.simulation.requests import MEANS, Request, draw_lengths, draw_requests
from kernels.simulation.serving import serve


def requests(*sizes, samples=1):
    return [Request(i, 0, prompt, answer, samples) for i, (prompt, answer) in enumerate(sizes)]


def test_lengths_have_the_mean_that_was_asked_for():
    drawn = draw_lengths(np.random.default_rng(0), 338, 0.9, 200_000)
    assert drawn.min() >= 1
    assert drawn.mean() == pytest.approx(338, rel=0.01)
    assert np.log(drawn).std() == pytest.approx(0.9, rel=0.02)


def test_requests_come_in_order_and_stay_within_the_longest_sequence():
    drawn = draw_requests(np.random.default_rng(1), 0.5, 400, MEANS["ShareGPT"], 1.5, most=512)
    assert len(drawn) == pytest.approx(200, abs=60)
    assert [r.number for r in drawn] == list(range(len(drawn)))
    assert all(a.arrives <= b.arrives < 400 for a, b in pairwise(drawn))
    assert all(1 <= r.prompt <= 256 and r.answer >= 1 and r.tokens <= 512 for r in drawn)


@given(st.integers(1, 5000))
def test_the_power_above_is_the_smallest_that_fits(count):
    power = power_above(count)
    assert power & (power - 1) == 0
    assert power >= count and (power == 1 or power // 2 < count)


@given(st.integers(64, 700), st.lists(st.integers(1, 90), max_size=40), st.data())
@settings(max_examples=60)
def test_buddies_never_overlap_and_join_again(slots, counts, data):
    space = Buddy(slots)
    whole = {length: set(starts) for length, starts in space.free.items()}
    for count in counts:
        if space.held and data.draw(st.booleans()):
            space.release(data.draw(st.sampled_from(sorted(space.held))))
        space.allocate(count)
        taken = np.zeros(slots, dtype=int)
        for start, length in space.held.items():
            assert start % length == 0 and start + length <= slots
            taken[start : start + length] += 1
        for length, starts in space.free.items():
            for start in starts:
                taken[start : start + length] += 1
        assert (taken == 1).all()  # every slot is held once or free once
    for start in list(space.held):
        space.release(start)
    assert space.free == whole


def test_a_stretch_is_none_where_no_stretch_is_long_enough():
    space = Buddy(48)  # 32 and 16
    assert space.allocate(17) == 0
    assert space.allocate(17) is None
    assert space.allocate(9) == 32


@pytest.mark.parametrize(("promise", "promised"), [("max", 64), ("pow2", 10 + 8), ("oracle", 15)])
def test_what_is_promised_and_what_becomes_of_it(promise, promised):
    (request,) = requests((10, 5))
    memory = Reserving(128, promise, most=64)
    assert memory.admit(request) and memory.grow(request)
    census = memory.census()
    assert census == {
        "filled": 11,
        "later": 4,
        "never": promised - 15,
        "no one's": 128 - promised,
    }
    memory.leave(request)
    assert memory.census()["no one's"] == 128


def test_a_reservation_for_all_samples_or_for_none():
    first, second = requests((10, 5), (10, 5), samples=2)
    memory = Reserving(3 * 64, "max", most=64)
    assert memory.admit(first)
    assert not memory.admit(second)
    assert sum(memory.space.held.values()) == 128


def test_samples_share_the_prompt_and_copy_one_block():
    (request,) = requests((10, 4), samples=3)
    memory = Paged(64, 4)
    assert memory.admit(request)
    assert memory.pool.holders.tolist()[:3] == [3, 3, 3] and memory.copies == 0
    assert memory.grow(request)
    assert memory.copies == 2  # the last of the three writes in place
    assert sorted(memory.pool.holders[memory.pool.holders > 0].tolist()) == [1, 1, 1, 3, 3]
    assert memory.census() == {"filled": 8 + 3 * 3, "later": 3, "never": 0, "no one's": 44}
    memory.leave(request)
    assert not memory.pool.holders.any() and len(memory.pool.free) == 16


@given(st.integers(1, 30), st.integers(0, 12), st.integers(1, 3), st.integers(1, 8))
def test_what_is_recomputed_takes_the_blocks_that_it_took(prompt, done, samples, size):
    (request,) = requests((prompt, 20), samples=samples)
    grown, again = Paged(400, size), Paged(400, size)
    assert grown.admit(request)
    for _ in range(done):
        assert grown.grow(request)
    assert again.admit(request, done)
    assert again.census() == grown.census()
    assert not Paged(size * ((grown.pool.holders > 0).sum() - 1), size).admit(request, done)


def test_an_empty_memory_serves_every_request_in_its_own_time():
    log = serve(requests((5, 3), (7, 6)), Paged(256, 4), 8, every=2)
    assert log.at_work == [2, 2, 1, 1, 1, 0, 0, 0]
    assert (log.finished, log.tokens, log.preempted) == (2, 9, 0)
    assert len(log.census) == 4 and log.census[-1]["filled"] == 0


def test_the_first_to_come_is_served_first_and_the_latest_has_to_go():
    early, late = requests((8, 8), (4, 8))
    memory = Paged(16, 4)  # four blocks: both begin, and can't both end
    log = serve([early, late], memory, 5)
    assert log.preempted == 1 and early in memory.held and late not in memory.held
    memory = Paged(16, 4)
    log = serve([early, late], memory, 40)
    assert log.finished == 2 and log.tokens == 16
    assert not memory.pool.holders.any()


def test_a_queue_forms_behind_a_full_memory():
    log = serve(requests((10, 5), (10, 5), (10, 5)), Reserving(128, "max", most=64), 12)
    assert log.at_work[0] == 2 and log.waiting[0] == 1
    assert log.at_work[6] == 1 and log.waiting[6] == 0 and log.finished == 3
