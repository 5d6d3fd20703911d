"""Every Triton kernel against its NumPy reference: on a GPU, or interpreted where there is none."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from kernels.gpu import launch, launch_attention
from kernels.gpu.checking import compare, doubles
from kernels.gpu.counting import counting
from kernels.gpu.registry import all_kernels

KERNELS = all_kernels()
SEEDS = range(4)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:triton"),
]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["float32", "float16"])
@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_agrees_with_its_reference(name, kind, seed):
    """Where it is interpreted, it is watched as well: no access may leave its array."""
    kernel = KERNELS[name]
    with nullcontext() if launch.device() == "cuda" else counting():
        _, got, expected = compare(kernel, np.random.default_rng(seed), kind)
    assert got
    bounds = {"rtol": kernel.relative[kind], "atol": kernel.tolerance[kind]}
    for one, other in zip(got, expected, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, **bounds)


def floats(inputs):
    return [name for name, value in inputs.items() if getattr(value, "dtype", None) == np.float32]


@pytest.mark.parametrize("name", KERNELS)
def test_the_comparison_would_notice_a_fault(name):
    """A reference that is given slightly other numbers is told apart, for every float input.

    One set of inputs isn't enough: with a single key, say, its weight is 1 whatever the query.
    """
    kernel = KERNELS[name]
    bounds = {"rtol": kernel.relative["float16"], "atol": kernel.tolerance["float16"]}
    noticed = set()
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        with nullcontext() if launch.device() == "cuda" else counting():
            inputs, got, _ = compare(kernel, rng, "float32")
        given = doubles(inputs)
        for key in floats(inputs):
            other = given[key] + 0.2 * rng.standard_normal(given[key].shape)
            expected = kernel.reference(**{**given, key: other})
            pairs = zip(got, expected if isinstance(expected, tuple) else (expected,), strict=True)
            pairs = [pair for pair in pairs if pair[1] is not None]
            if not all(np.allclose(one, another, **bounds) for one, another in pairs):
                noticed.add(key)
    assert noticed == set(floats(inputs))


@pytest.mark.parametrize("name", KERNELS)
def test_what_a_kernel_is_compiled_with_are_its_parameters(name):
    kernel = KERNELS[name]
    for build in kernel.builds:
        functions = [vars(launch.load(module)).get(build.function) for module in kernel.modules]
        (function,) = [each for each in functions if each is not None]
        assert [*build.types, *build.constants] == function.arg_names
        assert set(build.divisible) <= set(build.types)
        assert list(build.configurations())


def heads(queries, keys, d=16):
    rng = np.random.default_rng(7)
    shapes = ((2, queries, d), (2, keys, d), (2, keys, d))
    where = launch.device()
    return [torch.from_numpy(rng.standard_normal(s).astype("float32")).to(where) for s in shapes]


def test_a_query_that_sees_no_key_gets_zeros_and_no_gradient():
    q, k, v = heads(40, 9)
    out, lse = launch_attention.flash_attention(q, k, v, causal=True, block_m=16, block_n=16)
    assert not out[:, :31].any() and out[:, 31:].all()
    assert torch.isneginf(lse[:, :31]).all() and torch.isfinite(lse[:, 31:]).all()
    assert torch.equal(launch_attention.naive_attention(q, k, v, True, 16, 16)[:, :31], out[:, :31])
    given = q, k, v, out, lse, torch.ones_like(out)
    dq, dk, dv = launch_attention.flash_attention_backward(*given, True, 16, 16)
    assert not dq[:, :31].any() and dq[:, 32:].any()
    assert all(torch.isfinite(gradient).all() for gradient in (dq, dk, dv))


def test_equal_scores_give_the_mean_of_the_values():
    q, k, v = heads(5, 33)
    out, lse = launch_attention.flash_attention(0 * q, k, v, block_m=16, block_n=16)
    mean = v.mean(dim=1, keepdim=True).expand_as(out)
    torch.testing.assert_close(out, mean, rtol=0, atol=1e-6)
    torch.testing.assert_close(lse, torch.full_like(lse, np.log(33)), rtol=0, atol=1e-6)


def test_what_kernels_can_not_take_is_refused():
    q, k, v = heads(4, 5)
    with pytest.raises(ValueError, match="all float16 or all float32"):
        launch_attention.flash_attention(q.double(), k.double(), v.double())
    with pytest.raises(ValueError, match="all float16 or all float32"):
        launch_attention.flash_attention(q, k.half(), v)
    with pytest.raises(ValueError, match="heads, queries, d"):
        launch_attention.flash_attention(q, k[:, :3], v)
    with pytest.raises(ValueError, match="power of two"):
        launch_attention.flash_attention(*(x[..., :12] for x in (q, k, v)))
    with pytest.raises(ValueError, match="can't be multiplied"):
        launch_attention.matmul(q[0], k[0])
