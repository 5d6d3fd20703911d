"""Receipts: how a job's files came about, written beside them, and checked against a schema."""

import datetime
import hashlib
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from workings_build.precompute.carriers import Carrier
from workings_build.precompute.discover import JobInfo
from workings_build.precompute.request import Result
from workings_build.precompute.sources import Sources
from workings_build.precompute.store import RECEIPT

SCHEMA = Path(__file__).parent / "receipt.schema.json"
VERSION = 1
SHORTEST_HOST_NAME = 5  # a shorter one may be any word


class ReceiptError(ValueError):
    """A receipt can't be read, doesn't fit the schema, or says what it must not."""


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def validate(receipt: Any) -> None:
    """Raise `ReceiptError` where a value isn't a receipt."""
    faults = sorted(_validator().iter_errors(receipt), key=lambda fault: list(map(str, fault.path)))
    if faults:
        where = ".".join(map(str, faults[0].path)) or "the whole"
        raise ReceiptError(f"{where}: {faults[0].message}")


def read_receipt(folder: Path) -> dict[str, Any]:
    """Read and validate the receipt of a job's folder.

    Raises
    ------
    ReceiptError
        If it isn't there, isn't JSON or doesn't fit the schema.
    """
    try:
        receipt = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReceiptError("There is no receipt") from None
    except (OSError, ValueError) as fault:
        raise ReceiptError(f"It can't be read ({fault})") from fault
    validate(receipt)
    return dict(receipt)


def sha256(content: bytes) -> str:
    """Return the sha256 sum of some bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def told(job: JobInfo) -> dict[str, Any]:
    """Return what a receipt repeats of the declaration, and what may change without a new run."""
    return {
        "obtained": job.obtained,
        "description": job.description,
        "tolerance": dict(job.tolerance) if job.tolerance else None,
    }


def depends_on(
    job: JobInfo,
    sources: Sources,
    inputs: Mapping[str, Mapping[str, str]],
    carriers: Sequence[Carrier],
) -> dict[str, Any]:
    """Return what a job's result depends on, as a receipt says it."""
    return {
        "source": {"hash": sources.hash, "modules": sources.modules},
        "parameters": json.loads(json.dumps(job.parameters)),
        "environment": dict(job.environment),
        "inputs": {name: dict(files) for name, files in inputs.items()},
        "carriers": [
            {"name": one.name, "version": one.version, "sha256": one.sha256, "licence": one.licence}
            for one in carriers
        ],
        "seed": job.seed,
    }


def make_receipt(
    job: JobInfo, dependencies: Mapping[str, Any], result: Result, root: Path
) -> dict[str, Any]:
    """Write down how a result came about.

    Raises
    ------
    ReceiptError
        If a note names a folder or the host of this machine.
    """
    receipt = {
        "version": VERSION,
        "job": job.name,
        **told(job),
        **dependencies,
        "versions": dict(result.versions),
        "device": dict(result.device),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seconds": round(result.seconds, 3),
        "cpu_seconds": round(result.cpu_seconds, 3),
        "notes": dict(result.notes),
        "files": [
            {"name": name, "bytes": len(content), "sha256": sha256(content)}
            for name, content in sorted(result.files.items())
        ],
    }
    order = list(json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"])
    receipt = {name: receipt[name] for name in order}
    for text in _texts(receipt):
        if private := _private(text, root):
            raise ReceiptError(f"it would say '{private}', which is this machine's own: {text!r}")
    validate(receipt)
    return receipt


def to_bytes(receipt: Mapping[str, Any]) -> bytes:
    """Write a receipt as it is committed: a line a value."""
    return (json.dumps(receipt, indent=1, ensure_ascii=False) + "\n").encode()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (key, *_texts(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _private(text: str, root: Path) -> str | None:
    """Return what a text gives away: a folder of this machine, or the machine's name."""
    host = socket.gethostname()
    names = [str(root), str(Path.home()), "/tmp/", "workings-job-"]
    if len(host) >= SHORTEST_HOST_NAME:
        names.append(host)
    return next((name for name in names if name.strip("/") and name in text), None)
