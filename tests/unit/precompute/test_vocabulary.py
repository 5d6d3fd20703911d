"""What authors of jobs write: declarations, contexts and tolerances."""

import numpy as np
import pytest

from kernels.jobs import JOBS, Context, Tolerance, job


def declare(name: str = "a-job", **options):
    def compute(context):
        """Say what is computed.

        And more of it.
        """
        return {"x.json": context.parameters}

    made = job(name, **{"obtained": "counted", **options})(compute)
    JOBS.remove(made)
    return made


def test_a_job_is_still_a_function_of_its_context():
    made = declare(parameters={"n": 3}, reduced={"n": 1})
    assert made(made.context()) == {"x.json": {"n": 3}}
    assert made(made.context(reduced=True)) == {"x.json": {"n": 1}}
    assert made.description == "Say what is computed."


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"name": "A Job"}, "kebab case"),
        ({"obtained": "guessed"}, "obtained is 'guessed'"),
        ({"device": "tpu"}, "the device is 'tpu'"),
        ({"needs": "torch"}, r"needs is text; write a tuple: \('torch',\)"),
        ({"parameters": {"n": 1}, "reduced": {"m": 1}}, "reduced names what parameters don't: m"),
        ({"parameters": {"n": np.ones(2)}}, "aren't JSON values"),
        ({"parameters": {"n": float("nan")}}, "aren't JSON values"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(options, fault):
    with pytest.raises(ValueError, match=fault):
        declare(**options)


def test_a_job_says_what_it_computes():
    with pytest.raises(ValueError, match="no docstring"):
        job("silent", obtained="counted")(lambda context: {})


def test_a_recheck_needs_a_tolerance():
    with pytest.raises(ValueError, match="no tolerance"):
        declare().recheck(lambda context: {})


def test_a_seed_gives_the_same_numbers_again():
    made = declare(seed=7)
    assert made.context().rng.random() == made.context().rng.random()
    assert made.context().rng.random() != declare(seed=8).context().rng.random()


def test_a_context_refuses_what_the_job_has_not_named(tmp_path):
    context = Context(scratch=tmp_path)
    with pytest.raises(LookupError, match="No carrier 'mnist'"):
        context.carrier("mnist")
    with pytest.raises(LookupError, match="only a recheck"):
        context.asset("x.json")
    with pytest.raises(ValueError, match="not JSON compliant"):
        context.note("loss", float("nan"))


@pytest.mark.parametrize(
    ("got", "expected", "difference"),
    [(1.0, 1.0, 0.0), ([1.0, 2.5], [1.0, 2.0], 0.3), (np.nan, np.nan, 0.0), ([], [], 0.0)],
)
def test_a_difference_is_what_lies_beyond_the_relative_tolerance(got, expected, difference):
    tolerance = Tolerance(absolute=0.31, relative=0.1)
    assert tolerance.difference(got, expected) == pytest.approx(difference)
    assert tolerance.allows(tolerance.difference(got, expected))


@pytest.mark.parametrize(("got", "expected"), [(np.nan, 1.0), (1.0, np.nan), (np.inf, 1.0)])
def test_what_is_not_a_number_agrees_with_no_number(got, expected):
    tolerance = Tolerance(absolute=1e9, relative=0.1)
    assert not tolerance.allows(tolerance.difference(got, expected))


def test_arrays_of_other_shapes_are_not_compared():
    with pytest.raises(ValueError, match="can't be compared"):
        Tolerance().difference([1.0], [1.0, 1.0])
