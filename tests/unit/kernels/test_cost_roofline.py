"""Devices, roofline, served steps and utilisation against published figures and plain loops."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.cost import counts, models, roofline, steps, utilisation
from kernels.cost.configuration import Experts
from kernels.cost.devices import A100, B200, DEVICES, H100, MI300X, TPU_V4, V100
from kernels.cost.models import MODELS

AMOUNTS = st.floats(1, 1e18)
RATES = st.floats(1e6, 1e16)


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_devices_are_complete_and_in_sensible_units(device):
    assert device.source and device.peak
    assert 1e10 < device.memory < 1e12
    assert 1e10 < device.link < device.bandwidth < min(device.peak.values())


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_narrower_numbers_are_never_slower(device):
    order = ["fp32", "tf32", "bf16", "fp8", "fp4"]
    rates = [device.peak[number] for number in order if number in device.peak]
    assert rates == sorted(rates)


def test_a_format_that_a_device_lacks_is_named():
    with pytest.raises(ValueError, match="V100 SXM2 has no peak for 'bf16', only for fp16, fp32"):
        V100.rate("bf16")


@pytest.mark.parametrize(
    ("device", "ridge"),
    [(V100, 138.9), (A100, 153.0), (H100, 295.3), (TPU_V4, 229.2), (MI300X, 246.7), (B200, 292.2)],
    ids=lambda value: getattr(value, "name", None),
)
def test_ridge_points_in_sixteen_bits(device, ridge):
    found = roofline.ridge_point(
        device.rate("fp16" if device is V100 else "bf16"), device.bandwidth
    )
    assert found == pytest.approx(ridge, abs=0.05)


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS, RATES, RATES)
def test_the_roof_is_the_slope_below_the_ridge_and_flat_above(flops, moved, peak, bandwidth):
    at = roofline.intensity(flops, moved)
    roof = roofline.attainable(at, peak, bandwidth)
    assert roof <= peak and roof <= at * bandwidth
    if at >= roofline.ridge_point(peak, bandwidth) * (1 + 1e-12):
        assert roof == peak


@pytest.mark.slow
@settings(deadline=None)
@given(AMOUNTS, AMOUNTS)
def test_time_is_work_over_what_the_roof_allows(flops, moved):
    times = roofline.times(roofline.Work(flops, moved), H100)
    roof = roofline.attainable(flops / moved, H100.rate("bf16"), H100.bandwidth)
    assert times.overlapped == pytest.approx(flops / roof, rel=1e-12)
    assert times.overlapped <= times.in_turn <= 3 * times.overlapped


def test_the_longest_of_the_three_is_the_bound():
    assert roofline.times(roofline.Work(1e15, 1, 1), H100).bound == "compute"
    assert roofline.times(roofline.Work(1, 1e12, 1), H100).bound == "memory"
    assert roofline.times(roofline.Work(1, 1, 1e12), H100).bound == "network"


def test_exponentials_are_a_roof_of_their_own():
    work = roofline.Work(flops=0.0, moved=1.0, exponentials=3.9e12)
    times = roofline.times(work, H100)  # FlashAttention-3, §3.1: 3.9 TFLOPS of special functions
    assert times.special == pytest.approx(1.0, rel=0.01) and times.bound == "special"
    assert roofline.times(work, H100, devices=4).special == pytest.approx(times.special / 4)
    assert (work + work).exponentials == 2 * work.exponentials
    with pytest.raises(ValueError, match="TPU v4 has no rate for exponentials"):
        roofline.times(work, TPU_V4)
    assert roofline.times(roofline.Work(1e12, 1e9), TPU_V4).special == 0.0


def test_devices_share_work_and_traffic_but_each_sends_its_own():
    work = roofline.Work(8e15, 8e12, 1e9)
    one, eight = (roofline.times(work, H100, devices=n) for n in (1, 8))
    assert eight == pytest.approx((one.compute / 8, one.memory / 8, one.network, one.special))


def test_work_adds_up_part_by_part():
    both = roofline.Work(1.0, 2.0, 3.0) + roofline.Work(10.0, 20.0)
    assert both == roofline.Work(11.0, 22.0, 3.0)
    assert both.intensity == 0.5
    assert (both + both).sent == 6.0


def test_work_that_moves_nothing_has_no_intensity():
    with pytest.raises(ValueError, match="moves no bytes"):
        roofline.intensity(1.0, 0.0)


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_matmul_counts_its_products_and_entries(m, n, k):
    products = sum(1 for _ in range(m) for _ in range(n) for _ in range(k))
    arrays = np.zeros((m, k), "f2"), np.zeros((k, n), "f2"), np.zeros((m, n), "f2")
    work = roofline.matmul(m, n, k)
    assert work == roofline.Work(2 * products, sum(array.nbytes for array in arrays))


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 30))
def test_experts_met_is_the_mean_over_all_choices(routed, active, tokens):
    active = min(active, routed)
    experts = Experts(routed, active, d_ff=1)
    # The chance that one token takes a given expert is active / routed; tokens choose alone.
    met = sum(1 - (1 - active / routed) ** tokens for _ in range(routed))
    assert steps.experts_met(experts, tokens) == pytest.approx(met, abs=1e-9)
    assert steps.experts_met(experts, 1) == pytest.approx(active)


def test_experts_met_agrees_with_drawing():
    rng = np.random.default_rng(0)
    draws = [
        len(set(np.concatenate([rng.permutation(16)[:2] for _ in range(10)]))) for _ in range(4000)
    ]
    assert steps.experts_met(Experts(16, 2, d_ff=1), 10) == pytest.approx(np.mean(draws), rel=0.01)


@pytest.mark.parametrize("name", ["Mixtral 8x7B", "DeepSeek-V3"])
def test_a_large_batch_reads_all_weights(name):
    model = MODELS[name]
    assert steps.weights_read(model, 1) == pytest.approx(counts.multiplied(model), rel=1e-12)
    everything = counts.total(model) - counts.parameters(model)["embeddings"]
    assert steps.weights_read(model, 10_000) == pytest.approx(everything, rel=1e-4)


def test_one_text_reads_two_bytes_for_two_flops():
    work = steps.decode(models.LLAMA_2_70B, batch=1, context=1)
    assert work.intensity == pytest.approx(1.0, rel=0.001)
    assert roofline.times(work, H100).bound == "memory"


def test_a_token_more_works_with_every_weight_and_sees_its_whole_context():
    model, context = models.MISTRAL_7B, 6000  # more than its window
    work = steps.decode(model, 3, context, weight_bytes=0.5, cache_bytes=1)
    scores_and_mixtures = 2 * 2 * 32 * 32 * 128 * 4096
    assert work.flops == 3 * (2 * counts.multiplied(model) + scores_and_mixtures)
    cache = 3 * 2 * 32 * 8 * 128 * 4096
    assert work.moved == counts.multiplied(model) / 2 + cache


def test_a_seventy_billion_model_writes_about_25_tokens_a_second():
    work = steps.decode(models.LLAMA_2_70B, batch=1, context=1)
    assert 1 / roofline.times(work, H100).memory == pytest.approx(24.4, abs=0.1)


@settings(deadline=None)
@given(st.integers(1, 512), st.integers(1, 8192))
def test_a_batch_shares_the_weights_and_not_the_cache(batch, context):
    model = models.LLAMA_3_8B
    one, many = (steps.decode(model, size, context) for size in (1, batch))
    assert many.flops == pytest.approx(batch * one.flops)
    cache = counts.cache_bytes(model, context)
    assert many.moved - one.moved == pytest.approx((batch - 1) * cache, abs=1)
    assert many.intensity >= one.intensity * (1 - 1e-12)


def test_reading_a_prompt_is_bound_by_arithmetic():
    work = steps.prefill(models.LLAMA_3_8B, batch=1, length=4096)
    assert roofline.times(work, H100).bound == "compute"
    one_by_one = sum(counts.forward_flops(models.LLAMA_3_8B, keys) for keys in range(1, 4097))
    assert work.flops == pytest.approx(one_by_one, rel=1e-12)


def test_reading_prompts_fetches_the_weights_once_and_writes_every_cache():
    model, tokens = models.LLAMA_3_8B, 3 * 100
    cached = 2 * 32 * 8 * 128 * tokens
    work = steps.prefill(model, batch=3, length=100)
    assert work.moved == 2 * counts.multiplied(model) + 2 * cached
    work = steps.prefill(model, batch=3, length=100, weight_bytes=0.5, cache_bytes=1)
    assert work.moved == counts.multiplied(model) / 2 + cached


def test_a_long_prompt_meets_all_experts():
    model = MODELS["Mixtral 8x7B"]
    everything = counts.total(model) - counts.parameters(model)["embeddings"]
    moved = steps.prefill(model, 1, 4096).moved - counts.cache_bytes(model, 4096)
    assert moved == pytest.approx(2 * everything, rel=1e-4)


def test_absorbing_costs_less_than_rebuilding_every_key():
    model, context = models.DEEPSEEK_V3, 4096
    absorbed = steps.decode(model, 1, context)
    scored = steps.decode(model, 1, context, absorbed=False)
    assert scored.flops < absorbed.flops  # narrower vectors, if they were there already
    rebuilt = counts.rebuilding_flops(model, context)
    assert scored.flops + rebuilt > 10 * absorbed.flops
    one_layer = context * 512 * 128 * (128 + 128)  # multiplications of two matrices
    assert rebuilt == 61 * 2 * one_layer
    assert counts.rebuilding_flops(models.LLAMA_2_7B, context) == 0.0


def test_largest_batch_fills_the_memory_and_no_more():
    model, context = models.LLAMA_3_8B, 8192
    batch = steps.largest_batch(model, A100.memory, context)
    used = counts.weight_bytes(model) + batch * counts.cache_bytes(model, context)
    assert used <= A100.memory < used + counts.cache_bytes(model, context)
    assert steps.largest_batch(models.LLAMA_2_70B, A100.memory, context) == 0


def test_narrower_weights_and_caches_leave_room_for_more_texts():
    model, context = models.LLAMA_3_8B, 8192
    room = A100.memory - counts.total(model)  # a byte for each weight
    numbers = counts.cache_numbers(model) * context
    assert steps.largest_batch(model, A100.memory, context, 1, 2) == room // (2 * numbers)
    assert steps.largest_batch(model, A100.memory, context, 1, 1) == room // numbers


def test_fewer_key_heads_fit_larger_batches_in_proportion():
    model = models.LLAMA_3_8B
    room = counts.weight_bytes(model) + 1000 * counts.cache_bytes(model, 4096)
    assert steps.largest_batch(model, room, 4096) == 1000
    wide = replace(model, kv_heads=32)  # more weights as well: see what is left for the cache
    left = room + counts.weight_bytes(wide) - counts.weight_bytes(model)
    assert steps.largest_batch(wide, left, 4096) == 250


PALM = {"parameters": 540.35e9, "layers": 118, "heads": 48, "d_head": 256, "length": 2048}


def test_palm_reached_46_2_percent():
    """Chowdhery et al. 2022, §4.1: 238.3 thousand tokens a second on 6144 chips."""
    needed = utilisation.model_flops(**PALM)
    share = utilisation.utilisation(238.3e3, needed, 6144, TPU_V4.rate("bf16"))
    assert f"{share:.1%}" == "46.2%"
    alone = utilisation.utilisation(238.3e3, 6 * 540.35e9, 6144, TPU_V4.rate("bf16"))
    assert f"{alone:.1%}" == "45.7%"  # without attention


def test_palm_kept_its_chips_busy_to_57_8_percent():
    """Appendix B: 75% of the dense forward pass and all of attention ran a second time."""
    done = utilisation.model_flops(**PALM) + utilisation.recomputed_flops(**PALM, dense_share=0.75)
    assert done == pytest.approx(4.10e12, rel=0.001)
    assert f"{utilisation.utilisation(238.3e3, done, 6144, 275e12):.1%}" == "57.8%"


def test_running_all_again_costs_one_forward_pass_more():
    assert utilisation.recomputed_flops(**PALM) == utilisation.model_flops(**PALM) / 3


def test_palms_own_shape_gives_its_parameters():
    assert counts.total(models.PALM) == pytest.approx(PALM["parameters"], rel=1e-4)
    assert (models.PALM.layers, models.PALM.heads, models.PALM.d_head) == (118, 48, 256)


def test_without_the_mask_training_flops_are_palms_formula():
    model = models.PALM
    formula = utilisation.model_flops(counts.multiplied(model), 118, 48, 256, 2048)
    assert 3 * counts.forward_flops(model, 2048) == pytest.approx(formula, rel=1e-12)


@settings(deadline=None)
@given(st.floats(0.01, 1.0), AMOUNTS, st.integers(1, 10_000), RATES)
def test_throughput_and_utilisation_are_inverse(share, flops, devices, peak):
    rate = utilisation.tokens_per_second(share, flops, devices, peak)
    assert utilisation.utilisation(rate, flops, devices, peak) == pytest.approx(share)
    seconds = utilisation.training_seconds(1000 * flops, share, devices, peak)
    assert seconds == pytest.approx(1000 / rate)


def test_no_devices_have_no_arithmetic():
    with pytest.raises(ValueError, match="0 devices"):
        utilisation.utilisation(1.0, 1.0, 0, 1.0)
    with pytest.raises(ValueError, match=r"2 devices of 0\.0 FLOP/s"):
        utilisation.utilisation(1.0, 1.0, 2, 0.0)
    assert utilisation.utilisation(1.0, 1.0, 2, 1.0) == 0.5  # slow, but there


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), max_size=6))
def test_losses_leave_what_the_ones_before_left(losses):
    left = utilisation.kept(losses)
    assert left[0] == 1.0 and len(left) == len(losses) + 1
    assert left == sorted(left, reverse=True)
    assert left[-1] == pytest.approx(np.prod([1 - loss for loss in losses]))


def test_a_loss_of_all_leaves_nothing():
    assert utilisation.kept([0.25, 1, 0]) == [1.0, 0.75, 0.0, 0.0]


def test_a_loss_of_more_than_all_is_refused():
    with pytest.raises(ValueError, match=r"between 0 and 1, not 1\.5"):
        utilisation.kept([0.2, 1.5])
