"""What is compiled: the grid, the list's kernels, and that nothing is compiled twice."""

import json
from importlib import import_module

import pytest

from kernels.gpu import jobs_compiled, jobs_registry
from kernels.gpu.compiling import Configuration
from kernels.gpu.jobs_compiled import FLASH, SOFTMAX, compile_all, flash_grid, label
from kernels.gpu.registry import all_kernels


@pytest.mark.parametrize(
    ("name", "ours"), [("flash-attention", FLASH), ("softmax", SOFTMAX)], ids=["flash", "softmax"]
)
def test_the_grids_kernels_are_given_what_the_list_says(name, ours):
    kernel = all_kernels()[name]
    (build,) = kernel.builds
    assert (ours.kernel, ours.module) == (build.function, kernel.modules[0])
    assert list(ours.signature.items()) == list(build.types.items())
    assert set(ours.multiples_of_16) == set(build.divisible)


def test_the_grid_names_each_configuration_once():
    grid = flash_grid(dict(jobs_compiled.flash_attention_compiled.parameters))
    assert len(grid) == len({label(one) for one in grid}) == 130
    assert {one.architecture for one in grid} == {"sm_80", "sm_90", "gfx942"}


def test_every_function_of_the_list_is_found_in_its_module():
    found = list(jobs_registry.representatives(["sm_90"]))
    assert len(found) == sum(len(kernel.builds) for kernel in all_kernels().values())
    for one in found:
        function = getattr(import_module(one.module), one.kernel)
        assert function.arg_names == [*one.signature, *one.constants]


def test_a_run_that_was_interrupted_goes_on_where_it_was(tmp_path, monkeypatch):
    asked = []

    def compile_kernel(configuration, scratch, limit):
        asked.append(configuration.warps)
        if configuration.warps == 8 and len(asked) == 2:
            raise KeyboardInterrupt
        mixes = {"mix": {"float": 3}, "loop": {"float": 1}}
        return {"status": "compiled", "registers": 7, **mixes, "versions": {"ptxas": "1"}}

    monkeypatch.setattr(jobs_compiled, "compile_kernel", compile_kernel)
    todo = [jobs_compiled.flash("sm_90", 64, 64, 64, False, warps, 2) for warps in (4, 8)]
    context = jobs_compiled.flash_attention_compiled.context(scratch=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        compile_all(todo, context)
    found = compile_all(todo, context)
    assert asked == [4, 8, 8]
    assert [row["warps"] for row in found["rows"]] == [4, 8]
    assert found["rows"][0]["loop"] == [1] and found["kinds"] == {"sm_90": ["float"]}
    assert context.notes["assembler"] == "1"


def test_what_timed_out_stays_in_the_list(tmp_path, monkeypatch):
    late = {"status": "timed out", "why": "not done within 1 s"}
    monkeypatch.setattr(jobs_compiled, "compile_kernel", lambda *given: dict(late))
    context = jobs_compiled.flash_attention_compiled.context(scratch=tmp_path)
    chosen = jobs_compiled.flash("sm_90", 64, 64, 64, False, 4, 2)
    found = compile_all([chosen], context)
    assert found["rows"][0] | late == found["rows"][0] and context.notes["timed out"] == 1
    json.dumps(found, allow_nan=False)


def test_a_recheck_says_how_far_off_each_number_is(tmp_path, monkeypatch):
    chosen = jobs_compiled.flash("sm_90", 64, 64, 64, False, 4, 2)
    now = {"status": "compiled", "registers": 100, "shared": 5}
    monkeypatch.setattr(jobs_compiled, "compile_kernel", lambda *given: dict(now))
    context = jobs_compiled.flash_attention_compiled.context(scratch=tmp_path)
    asset = compile_all([chosen], context)
    asset["rows"][0]["registers"] = 90
    found = jobs_compiled.differences(asset, context, chosen)
    assert found == {
        "flash_forward sm_90 registers": 10.0,
        "flash_forward sm_90 shared": 0.0,
    }


def test_a_function_that_no_module_defines_is_named():
    kernel = all_kernels()["softmax"]
    with pytest.raises(ValueError, match="none of its modules defines softmax_columns"):
        jobs_registry.home(kernel, "softmax_columns")


def test_labels_are_fit_for_files():
    one = Configuration("m", "k", {}, {"D": 64, "CAUSAL": True}, "sm_80", 8, 3)
    assert label(one) == "k-sm_80-d64-causaltrue-w8-s3"
