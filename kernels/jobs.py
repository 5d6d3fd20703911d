"""The vocabulary of jobs: what is too heavy for a page is computed once, and leaves a receipt.

    from kernels.jobs import Context, Tolerance, job

    @job("coin-flips", obtained="counted", seed=1, parameters={"throws": 1_000_000},
         reduced={"throws": 10_000}, tolerance=Tolerance(absolute=0.02, why="a fair coin's spread"))
    def coin_flips(context: Context) -> dict[str, object]:
        \"\"\"The share of heads among many throws.\"\"\"
        heads = context.rng.random(context.parameters["throws"]) < 0.5
        return {"share.json": float(heads.mean())}

    @coin_flips.recheck
    def _(context: Context) -> dict[str, float]:
        heads = context.rng.random(context.parameters["throws"]) < 0.5
        return {"share": context.difference(heads.mean(), context.asset("share.json"))}

Jobs lie in `kernels/<package>/jobs*.py`, and `workings precompute` runs them. Importing such a
module must be cheap: imports of PyTorch and Triton, and of modules that import them, lie inside
the functions.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args
from typing import Literal as L

import numpy as np

from kernels.encoding import decode

Obtained = L["measured", "counted", "compiled", "modelled", "published", "trained"]
Device = L["cpu", "cuda"]
Compute = Callable[["Context"], Mapping[str, object]]
Recheck = Callable[["Context"], Mapping[str, float]]

JOBS: list["Job"] = []
"""Every job of the modules imported so far, in order of definition."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Tolerance:
    """How far a recheck may be from the asset: `absolute + relative * |asset|`, and why so far."""

    absolute: float = 0.0
    relative: float = 0.0
    why: str = ""

    def difference(self, got: Any, expected: Any) -> float:
        """Return the largest |got - expected| - relative |expected|, at least 0.

        Raises
        ------
        ValueError
            If the shapes differ.
        """
        got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
        if got.shape != expected.shape:
            raise ValueError(
                f"shape {got.shape} can't be compared with the asset's {expected.shape}"
            )
        with np.errstate(invalid="ignore"):
            excess = np.abs(got - expected) - self.relative * np.abs(expected)
        same = (got == expected) | (np.isnan(got) & np.isnan(expected))
        excess = np.where(same, 0.0, np.where(np.isnan(excess), np.inf, excess))
        return float(np.max(excess, initial=0.0))

    def allows(self, difference: float) -> bool:
        """Say whether a recheck's difference is small enough."""
        return difference <= self.absolute  # False for NaN


def _nowhere(name: str) -> Path:
    raise LookupError(f"No carrier '{name}' here: name it in the job's `carriers`.")


@dataclass
class Context:
    """What a job is given, and where it tells of itself.

    Parameters
    ----------
    parameters
        The job's own; in a recheck with those of `reduced` in place of theirs.
    seed, rng
        The job's seed, and a generator that starts from it.
    inputs
        Folders with the files of the jobs that this one comes `after`, by job.
    scratch
        A folder that outlives a kill: write checkpoints there, each under a new name and then
        renamed, and go on from the last one.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    inputs: Mapping[str, Path] = field(default_factory=dict)
    scratch: Path = Path()
    assets: Path | None = None
    tolerance: Tolerance = Tolerance()
    find_carrier: Callable[[str], Path] = _nowhere
    report: Callable[[float, float, str], None] = lambda done, total, note: None
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def carrier(self, name: str) -> Path:
        """Return the folder of an unpacked, verified package that carries data or weights."""
        return self.find_carrier(name)

    def progress(self, done: float, total: float, note: str = "") -> None:
        """Tell how far the job is, as often as you like."""
        self.report(done, total, note)

    def note(self, name: str, value: Any) -> None:
        """Put a JSON value into the receipt, such as a loss or a baseline."""
        json.dumps(value, allow_nan=False)
        self.notes[name] = value

    def asset(self, file: str) -> Any:
        """Return a committed file of this job, decoded; in a recheck only."""
        if self.assets is None:
            raise LookupError(f"{file}: only a recheck reads the job's own assets.")
        return decode(file, (self.assets / file).read_bytes())

    def difference(self, got: Any, expected: Any) -> float:
        """Return the largest difference beyond the tolerance's relative part."""
        return self.tolerance.difference(got, expected)


