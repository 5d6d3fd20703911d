"""Estimates from trials against enumeration, laws against sums, a shop against its rules."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.evaluation import intervals, published, shop, spread, trials


@given(marks=st.lists(st.booleans(), min_size=1, max_size=8), data=st.data())
def test_estimates_count_the_choices_of_trials(marks, data):
    n, c = len(marks), sum(marks)
    k = data.draw(st.integers(1, n))
    chosen = list(combinations(marks, k))
    assert trials.all_of(n, c, k) == pytest.approx(np.mean([all(own) for own in chosen]))
    assert trials.any_of(n, c, k) == pytest.approx(np.mean([any(own) for own in chosen]))


@given(p=st.floats(0.0, 1.0), n=st.integers(1, 12), data=st.data())
def test_estimates_are_unbiased(p, n, data):
    k = data.draw(st.integers(1, n))
    assert trials.expected(trials.all_of, n, p, k) == pytest.approx(p**k, abs=1e-12)
    assert trials.expected(trials.any_of, n, p, k) == pytest.approx(1 - (1 - p) ** k, abs=1e-12)


@given(p=st.floats(0.05, 0.95), n=st.integers(2, 12), data=st.data())
def test_plugging_in_is_too_high(p, n, data):
    k = data.draw(st.integers(2, n))
    assert trials.expected(trials.plugged_in, n, p, k) > p**k


@given(n=st.integers(1, 12), data=st.data())
def test_all_is_never_more_than_one_nor_one_than_any(n, data):
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    assert trials.all_of(n, c, k) <= c / n + 1e-12
    assert c / n <= trials.any_of(n, c, k) + 1e-12


@pytest.mark.parametrize(("n", "k"), [(3, 4), (3, 0), (0, 1)])
def test_too_few_trials_are_refused(n, k):
    with pytest.raises(ValueError, match="trials"):
        trials.all_of(n, 0, k)


def test_averages_are_over_tasks():
    counts = np.array([0, 4, 2])
    assert trials.pass_hat(4, counts, 2) == pytest.approx((0 + 1 + 1 / 6) / 3)
    assert trials.pass_at(4, counts, 2) == pytest.approx((0 + 1 + 5 / 6) / 3)


@pytest.mark.slow
@given(mean=st.floats(0.05, 0.95), wide=st.floats(0.02, 0.9), k=st.integers(1, 8))
def test_moments_are_the_law_s(mean, wide, k):
    generator = np.random.default_rng(0)
    s = 1 / wide - 1
    p = generator.beta(mean * s, (1 - mean) * s, 200_000)
    assert spread.pass_hat(mean, wide, k) == pytest.approx(np.mean(p**k), abs=6e-3)
    assert spread.pass_at(mean, wide, k) == pytest.approx(np.mean(1 - (1 - p) ** k), abs=6e-3)


@given(mean=st.floats(0.05, 0.95), wide=st.floats(0.0, 1.0))
def test_spread_comes_back_from_two_moments(mean, wide):
    first, second = spread.moments(mean, wide, 2)
    assert spread.fitted(first, second) == pytest.approx(wide, abs=1e-9)


@given(mean=st.floats(0.2, 0.8), wide=st.floats(0.0, 0.9) | st.just(1.0))
def test_chances_rise_and_average_to_the_mean(mean, wide):
    p = spread.chances(mean, wide, 200)
    assert (np.diff(p) >= -1e-12).all()
    assert p.min() >= 0
    assert p.max() <= 1
    assert p.mean() == pytest.approx(mean, abs=0.02)


def test_chances_are_quantiles_of_a_uniform_law():
    # mean 1/2 and spread 1/3 make a = b = 1
    np.testing.assert_allclose(
        spread.chances(0.5, 1 / 3, 4), [1 / 8, 3 / 8, 5 / 8, 7 / 8], atol=1e-3
    )


def test_the_bootstrap_spreads_as_the_standard_error_says():
    values = np.random.default_rng(1).random(60)
    means = intervals.bootstrap_means(values, np.random.default_rng(2), 20_000)
    assert means.std() == pytest.approx(intervals.standard_error(values), rel=0.05)
    low, high = intervals.interval(values, np.random.default_rng(3))
    assert low < values.mean() < high


def test_published_trials_are_fifty_by_four():
    assert published.marks(published.GPT_4O_AIRLINE).shape == (50, 4)


def test_tasks_without_writes_are_twenty_and_one_of_them_wants_words():
    assert len(set(published.NO_WRITES)) == 20
    assert set(published.NO_WRITES) <= set(range(50))
    assert set(published.NO_WRITES_BUT_WORDS) < set(published.NO_WRITES)


def test_pairs_that_open_alike_are_of_one_task():
    for task, first, second in published.OPENED_ALIKE:
        assert 0 <= task < 50
        assert 0 <= first < second < 4
    # three trials of task 0 open alike, two by two
    assert sum(task == 0 for task, *_ in published.OPENED_ALIKE) == 3


OLD = ["lamp, bright, mains", "chair, leather"]
NEW = ["lamp, dim, mains", "chair, mesh"]
WRITE = shop.Call("exchange", {"order": "W7", "items": OLD, "new_items": NEW, "pays": "card"})
TASK = shop.Task("", (WRITE,), ("37",))


def say(words):
    return shop.Call("say", {"words": words})


def hear(words):
    return shop.Call("hear", {"words": words})


@pytest.mark.parametrize(("acts", "tells"), list(product((0, 1), repeat=2)))
def test_reward_needs_the_state_and_the_words(acts, tells):
    calls = [say("It saves $37." if tells else "Done."), *[WRITE] * acts]
    found = shop.judge(calls, TASK)
    assert found == (acts, tells)
    assert found.total == acts * tells


def test_reading_in_any_order_changes_no_reward():
    reads = [shop.Call("product", {"product": "chair"}), shop.Call("order", {"order": "W7"})]
    for calls in ([*reads, WRITE], [WRITE, *reversed(reads)]):
        assert shop.judge([*calls, say("37")], TASK).total == 1


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"order": "W8"}, "order not found"),
        ({"pays": "cash"}, "payment not found"),
        ({"new_items": ["chair, mesh", "lamp, dim, mains"]}, "no such exchange"),
    ],
)
def test_tools_refuse_and_leave_the_database_alone(change, answer):
    database = shop.fresh()
    found = shop.run(database, WRITE._replace(arguments=WRITE.arguments | change))
    assert answer in found
    assert database == shop.fresh()


def test_an_order_is_exchanged_once():
    database = shop.fresh()
    assert shop.run(database, WRITE) == "done"
    assert shop.run(database, WRITE).startswith("Error")


def test_rules_that_no_tool_enforces():
    known = shop.Call("find_user", {"name": "Ada Okafor", "zip_code": "20144"})
    assert shop.run(shop.fresh(), known) == "ada"
    assert shop.rules_broken([known, say("Shall I?"), hear("Yes."), WRITE]) == []
    assert shop.rules_broken([known, WRITE]) == ["wrote without a yes"]
    assert shop.rules_broken([say("Shall I?"), hear("No."), WRITE]) == [
        "wrote before knowing the customer",
        "wrote without a yes",
    ]
