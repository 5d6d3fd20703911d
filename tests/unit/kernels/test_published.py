"""Published timings agree with themselves, and the model's error against them is what we say."""

import json

import pytest
import torch

from kernels.cost.devices import DEVICES, H100
from kernels.cost.roofline import Work
from kernels.gpu import published, roofline_model
from kernels.gpu.counting import counting
from kernels.gpu.jobs_modelled import flash_attention_modelled, flash_attention_published
from kernels.gpu.launch_attention import flash_attention
from kernels.gpu.published import SOURCES, STATEMENTS, TIMINGS, Problem
from kernels.gpu.roofline_model import compare, spread


def rows(what, device="H100 SXM", causal=False):
    """Return the comparisons of one kind."""
    return compare(
        timing
        for timing in TIMINGS
        if (timing.what, timing.device, timing.problem.causal) == (what, device, causal)
    )


def test_every_number_names_its_source_and_a_known_device():
    for entry in (*TIMINGS, *STATEMENTS):
        assert entry.source in SOURCES and entry.locator and entry.device in DEVICES, entry


def test_the_pull_requests_milliseconds_and_speeds_agree():
    speeds = [353.372, 385.35, 404.662, 413.305, 420.122]  # its own other column
    found = [timing for timing in TIMINGS if timing.source == "pytorch2296"]
    assert [timing.flops_a_second / 1e12 for timing in found] == pytest.approx(speeds, rel=1e-3)


def test_table_2_of_flashattention_3_agrees_with_our_count_of_flops():
    seconds = next(one for one in STATEMENTS if one.locator == "Table 2").value
    flops = Problem(8448, 128, 16, 4).flops
    assert flops / seconds == pytest.approx(661e12, abs=0.5e12)


def test_figure_5_has_16k_tokens_and_a_width_of_2048_throughout():
    for timing in TIMINGS:
        if timing.source == "shah2024":
            problem = timing.problem
            assert problem.n * problem.batch == 16384 and problem.heads * problem.d == 2048
    assert published.FIGURE_5["c", 128, False]["FlashAttention-3"][-1] == 648


def test_no_published_kernel_beats_the_roofs():
    for one in compare(TIMINGS):
        assert one.overlapped < 1, one.timing
        assert one.model.overlapped <= one.model.in_turn


def test_the_best_kernels_run_as_if_matrix_products_and_exponentials_took_turns():
    ratios = [
        one.in_turn for causal in (False, True) for one in rows("FlashAttention-3", causal=causal)
    ]
    found = spread(ratios)
    assert found.cases == 24
    assert found.mean == pytest.approx(1.06, abs=0.01)
    assert found.least > 0.9 and found.most < 1.3


@pytest.mark.parametrize(
    ("what", "mean"), [("FlashAttention-2", 0.70), ("Triton", 0.77), ("standard attention", 0.74)]
)
def test_other_kernels_are_slower_than_the_model_by_as_much_as_we_say(what, mean):
    found = spread([one.in_turn for one in rows(what)])
    assert found.mean == pytest.approx(mean, abs=0.02)
    assert found.most < 1.1


def test_flashattention_1_reaches_a_third_of_the_model_on_long_rows():
    long = [one for one in rows("FlashAttention", "A100 SXM 40 GB") if one.timing.problem.n >= 512]
    found = spread([one.in_turn for one in long])
    assert 0.3 < found.least <= found.most < 0.36


def test_naive_attention_is_bound_by_memory_and_flash_is_not():
    problem = Problem(8192, 64, 32, 2)
    naive, flash = roofline_model.naive_work(problem), roofline_model.flash_work(problem)
    assert sum(work.flops for work in naive) == problem.flops == sum(work.flops for work in flash)
    ridge = H100.rate("fp16") / H100.bandwidth
    assert all(work.flops / work.moved < ridge for work in naive)
    assert all(work.flops / work.moved > ridge for work in flash)


@pytest.mark.slow
@pytest.mark.skipif(torch.cuda.is_available(), reason="kernels aren't interpreted")
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("n", "tile"), [(96, (32, 16)), (70, (16, 32))])
def test_the_formulas_are_what_the_counting_interpreter_counts(n, tile, causal):
    heads, d = 2, 16
    q, k, v = torch.randn(3, heads, n, d, generator=torch.Generator().manual_seed(0)).half()
    with counting() as counted:
        flash_attention(q, k, v, causal=causal, block_m=tile[0], block_n=tile[1])
    expected = roofline_model.flash_requested(Problem(n, d, heads, 1, causal), tile)
    found = (counted.loaded, counted.stored, counted.flops, counted.exponentials)
    assert found == expected


def test_launches_follow_one_another():
    both = roofline_model.modelled([Work(1e12, 1.0), Work(0.0, 1e9)], H100)
    compute, memory = 1e12 / H100.rate("fp16"), 1e9 / H100.bandwidth
    assert both.overlapped == pytest.approx(compute + memory)


def test_spread_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no ratios"):
        spread([])


def traffic(folder, **changed):
    """Write counts as the traffic job does, of one small case."""
    asked = roofline_model.flash_requested(Problem(256, 64, 1, 1))
    flash = {"kernel": "flash", "n": 256, "d": 64, "block_rows": 128, "block_columns": 64}
    naive = {**flash, "kernel": "naive", "causal": False, "loaded": 10, "stored": 1}
    rows = [naive, {**flash, "causal": False, **asked._asdict(), **changed}]
    (folder / "traffic.json").write_text(json.dumps(rows))
    return {"flash-attention-traffic": folder}


def test_the_job_models_both_kernels_and_states_its_error(tmp_path):
    context = flash_attention_modelled.context(inputs=traffic(tmp_path))
    found = flash_attention_modelled(context)["modelled.json"]
    axes = ("device", "kernel", "n", "d", "causal")
    rows = {tuple(row[axis] for axis in axes): row for row in found["curves"]}
    assert len(rows) == len(found["curves"]) == 2 * 2 * 8 * 2 * 2
    flash = rows["H100 SXM", "flash", 16384, 64, False]
    naive = rows["H100 SXM", "naive", 16384, 64, False]
    assert naive["seconds_overlapped"] > 5 * flash["seconds_overlapped"]
    assert set(naive["bounds"]) == {"memory"}
    assert flash["bounds"] == ["special"]  # 256 FLOPs an exponential: as many as the units allow
    assert rows["H100 SXM", "flash", 16384, 128, False]["bounds"] == ["compute"]
    assert len(found["points"]) == len(TIMINGS)
    errors = {(row["source"], row["what"], row["causal"]): row for row in found["errors"]}
    assert errors["shah2024", "FlashAttention-3", False]["in_turn"]["cases"] == 12
    assert all(row["overlapped"]["most"] < 1 for row in found["errors"])
    assert found["requested"][0]["requested"] == 11
    assert context.notes["largest overlapped over published"] < 0.7


def test_a_count_that_the_formulas_do_not_give_stops_the_job(tmp_path):
    context = flash_attention_modelled.context(inputs=traffic(tmp_path, stored=1))
    with pytest.raises(ValueError, match="bring flash_requested in line with the kernel"):
        flash_attention_modelled(context)


def test_what_is_published_is_kept_with_its_places():
    found = flash_attention_published(flash_attention_published.context())["published.json"]
    assert {row["source"] for row in found["timings"]} <= set(found["sources"])
    assert len(found["timings"]) == 114 and len(found["statements"]) == len(STATEMENTS)
