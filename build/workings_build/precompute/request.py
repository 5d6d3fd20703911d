"""What one run of a job is given and what it gives back: values that travel between machines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workings_build.precompute.carriers import Carrier
from workings_build.precompute.discover import JobInfo

Report = Callable[[float, float, str], None]
"""Called with how much is done, of how much, and a note."""


@dataclass(frozen=True)
class Request:
    """One run: the job, its sources and inputs as bytes, and the carriers to fetch where it runs.

    Parameters
    ----------
    sources
        The modules that the job reaches and their packages, by path from the root.
    inputs
        The files of earlier jobs, by job and name.
    assets
        The job's own committed files; given in a recheck, and only then.
    key
        Tells apart runs whose checkpoints must not be mixed.
    """

    job: JobInfo
    key: str
    sources: Mapping[str, bytes]
    inputs: Mapping[str, Mapping[str, bytes]]
    carriers: tuple[Carrier, ...] = ()
    assets: Mapping[str, bytes] | None = None

    @property
    def recheck(self) -> bool:
        """Whether the recheck is to run, not the job."""
        return self.assets is not None


@dataclass(frozen=True)
class Result:
    """What came of a run."""

    state: Literal["done", "failed", "absent"]
    message: str = ""  # why it failed, or what is absent
    files: Mapping[str, bytes] = field(default_factory=dict)
    differences: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    device: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
