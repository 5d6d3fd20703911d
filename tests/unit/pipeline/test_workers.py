"""Work in processes: order, isolation, and what happens to those that hang or die."""

import os
import time

import pytest
from workings_build.workers import Task, WorkerFault, doing, run_tasks


def square(number: int) -> int:
    time.sleep(0.05 * (3 - number))
    return number * number


def hang(name: str) -> None:
    doing(f"the exhibit {name}")
    while True:
        pass


def die() -> None:
    doing("dying")
    os._exit(7)


def fail() -> None:
    raise ValueError("the builder's own fault")


def surroundings() -> tuple[str | None, str | None, int]:
    return os.environ.get("OPENBLAS_NUM_THREADS"), os.environ.get("PYTHONHASHSEED"), hash("a")


def loud() -> str:
    print("printed by a page")
    return "value"


@pytest.mark.slow
def test_outcomes_come_in_the_order_of_the_tasks() -> None:
    done: list[str] = []
    tasks = [Task(str(n), square, (n,), 60) for n in range(4)]
    outcomes = run_tasks(tasks, 2, lambda task: done.append(task.label))
    assert [outcome.value for outcome in outcomes] == [0, 1, 4, 9]
    assert sorted(done) == ["0", "1", "2", "3"]


@pytest.mark.slow
def test_one_that_never_ends_is_stopped_and_the_rest_goes_on() -> None:
    tasks = [Task("slow", hang, ("scores",), 4.0), Task("quick", square, (3,), 60)]
    slow, quick = run_tasks(tasks, 2)
    assert slow.stopped == "the exhibit scores: still running after 4 s"
    assert quick.value == 9


def test_one_that_dies_is_reported_with_its_code() -> None:
    (outcome,) = run_tasks([Task("dies", die, (), 60)], 1)
    assert outcome.stopped == "dying: its process ended early (code 7)"


def test_a_fault_of_the_builder_is_raised_with_its_traceback() -> None:
    with pytest.raises(WorkerFault, match=r"(?s)label.*the builder's own fault"):
        run_tasks([Task("label", fail, (), 60)], 1)


def test_every_process_has_one_thread_and_the_same_hashes() -> None:
    first, second = run_tasks([Task("env", surroundings, (), 60)] * 2, 2)
    assert first.value == second.value
    assert first.value[:2] == ("1", "0")


def test_what_a_page_prints_never_reaches_standard_output(
    capfd: pytest.CaptureFixture[str],
) -> None:
    (outcome,) = run_tasks([Task("loud", loud, (), 60)], 1)
    assert outcome.value == "value"
    assert capfd.readouterr().out == ""


def test_no_tasks_start_no_process() -> None:
    assert run_tasks([], 4) == []