@dataclass(eq=False)
class Job:
    """A function that computes files, and all that has to be known about it."""

    name: str
    obtained: Obtained
    compute: Compute
    needs: tuple[str, ...]
    after: tuple[str, ...]
    carriers: tuple[str, ...]
    seed: int
    parameters: Mapping[str, Any]
    reduced: Mapping[str, Any]
    tolerance: Tolerance | None
    device: Device
    environment: Mapping[str, str]
    check: Recheck | None = None

    def __call__(self, context: Context) -> Mapping[str, object]:
        """Compute the files: names to values."""
        return self.compute(context)

    @property
    def module(self) -> str:
        """The module that defines the job."""
        return self.compute.__module__

    @property
    def line(self) -> int:
        """The line where the job starts in its module."""
        return self.compute.__code__.co_firstlineno

    @property
    def description(self) -> str:
        """The first line of the function's docstring."""
        return (self.compute.__doc__ or "").strip().split("\n")[0]

    def recheck(self, function: Recheck) -> Recheck:
        """Mark the function that recomputes a slice and returns differences by name.

        A difference above `tolerance.absolute` is a failure.
        """
        if self.tolerance is None:
            raise ValueError(f"The job '{self.name}' has a recheck but no tolerance.")
        self.check = function
        return function

    def context(self, *, reduced: bool = False, **given: Any) -> Context:
        """Make a context with the job's parameters and seed; `given` are further fields."""
        parameters = {**self.parameters, **(self.reduced if reduced else {})}
        own = {"parameters": parameters, "seed": self.seed}
        return Context(**{**own, "tolerance": self.tolerance or Tolerance(), **given})


def job(
    name: str,
    *,
    obtained: Obtained,
    needs: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    carriers: tuple[str, ...] = (),
    seed: int = 0,
    parameters: Mapping[str, Any] | None = None,
    reduced: Mapping[str, Any] | None = None,
    tolerance: Tolerance | None = None,
    device: Device = "cpu",
    environment: Mapping[str, str] | None = None,
) -> Callable[[Compute], Job]:
    """Mark a function as a job.

    Parameters
    ----------
    name
        In kebab case; also the folder's name below `kernels/assets`.
    obtained
        How its numbers come about.
    needs
        Packages beyond NumPy; where one is absent the job is left alone.
    after, carriers
        Jobs whose files it reads, and packages in `build/locks/carriers.toml`.
    parameters, reduced
        JSON values; `reduced` replaces some of them in a recheck.
    device
        `"cuda"` where it runs on a GPU.
    environment
        Variables that are set before Python starts, such as `{"TRITON_INTERPRET": "1"}`.

    Raises
    ------
    ValueError
        If the declaration breaks one of these rules.
    """
    faults = []
    if not _NAME.fullmatch(name):
        faults.append("its name isn't in kebab case, such as 'coin-flips'")
    if obtained not in get_args(Obtained):
        faults.append(f"obtained is '{obtained}', not one of {', '.join(get_args(Obtained))}")
    if device not in get_args(Device):
        faults.append(f"the device is '{device}', not one of {', '.join(get_args(Device))}")
    for label, value in (("needs", needs), ("after", after), ("carriers", carriers)):
        if isinstance(value, str):
            faults.append(f"{label} is text; write a tuple: ({value!r},)")
    if strange := set(reduced or {}) - set(parameters or {}):
        faults.append(f"reduced names what parameters don't: {', '.join(sorted(strange))}")
    try:
        json.dumps([parameters, reduced], allow_nan=False)
    except (TypeError, ValueError) as fault:
        faults.append(f"its parameters aren't JSON values ({fault})")

    def declare(compute: Compute) -> Job:
        if not (compute.__doc__ or "").strip():
            faults.append("it has no docstring to say what it computes")
        if faults:
            raise ValueError(f"The job '{name}': {'; '.join(faults)}.")
        made = Job(
            name, obtained, compute, tuple(needs), tuple(after), tuple(carriers), seed,
            parameters or {}, reduced or {}, tolerance, device, environment or {},
        )  # fmt: skip
        JOBS.append(made)
        return made

    return declare
