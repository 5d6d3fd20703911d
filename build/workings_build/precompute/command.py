"""`workings precompute`: run the jobs that are stale."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click

from workings_build.precompute.cluster import ClusterError, cluster
from workings_build.precompute.listing import table
from workings_build.precompute.perform import perform
from workings_build.precompute.plan import Plan, make_plan
from workings_build.precompute.rechecking import recheck as recheck_job
from workings_build.precompute.rechecking import rechecked
from workings_build.precompute.running import Perform, run_jobs
from workings_build.precompute.store import mend
from workings_build.precompute.telling import Lines
from workings_build.problems import format_problems, suggestion
from workings_build.settings import RootNotFound, available_cores, find_root

FAILED = 1


@click.command("precompute")
@click.argument("names", metavar="[JOB]...", nargs=-1)
@click.option("--list", "listed", is_flag=True, help="List the jobs; run nothing.")
@click.option("--force", is_flag=True, help="Run the named jobs although they aren't stale.")
@click.option("--recheck", is_flag=True, help="Recompute slices and compare; write nothing.")
@click.option(
    "--scheduler",
    metavar="local|ADDRESS",
    default="local",
    show_default=True,
    help="Where jobs run: here, or on a Dask cluster such as tcp://127.0.0.1:8786.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Jobs at once.  [default: one a core or worker]"
)
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    help="The project's folder, if not this one or one above.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems.")
def precompute_command(
    names: tuple[str, ...],
    listed: bool,
    force: bool,
    recheck: bool,
    scheduler: str,
    jobs: int | None,
    root: Path | None,
    quiet: bool,
) -> None:
    """Run the jobs that are stale, and those that they need; without names, all.

    A job's files and its receipt go to kernels/assets/JOB, as a whole or not at all. What a kill
    interrupts is taken up by the same command. A job whose packages or device are absent is named
    and left alone.
    """
    plan = make_plan(_root(root))
    mend(plan.root)
    if plan.problems:
        click.echo(format_problems(plan.problems), err=True)
    for name in names:
        if name not in plan.jobs:
            remedy = suggestion(name, plan.jobs, "`workings precompute --list` names all.")
            raise click.UsageError(f"There is no sound job '{name}'. {remedy}")
    wanted = plan.needed(names or plan.jobs)
    if listed:
        click.echo(table(plan, [plan.jobs[name] for name in names] if names else wanted))
        failed = False
    else:
        forced = frozenset(names or plan.jobs) if force else frozenset()
        try:
            with _place(scheduler) as (run, at_once):
                if recheck:
                    failed = _recheck(plan, names, run, quiet)
                else:
                    failed = _run(plan, names, run, jobs or at_once, forced, quiet)
        except ClusterError as fault:
            raise click.ClickException(str(fault)) from fault
    if failed or plan.problems:
        raise SystemExit(FAILED)


def _run(
    plan: Plan,
    names: tuple[str, ...],
    run: Perform,
    at_once: int,
    forced: frozenset[str],
    quiet: bool,
) -> bool:
    """Run what is stale; return whether anything that was asked for is amiss."""
    wanted = plan.needed(names or plan.jobs)
    endings = run_jobs(plan, wanted, run, Lines(quiet), at_once=at_once, force=forced)
    if not quiet:
        counts = {
            state: sum(one.state == state for one in endings)
            for state in ("done", "fresh", "failed", "absent", "waits")
        }
        words = {"fresh": "up to date", "absent": "left alone", "waits": "waiting"}
        parts = [f"{n} {words.get(state, state)}" for state, n in counts.items() if n]
        click.echo(f"{', '.join(parts) or 'There are no jobs'}.")
    return any(
        one.state == "failed" or (one.job in names and one.state in ("absent", "waits"))
        for one in endings
    )


def _recheck(plan: Plan, names: tuple[str, ...], run: Perform, quiet: bool) -> bool:
    """Compare what has a recheck; return whether anything differs."""
    failed = False
    for job in [plan.jobs[name] for name in names] or rechecked(plan):
        if not job.rechecked:
            click.echo(f"{job.name}: has no recheck", err=True)
            continue
        found = recheck_job(plan, job, run)
        amiss = found.state in ("differs", "failed")
        failed |= amiss
        if amiss or not quiet:
            click.echo(str(found), err=amiss)
    return failed


def _place(scheduler: str) -> AbstractContextManager[tuple[Perform, int]]:
    """Return where jobs run, and how many at once."""
    if scheduler == "local":
        return nullcontext((perform, available_cores()))
    return cluster(scheduler)


def _root(root: Path | None) -> Path:
    try:
        return find_root(root.resolve() if root else Path.cwd())
    except RootNotFound as fault:
        raise click.UsageError(str(fault)) from fault
