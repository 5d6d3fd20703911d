"""What `workings check` asks of `kernels/assets`: every file has a receipt that still holds."""

from collections.abc import Iterator
from pathlib import Path

from workings_build.cache import Cache, digest, digest_files, files_below
from workings_build.precompute.carriers import LOCK
from workings_build.precompute.plan import Plan, make_plan
from workings_build.precompute.receipts import ReceiptError, read_receipt, sha256
from workings_build.precompute.store import ASSETS, RECEIPT, job_folders, read_files
from workings_build.problems import Problem, in_order, relative


def audit(root: Path) -> list[Problem]:
    """Return the problems of the jobs' declarations and of what they have left.

    Parameters
    ----------
    root
        The project's folder, which holds `kernels/`.
    """
    folders = job_folders(root)
    plan = make_plan(root)
    problems = [*plan.problems, *_stray(root)]
    for folder in folders:
        problems += _folder(folder, plan)
    return in_order(problems)


def audited(root: Path, cache: Cache) -> list[Problem]:
    """Do as `audit` does, once for each state of the kernels, the builder's own part included."""
    files = [*files_below(root / "kernels"), root / LOCK]
    key = digest(
        digest_files(root, [path for path in files if path.is_file()]),
        digest_files(Path(__file__).parent, files_below(Path(__file__).parent)),
    )
    problems: list[Problem] | None = cache.get("audit", key)
    if problems is None:
        problems = audit(root)
        cache.put("audit", key, problems)
    return problems


def _stray(root: Path) -> Iterator[Problem]:
    """Name files that lie beside the jobs' folders."""
    parent = root / ASSETS
    for path in sorted(parent.iterdir()) if parent.is_dir() else ():
        if path.is_file() and path.name != "README.md":
            what = "No job has left this file."
            yield Problem(relative(path, root), None, what, "Delete it, or let a job write it.")


def _folder(folder: Path, plan: Plan) -> Iterator[Problem]:
    name = folder.name
    again = f"Run `workings precompute {name}`."
    place = relative(folder / RECEIPT, plan.root)
    job = plan.jobs.get(name)
    if job is None and not plan.problems:
        what = f"There is no job '{name}'."
        yield Problem(place, None, what, "Delete the folder, or bring the job back.")
    try:
        receipt = read_receipt(folder)
    except ReceiptError as fault:
        yield Problem(place, None, f"{fault}.", again)
        return
    if receipt["job"] != name:
        what = f"The receipt is of the job '{receipt['job']}', but lies in '{name}'."
        yield Problem(place, None, what, again)
        return
    yield from _files(folder, receipt["files"], plan.root, again)
    if job is not None:
        if reason := plan.outdated(job, receipt):
            yield Problem(place, None, f"The receipt is stale: {reason}.", again)
        elif plan.restated(job):
            what = "The receipt says of the job what its declaration no longer says."
            yield Problem(place, None, what, f"{again} It only writes the receipt anew.")


def _files(
    folder: Path, entries: list[dict[str, object]], root: Path, again: str
) -> Iterator[Problem]:
    """Compare a folder's files with those that its receipt names."""
    there = read_files(folder)
    named = {str(entry["name"]): entry for entry in entries}
    for name in sorted({*there, *named}):
        place = relative(folder / name, root)
        if name not in named:
            yield Problem(place, None, "The receipt doesn't name this file.", f"Delete it. {again}")
        elif name not in there:
            yield Problem(place, None, "The file is missing; the receipt names it.", again)
        elif sha256(there[name]) != named[name]["sha256"]:
            got = sha256(there[name])
            what = f"The file isn't the receipt's: its sha256 is {got[:12]}…"
            remedy = f"Put the committed file back, or compute it anew. {again}"
            yield Problem(place, None, what, remedy)
