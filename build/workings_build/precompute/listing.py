"""What `workings precompute --list` shows: each job, how it is obtained, its size and its state."""

from collections.abc import Sequence

from workings_build.precompute.discover import JobInfo
from workings_build.precompute.plan import Plan
from workings_build.precompute.store import read_files

HEADS = ("job", "obtained", "bytes", "state")


def table(plan: Plan, jobs: Sequence[JobInfo]) -> str:
    """Set a line a job in aligned columns."""
    rows = [HEADS]
    for job in jobs:
        size = sum(len(content) for content in read_files(plan.folder(job.name)).values())
        reason = plan.stale(job)
        rows.append((job.name, job.obtained, f"{size:,}", f"stale: {reason}" if reason else "ok"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines: list[str] = []
    for name, obtained, count, state in rows:
        cells = [name.ljust(widths[0]), obtained.ljust(widths[1]), count.rjust(widths[2]), state]
        lines.append("  ".join(cells))
    return "\n".join(lines)
