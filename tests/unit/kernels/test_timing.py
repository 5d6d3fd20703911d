"""The timer, with a clock and kernels that are made up: no GPU, and no times."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.gpu.jobs_timings import SIZES, time_all, timings
from kernels.gpu.registry import all_kernels
from kernels.gpu.timing import ASKED, Samples, device_state, sample
from kernels.gpu.workloads import WORKLOADS, YARDSTICK


class Tape:
    """A device that does what it is given later, and a clock that reads its own time."""

    def __init__(self, durations):
        self.durations = iter(durations)
        self.now, self.waited, self.order = 0.0, 0, []

    def run(self):
        self.order.append("run")
        self.now += next(self.durations)

    def between(self):
        self.order.append("between")
        self.now += 1000.0

    def mark(self):
        self.order.append("mark")
        return self.now

    def finish(self):
        self.waited += 1

    def seconds(self, start, end):
        assert self.waited, "read before it came to pass"
        return end - start


def test_warm_up_and_emptying_the_cache_are_not_timed():
    tape = Tape([9.0] * 4 + [1.0, 2.0, 3.0])
    found = sample(tape.run, tape, tape.between, warm_up=3, runs=3, at_most=1e9)
    assert found.seconds == (1.0, 2.0, 3.0)
    assert tape.order[:3] == ["run"] * 3
    assert tape.order[3:] == ["between", "mark", "run", "mark"] * 4


def test_the_device_is_waited_for_once_not_after_every_run():
    tape = Tape([1.0] * 200)
    sample(tape.run, tape, runs=100, at_most=1e9)
    assert tape.waited == 2  # for the first, which says how many there may be, and for all


@pytest.mark.parametrize(("once", "runs"), [(0.01, 100), (0.1, 50), (2.0, 5)])
def test_slow_kernels_run_less_often_but_at_least_five_times(once, runs):
    tape = Tape([once] * 200)
    assert len(sample(tape.run, tape, runs=100, at_most=5.0).seconds) == runs


def test_nothing_to_count_is_refused():
    tape = Tape([])
    with pytest.raises(ValueError, match="at least one of each"):
        sample(tape.run, tape, runs=0)


@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=40))
def test_quantiles_are_numpys(seconds):
    import numpy as np

    found = Samples(tuple(seconds))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        assert found.quantile(share) == pytest.approx(np.quantile(seconds, share), rel=1e-12)
    summary = found.summary()
    assert summary["lower_quartile"] <= summary["median"] <= summary["upper_quartile"]
    assert summary["runs"] == len(seconds)


def test_one_slow_run_does_not_move_the_median():
    assert Samples((1.0, 1.0, 1.0, 1.0, 50.0)).median == 1.0


def test_the_driver_is_asked_and_told_nothing():
    asked = []

    def ask(arguments):
        asked.extend(arguments)
        return ", ".join(f"value {n}" for n in range(len(ASKED))) + "\n"

    assert device_state(ask)["clocks.sm"] == f"value {ASKED.index('clocks.sm')}"
    assert len(asked) == 3 and asked[0].startswith("--query-gpu=name,")


@pytest.mark.parametrize(
    "fault", [FileNotFoundError("nvidia-smi"), subprocess.CalledProcessError(9, "nvidia-smi")]
)
def test_a_missing_driver_is_said_not_guessed(fault):
    def ask(arguments):
        raise fault

    (told,) = device_state(ask).items()
    assert told[0] == "unknown" and "nvidia-smi" in told[1]


TINY = {
    "softmax": {"rows": 3, "columns": 20},
    "naive-attention": {"n": 20, "d": 16, "heads": 1, "batch": 2, "causal": True},
    "flash-attention": {"n": 20, "d": 16, "heads": 1, "batch": 2, "causal": True}
    | {"block_m": 16, "block_n": 16, "warps": 4, "stages": 2},
    "flash-attention-1": {"n": 20, "d": 16, "heads": 1, "batch": 1, "causal": False}
    | {"block_r": 16, "block_c": 16},
    "flash-attention-backward": {"n": 20, "d": 16, "heads": 1, "batch": 1, "causal": False},
    "torch-attention": {"n": 20, "d": 16, "heads": 2, "batch": 2, "causal": True},
    "rms-norm": {"rows": 3, "features": 20},
    "matmul": {"m": 20, "n": 20, "k": 20, "block_m": 16, "block_n": 16, "block_k": 16},
    "paged-decode": {"sequences": 2, "heads": 2, "groups": 1, "d": 16, "length": 9, "size": 4}
    | {"splits": 2},
    "grouped-decode": {"sequences": 2, "heads": 2, "groups": 1, "d": 16, "length": 9},
    "int4-matmul": {"m": 3, "n": 20, "k": 64, "group": 32},
    "top-k-routing": {"tokens": 9, "experts": 5, "features": 20, "k": 2},
    "selective-scan": {"batch": 1, "time": 5, "d_inner": 9, "states": 4},
}


class Steps(Tape):
    """A clock on which every run takes a second."""

    def mark(self):
        self.now += 0.5
        return super().mark()


@pytest.mark.slow
def test_every_kernel_of_the_list_has_a_workload_that_its_launcher_takes():
    parameters = {"sizes": {name: [sizes] for name, sizes in TINY.items()}}
    limits = {"warm_up": 1, "runs": 1, "at_most_seconds": 1.0}
    context = timings.context(parameters={**parameters, **limits})
    rows = time_all(context, Steps([]), lambda: None, "cpu")
    assert {row["kernel"]: row.get("why") for row in rows} == dict.fromkeys(TINY)
    assert all(row["median"] == 0.5 and row["runs"] == 1 for row in rows)
    assert set(TINY) == {*all_kernels(), YARDSTICK} == set(SIZES) == set(WORKLOADS)


def test_sizes_name_what_the_tiny_ones_name():
    for name, sizes in SIZES.items():
        for one in sizes:
            optional = {"warps", "stages", "group"} if name == "matmul" else set()
            assert set(one) - optional == set(TINY[name]) - optional, name


def test_a_size_that_does_not_fit_stays_in_the_list_and_says_why():
    limits = {"warm_up": 1, "runs": 1, "at_most_seconds": 1.0}
    sizes = {"int4-matmul": [{**TINY["int4-matmul"], "group": 16}]}
    context = timings.context(parameters={"sizes": sizes, **limits})
    (row,) = time_all(context, Steps([]), lambda: None, "cpu")
    assert row["status"] == "failed" and "must be a multiple of 32" in row["why"]


def test_timings_need_a_gpu_and_say_so():
    assert timings.device == "cuda" and timings.obtained == "measured"
