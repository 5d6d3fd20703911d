"""What the serving kernels keep to beyond their references, and what they don't take."""

import numpy as np
import pytest
import torch

from kernels.gpu import entries_serving, launch, launch_serving
from kernels.gpu.checking import rounded, tensors
from kernels.gpu.registry import all_kernels

KERNELS = all_kernels()

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:triton")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn(name, seed, kind="float32", **fixed):
    inputs = rounded(KERNELS[name], KERNELS[name].draw(np.random.default_rng(seed)), kind)
    return {**tensors(inputs), **fixed}


@pytest.mark.slow
def test_where_blocks_lie_changes_no_bit():
    given = drawn("paged-decode", 1, splits=1)
    moved = torch.randperm(len(given["k"]), generator=torch.Generator().manual_seed(0))
    moved = moved.to(given["k"].device)
    k, v = torch.empty_like(given["k"]), torch.empty_like(given["v"])
    k[moved], v[moved] = given["k"], given["v"]
    other = {**given, "k": k, "v": v, "table": moved[given["table"].long()].int()}
    assert torch.equal(launch_serving.paged_decode(**given), launch_serving.paged_decode(**other))


@pytest.mark.slow
def test_splits_of_all_sizes_agree_and_more_splits_than_blocks_do_no_harm():
    given = drawn("paged-decode", 2)
    one = launch_serving.paged_decode(**{**given, "splits": 1})
    for splits in (2, 7):
        other = launch_serving.paged_decode(**{**given, "splits": splits})
        torch.testing.assert_close(other, one, rtol=0, atol=2e-6)


def test_a_sequence_without_tokens_gets_zeros():
    given = drawn("paged-decode", 3, splits=2)
    given["lengths"] = given["lengths"] * 0
    assert not launch_serving.paged_decode(**given).any()
    given = drawn("grouped-decode", 3)
    given["lengths"] = given["lengths"] * 0
    assert not launch_serving.grouped_decode(**given).any()


def test_routing_gives_the_same_bits_each_time_whatever_the_blocks():
    given = drawn("top-k-routing", 4)
    first = launch_serving.route(**{**given, "block_t": 4})
    for block_t in (4, 8, 32):
        again = launch_serving.route(**{**given, "block_t": block_t})
        assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))


def test_of_equal_logits_the_lowest_experts_are_chosen_in_the_order_of_tokens():
    where = launch.device()
    logits, x = torch.zeros(9, 5, device=where), torch.arange(9.0, device=where)[:, None]
    experts, weights, order, _, offsets, out = launch_serving.route(logits, x, 3, block_t=4)
    assert (experts.cpu() == torch.arange(3)).all()
    torch.testing.assert_close(weights, torch.full_like(weights, 1 / 3))
    assert offsets.tolist() == [0, 9, 18, 27, 27, 27]
    assert (order[:9] // 3).tolist() == list(range(9))
    assert out[:9, 0].tolist() == list(range(9))


def test_four_bit_weights_reach_the_product_exactly():
    """The identity in place of activations gives the dequantised weights back."""
    given = drawn("int4-matmul", 5)
    inputs = given["x"].shape[1]
    given["x"] = torch.eye(inputs, device=given["x"].device)
    packed = {name: given[name].cpu().numpy() for name in ("codes", "scales", "zeros")}
    expected = entries_serving.int4_matmul(np.eye(inputs), **packed)
    found = launch_serving.int4_matmul(**given).cpu().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_a_scan_cut_in_two_is_the_scan():
    """The state that the kernel returns is all that the rest needs of the past."""
    given = drawn("selective-scan", 1)
    y, h = launch_serving.selective_scan(**given)
    cut = given["x"].shape[1] // 2
    assert cut
    timed = ("x", "delta", "b", "c", "z")
    first = {**given, **{name: given[name][:, :cut] for name in timed}}
    rest = {**given, **{name: given[name][:, cut:] for name in timed}}
    (start, carried), (_, fresh) = (launch_serving.selective_scan(**part) for part in (first, rest))
    torch.testing.assert_close(start, y[:, :cut], rtol=0, atol=0)
    decay = torch.exp(rest["delta"].sum(dim=1)[..., None] * given["a"])
    torch.testing.assert_close(fresh + decay * carried, h, rtol=1e-5, atol=1e-6)


def test_what_kernels_can_not_take_is_refused():
    paged, grouped = drawn("paged-decode", 1), drawn("grouped-decode", 1)
    with pytest.raises(ValueError, match="power of two of tokens, not 3"):
        launch_serving.paged_decode(**{**paged, "k": paged["k"][:, :3], "v": paged["v"][:, :3]})
    with pytest.raises(ValueError, match="can't be shared out evenly"):
        launch_serving.grouped_decode(**{**grouped, "q": grouped["q"].repeat(1, 5, 1)[:, :5]})
    with pytest.raises(ValueError, match="power of two of at least 16, not 8"):
        narrow = {name: grouped[name][..., :8] for name in "qkv"}
        launch_serving.grouped_decode(**{**grouped, **narrow})
    with pytest.raises(ValueError, match="must be a multiple of 128"):
        launch_serving.int4_matmul(**drawn("int4-matmul", 1, block_k=128))
    with pytest.raises(ValueError, match="best 6 of 5 experts"):
        launch_serving.route(torch.zeros(2, 5), torch.zeros(2, 3), 6)
    with pytest.raises(ValueError, match="power of two of states, not 3"):
        given = drawn("selective-scan", 1)
        cut = {
            name: given[name].repeat(*[1] * (given[name].ndim - 1), 3)[..., :3] for name in "abc"
        }
        launch_serving.selective_scan(**{**given, **cut})
