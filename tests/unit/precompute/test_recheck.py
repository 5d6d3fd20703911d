"""What can be recomputed cheaply is, at reduced size, and agrees with what is committed."""

import pytest
from workings_build.precompute.plan import make_plan
from workings_build.precompute.rechecking import recheck, rechecked

from tests.unit.precompute.project import ROOT

PLAN = make_plan(ROOT)
JOBS = [job.name for job in rechecked(PLAN) if PLAN.folder(job.name).is_dir()]
LONGEST = 30.0  # processor seconds of one recheck; most take far less


def test_there_are_jobs_to_recheck():
    assert JOBS


@pytest.mark.slow
@pytest.mark.parametrize("name", JOBS)
def test_a_slice_computed_anew_agrees_with_the_asset(name: str):
    found = recheck(PLAN, PLAN.jobs[name])
    assert found.state == "agrees", str(found)
    assert found.cpu_seconds < LONGEST
