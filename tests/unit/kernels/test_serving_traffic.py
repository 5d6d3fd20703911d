"""What was counted of serving, against what it must be; one small case is counted here again."""

import json
from pathlib import Path

import numpy as np
import pytest

from kernels.attention import jobs_serving

FOLDER = Path(jobs_serving.__file__).parents[1] / "assets" / "serving-traffic"
ROWS = json.loads((FOLDER / "traffic.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:triton")


def of(name, kernel):
    rows = [row for row in ROWS[name] if row["kernel"] == kernel]
    assert rows
    return rows


def test_heads_together_load_the_cache_once():
    for row in of("decode", "grouped"):
        assert row["loaded_from"]["k"] + row["loaded_from"]["v"] == row["kept"]


def test_heads_apart_load_the_cache_once_for_each_head_that_shares_it():
    for row in of("decode", "paged"):
        times = row["heads"] // row["groups"]
        assert row["loaded_from"]["k"] + row["loaded_from"]["v"] == times * row["kept"]


def test_a_table_costs_four_bytes_a_block_and_head_however_it_is_split():
    for row in of("decode", "paged"):
        assert row["loaded_from"]["table"] == 4 * row["heads"] * row["tokens"] // row["size"]


def test_splits_move_their_partial_results_and_nothing_else_twice():
    for row in of("decode", "paged"):
        parts = row["heads"] * row["splits"]
        assert row["stored"] == parts * 4 * (row["d"] + 1) + 2 * row["heads"] * row["d"]
        assert row["loaded_from"]["mixed"] == 4 * parts * row["d"]


def test_four_bit_weights_are_loaded_once_for_each_row_of_tiles():
    for row in of("product", "int4"):
        weights = sum(row["loaded_from"][name] for name in ("codes", "scales", "zeros"))
        rows = -(-row["samples"] // 16)
        scales = row["outputs"] * row["inputs"] // row["block_k"] * 3
        assert weights == rows * (row["outputs"] * row["inputs"] // 2 + scales)
        if row["block_k"] == row["group"]:
            assert weights == rows * row["kept"]
        else:
            assert weights > rows * row["kept"]


def test_four_bit_codes_are_a_quarter_of_half_precision_and_activations_stay_the_same():
    for half in of("product", "fp16"):
        for row in of("product", "int4"):
            if row["samples"] == half["samples"]:
                assert 4 * row["loaded_from"]["codes"] == half["loaded_from"]["b"]
                assert row["loaded_from"]["x"] == half["loaded_from"]["a"]
                assert row["flops"] == half["flops"]


def test_a_scan_stores_its_outputs_and_one_state():
    for row in of("scan", "scan"):
        last = 4 * row["channels"] * row["states"]
        assert row["stored"] == 2 * row["time"] * row["channels"] + last
        assert row["kept"] == row["time"] * last


@pytest.mark.slow
@pytest.mark.parametrize("name", jobs_serving.CASES)
def test_counts_come_out_the_same_again(name):
    parameters = {**jobs_serving.serving_traffic.parameters, "tokens": [64], "groups": [1]}
    parameters |= {"splits": [], "samples": [1], "group_sizes": [128]}
    parameters |= {"times": [16], "states": [4]}
    made = jobs_serving.CASES[name](parameters)
    for chosen in made:
        (row,) = [row for row in ROWS[name] if {**row, **chosen} == row and set(chosen) <= set(row)]
        assert jobs_serving.count(chosen, np.random.default_rng(1)) == row
