"""Gates, dispatch and balance against PyTorch, loops over tokens and finite differences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.routing import balance, dispatch, topk

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.tuples(st.integers(1, 17), st.integers(1, 9)).flatmap(
    lambda sizes: st.tuples(st.just(sizes[0]), st.just(sizes[1]), st.integers(1, sizes[1]))
)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_gates_agree_with_torch(seed, sizes):
    tokens, count, k = sizes
    logits = normal(seed, tokens, count)
    scores = torch.from_numpy(logits).softmax(-1)
    weights, experts = scores.topk(k, dim=-1)
    found = topk.gate(logits, k)
    np.testing.assert_array_equal(found.experts, experts.numpy())
    np.testing.assert_allclose(found.weights, weights.numpy(), atol=1e-14)
    biased, bias = torch.from_numpy(logits).sigmoid(), normal(seed + 1, count)
    chosen = (biased + torch.from_numpy(bias)).topk(k, dim=-1)[1]
    own = biased.gather(-1, chosen)
    found = topk.gate_biased(logits, bias, k, factor=2.5)
    np.testing.assert_array_equal(found.experts, chosen.numpy())
    expected = 2.5 * own / own.sum(-1, keepdim=True)
    np.testing.assert_allclose(found.weights, expected.numpy(), atol=1e-13)


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_softmax_over_the_chosen_is_the_whole_softmax_renormalised(seed, sizes):
    tokens, count, k = sizes
    logits = 10.0 * normal(seed, tokens, count)
    whole, chosen = topk.gate(logits, k), topk.gate_chosen(logits, k)
    np.testing.assert_array_equal(whole.experts, chosen.experts)
    np.testing.assert_allclose(topk.renormalise(whole.weights), chosen.weights, atol=1e-13)
    np.testing.assert_allclose(chosen.weights.sum(-1), 1.0, atol=1e-13)


def test_of_equal_scores_the_lower_number_comes_first():
    np.testing.assert_array_equal(topk.top_k(np.array([[1.0, 3.0, 3.0, 1.0]]), 3), [[1, 2, 0]])
    np.testing.assert_array_equal(topk.top_k(np.zeros((1, 200)), 200), [np.arange(200)])


def test_bias_moves_the_choice_and_not_the_weight():
    logits = np.array([[1.0, 0.9, -2.0]])
    found = topk.gate_biased(logits, np.array([0.0, 0.0, 5.0]), 2)
    np.testing.assert_array_equal(found.experts, [[2, 0]])
    weights = topk.sigmoid(np.array([-2.0, 1.0]))
    np.testing.assert_allclose(found.weights[0], weights / weights.sum(), atol=1e-15)
    assert found.weights[0, 0] < found.weights[0, 1]


@settings(deadline=None)
@given(SEEDS, st.sampled_from([(8, 4, 2, 4), (8, 2, 1, 3), (12, 3, 2, 5), (6, 6, 2, 2)]))
def test_choice_stays_within_the_best_groups(seed, sizes):
    count, groups, kept, k = sizes
    logits = normal(seed, 7, count)
    found = topk.gate_biased(logits, np.zeros(count), k, groups, kept)
    for token, experts in enumerate(found.experts):
        by_group = topk.sigmoid(logits[token]).reshape(groups, -1)
        each = int(np.ceil(k / kept))
        worth = [sum(sorted(row)[-each:]) for row in by_group]
        best = set(np.argsort(worth)[::-1][:kept])
        assert {expert // (count // groups) for expert in experts} <= best
        inside = [e for e in range(count) if e // (count // groups) in best]
        expected = sorted(inside, key=lambda e: -logits[token, e])[:k]
        np.testing.assert_array_equal(experts, expected)


@pytest.mark.parametrize("k", [0, 4])
def test_too_few_experts_are_refused(k):
    with pytest.raises(ValueError, match=f"can't take the best {k} of 3 experts"):
        topk.top_k(np.zeros((2, 3)), k)


@pytest.mark.parametrize(("groups", "best"), [(3, 1), (4, 3)])
def test_groups_that_do_not_fit_are_refused(groups, best):
    with pytest.raises(ValueError, match=f"8 experts don't form {groups} even groups of {best}"):
        topk.in_best_groups(np.zeros((2, 8)), groups, 1, best)


def test_noise_has_the_spread_that_its_softplus_says():
    rng = np.random.default_rng(0)
    spread = np.tile([-3.0, 0.0, 2.0], (200_000, 1))
    noise = topk.noisy(np.zeros_like(spread), spread, rng)
    np.testing.assert_allclose(noise.std(axis=0), np.log1p(np.exp(spread[0])), rtol=0.01)
    np.testing.assert_allclose(noise.mean(axis=0), 0.0, atol=0.02)


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_plan_sorts_by_expert_drops_nothing_and_comes_back(seed, sizes):
    tokens, count, k = sizes
    experts = topk.top_k(normal(seed, tokens, count), k)
    plan = dispatch.plan(experts, count)
    flat = experts.ravel()
    for expert in range(count):
        mine = plan.order[plan.offsets[expert] : plan.offsets[expert + 1]]
        np.testing.assert_array_equal(mine, np.flatnonzero(flat == expert))
    numbers = np.arange(tokens * k)
    np.testing.assert_array_equal(numbers[plan.order][plan.inverse], numbers)
    np.testing.assert_array_equal(plan.order[plan.inverse], numbers)
    x = normal(seed, tokens, 3)
    sent = dispatch.dispatch(x, plan, k)
    np.testing.assert_array_equal(sent[plan.inverse], np.repeat(x, k, axis=0))


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_mixture_is_the_weighted_sum_token_by_token(seed, sizes):
    tokens, count, k = sizes
    x, matrices = normal(seed, tokens, 3), normal(seed + 1, count, 3, 4)
    routed = topk.gate(normal(seed + 2, tokens, count), k)
    layers = [lambda part, w=w: np.maximum(part @ w, 0.0) for w in matrices]
    found = dispatch.mixture(x, layers, routed)
    for token in range(tokens):
        one = [
            weight * np.maximum(x[token] @ matrices[expert], 0.0)
            for expert, weight in zip(routed.experts[token], routed.weights[token], strict=True)
        ]
        np.testing.assert_allclose(found[token], sum(one), atol=1e-12)


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_experts_that_return_their_input_return_the_input(seed, sizes):
    tokens, count, k = sizes
    x = normal(seed, tokens, 5)
    routed = topk.gate_chosen(normal(seed + 1, tokens, count), k)
    found = dispatch.mixture(x, [lambda part: part] * count, routed)
    np.testing.assert_allclose(found, x, atol=1e-13)


@settings(deadline=None)
@given(SEEDS, SIZES, st.booleans())
def test_places_in_the_queue_are_those_of_tokens_standing_in_line(seed, sizes, first):
    tokens, count, k = sizes
    experts = topk.top_k(normal(seed, tokens, count), k)
    waiting, expected = [0] * count, np.zeros((tokens, k), dtype=int)
    line = [(t, c) for c in range(k) for t in range(tokens)]
    for token, choice in line if first else sorted(line):
        expected[token, choice] = waiting[experts[token, choice]]
        waiting[experts[token, choice]] += 1
    np.testing.assert_array_equal(dispatch.queue_places(experts, count, first), expected)
    np.testing.assert_array_equal(waiting, dispatch.loads(experts, count))


@settings(deadline=None)
@given(SEEDS, SIZES, st.integers(1, 6))
def test_no_expert_takes_more_than_its_capacity(seed, sizes, limit):
    tokens, count, k = sizes
    experts = topk.top_k(normal(seed, tokens, count), k)
    kept = dispatch.within_capacity(experts, count, limit)
    taken = dispatch.loads(experts[kept], count)
    np.testing.assert_array_equal(taken, np.minimum(dispatch.loads(experts, count), limit))


def test_who_queues_first_finds_room():
    experts = np.array([[1, 0], [0, 1]])  # the first token's second choice, or the second's first
    kept = dispatch.within_capacity(experts, 2, 1)
    np.testing.assert_array_equal(kept, [[True, False], [True, False]])
    kept = dispatch.within_capacity(experts, 2, 1, first_choices_first=False)
    np.testing.assert_array_equal(kept, [[True, True], [False, False]])


@settings(deadline=None)
@given(SEEDS, SIZES, st.integers(1, 6))
def test_one_hot_dispatch_is_the_mixture_without_those_that_found_no_room(seed, sizes, limit):
    tokens, count, k = sizes
    x, matrices = normal(seed, tokens, 3), normal(seed + 1, count, 3, 4)
    routed = topk.gate(normal(seed + 2, tokens, count), k)
    kept = dispatch.within_capacity(routed.experts, count, limit)
    layers = [lambda part, w=w: part @ w for w in matrices]
    expected = dispatch.mixture(x, layers, routed._replace(weights=routed.weights * kept))
    array = dispatch.one_hot_combine(routed, count, limit)
    sent = np.einsum("tel,td->eld", array != 0.0, x)
    found = np.einsum("tel,elo->to", array, sent @ matrices)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("tokens", "experts", "k", "factor", "expected"),
    [(6, 3, 1, 1.0, 2), (6, 3, 1, 1.5, 3), (7, 3, 2, 1.0, 5), (1, 8, 1, 1.0, 1)],
)
def test_capacity_is_an_even_share_times_its_factor(tokens, experts, k, factor, expected):
    assert dispatch.capacity(tokens, experts, k, factor) == expected
    assert dispatch.capacity(tokens, experts, k) == -(-tokens * k // experts)


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_balance_loss_and_its_gradient_agree_with_torch(seed, sizes):
    tokens, count, k = sizes
    logits = torch.from_numpy(normal(seed, tokens, count)).requires_grad_()
    p = logits.softmax(-1)
    chosen = torch.nn.functional.one_hot(logits.topk(k, dim=-1)[1], count).sum(1)
    f = chosen.double().mean(0) / k
    loss = count * (f * p.mean(0)).sum()
    loss.backward()
    experts = topk.top_k(logits.detach().numpy(), k)
    found = balance.balance_loss(logits.detach().numpy(), experts)
    assert found == pytest.approx(loss.item(), abs=1e-12)
    gradient = balance.balance_gradient(logits.detach().numpy(), experts)
    np.testing.assert_allclose(gradient, logits.grad.numpy(), atol=1e-13)


def test_balance_loss_is_one_where_even_and_the_number_of_experts_at_worst():
    even = np.arange(12).reshape(12, 1) % 4
    assert balance.balance_loss(normal(0, 12, 4), even) == pytest.approx(1.0)
    assert balance.balance_loss(np.zeros((12, 4)), np.zeros((12, 1), int)) == pytest.approx(1.0)
    one = np.tile([50.0, 0.0, 0.0, 0.0], (12, 1))
    assert balance.balance_loss(one, np.zeros((12, 1), int)) == pytest.approx(4.0)


@settings(deadline=None)
@given(SEEDS, st.floats(-900.0, 900.0))
def test_z_loss_agrees_with_torch_and_sees_what_softmax_does_not(seed, shift):
    logits = normal(seed, 5, 4) + shift
    expected = torch.from_numpy(logits).logsumexp(-1).square().mean().item()
    assert balance.z_loss(logits) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_bias_balances_a_lopsided_router():
    rng = np.random.default_rng(3)
    pull = np.linspace(-1.5, 1.5, 8)
    batches = [rng.standard_normal((512, 8)) + pull for _ in range(300)]
    biases, loads = balance.balance_by_bias(batches, 2, rate=0.01)
    assert biases.shape == (301, 8)
    assert loads.shape == (300, 8)
    assert (loads.sum(axis=1) == 1024).all()
    assert balance.violation(loads[0]) > 1.0
    assert balance.violation(loads[-50:].sum(axis=0)) < 0.05  # a batch alone strays by chance
    assert (np.diff(biases[-1]) < 0.0).all()  # the stronger the pull, the lower the bias


def test_balancing_goes_on_from_a_given_bias():
    batches = [normal(seed, 64, 4) for seed in range(6)]
    whole, loads = balance.balance_by_bias(batches, 2, rate=0.1)
    for batch in (2, 5):  # 5: a single one
        rest, last = balance.balance_by_bias(batches[batch:], 2, rate=0.1, bias=whole[batch])
        np.testing.assert_array_equal(rest, whole[batch:])
        np.testing.assert_array_equal(last, loads[batch:])


def test_each_batch_is_violated_by_its_own_fullest_expert():
    found = balance.violation(np.array([[4, 4, 4], [9, 2, 1], [0, 0, 30]]))
    np.testing.assert_allclose(found, [0.0, 9 / 4 - 1, 2.0])


def test_bias_step_knows_the_sign_alone():
    step = balance.bias_step(np.zeros(3), np.array([9, 5, 1]), 0.1)
    np.testing.assert_allclose(step, [-0.1, 0.0, 0.1])
    np.testing.assert_array_equal(
        step, balance.bias_step(np.zeros(3), np.array([900, 500, 100]), 0.1)
    )


@pytest.mark.slow
@settings(deadline=None)
@given(SEEDS, st.integers(2, 12), st.integers(2, 6))
def test_expert_choice_is_even_and_takes_the_keenest_tokens(seed, tokens, count):
    limit = max(1, tokens // 2)
    logits = normal(seed, tokens, count)
    chosen, weights = balance.expert_choice(logits, limit)
    scores = torch.from_numpy(logits).softmax(-1).T
    best, who = scores.topk(limit, dim=-1)
    np.testing.assert_array_equal(chosen, who.numpy())
    np.testing.assert_allclose(weights, best.numpy(), atol=1e-14)
    array = balance.by_token(chosen, weights, tokens)
    np.testing.assert_array_equal((array > 0.0).sum(axis=0), limit)
    np.testing.assert_allclose(array[chosen, np.arange(count)[:, None]], weights)


def test_expert_choice_looks_at_later_tokens():
    logits = np.array([[2.0, 0.0], [1.0, 0.0]])
    later = np.vstack([logits, [[3.0, 0.0]]])
    assert 0 in balance.expert_choice(logits, 1)[0][0]
    assert 0 not in balance.expert_choice(later, 1)[0][0]


@settings(deadline=None)
@given(SEEDS, SIZES)
def test_dense_weights_hold_what_was_chosen_and_nothing_else(seed, sizes):
    tokens, count, k = sizes
    routed = topk.gate(normal(seed, tokens, count), k)
    array = balance.dense(routed, count)
    np.testing.assert_allclose(array.sum(-1), routed.weights.sum(-1), atol=1e-14)
    assert ((array > 0.0).sum(-1) == k).all()
