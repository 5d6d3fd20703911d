"""From a job's receipt to what its page says of it: how the numbers were obtained, in words."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from workings_build.page_assets import PageAssets, plain_names
from workings_build.views import ReceiptFile, ReceiptView

HOW = {
    "measured": "Measured on the device that is named.",
    "counted": "Counted while it ran, operation by operation; no time was taken.",
    "compiled": "Read off the compiled code; it was not run.",
    "modelled": "Calculated from a model and a datasheet; not measured.",
    "published": "Published figures, taken over from the source that is named.",
    "trained": "Trained weights, or what was computed with them.",
}
"""What each kind of evidence means, and what it does not."""


def receipt_views(assets: PageAssets) -> list[ReceiptView]:
    """Describe the receipts of a page's assets, in the order in which the page names them."""
    return [
        receipt_view(job, receipt, _own(job, assets)) for job, receipt in assets.receipts.items()
    ]


def receipt_view(
    job: str, receipt: Mapping[str, Any], own: Container[str] | None = None
) -> ReceiptView:
    """Describe a job's receipt, with those of its files that are `own`, or with all of them."""
    obtained = str(receipt.get("obtained", ""))
    description = str(receipt.get("description", ""))
    how = HOW.get(obtained, "")
    facts = tuple((name, text) for name, text in _facts(receipt) if text)
    files = tuple(
        ReceiptFile(entry["name"], int(entry["bytes"]), str(entry["sha256"])[:12])
        for entry in receipt.get("files") or []
        if own is None or entry["name"] in own
    )
    listed = tuple(file for file in files if not file.name.endswith(".png"))
    tiles = [file.bytes for file in files if file.name.endswith(".png")]
    return ReceiptView(
        job, obtained, how, description, facts, listed, tiles=len(tiles), tiles_bytes=sum(tiles)
    )


def _facts(receipt: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "device", _device(receipt.get("device"))
    yield "date", str(receipt.get("date", ""))[:10]
    seconds = receipt.get("seconds")
    yield "took", duration(float(seconds)) if isinstance(seconds, int | float) else ""
    yield "versions", _pairs(receipt.get("versions"))
    yield "parameters", _pairs(receipt.get("parameters"))
    yield "seed", str(receipt.get("seed", ""))
    yield "carriers", "; ".join(_carrier(entry) for entry in receipt.get("carriers") or [])
    yield "inputs", _inputs(receipt.get("inputs"))
    yield "tolerance", _tolerance(receipt.get("tolerance"))


def duration(seconds: float) -> str:
    """Say how long a job took, as a person would."""
    if seconds < 100:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _device(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value or "")
    cores = f"{value['cores']} cores" if value.get("cores") else ""
    system = f"{value.get('system', '')} {value.get('machine', '')}".strip()
    named = (value.get("gpu"), value.get("processor"), cores, system)
    return ", ".join(str(part) for part in named if part)


def _pairs(values: Any) -> str:
    if not isinstance(values, Mapping):
        return ""
    return ", ".join(f"{name} {_short(value)}" for name, value in values.items())


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{text[:79]}…" if len(text) > 80 else text


def _carrier(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    licence = f" ({entry['licence']})" if entry.get("licence") else ""
    return f"{entry.get('name', '')} {entry.get('version', '')}".strip() + licence


def _inputs(inputs: Any) -> str:
    """Name the jobs that this one read from."""
    if isinstance(inputs, Mapping):
        return ", ".join(inputs)
    names = (entry["job"] if isinstance(entry, Mapping) else entry for entry in inputs or [])
    return ", ".join(dict.fromkeys(map(str, names)))


def _tolerance(tolerance: Any) -> str:
    if not isinstance(tolerance, Mapping):
        return ""
    parts = [f"{tolerance[key]:g} {key}" for key in ("absolute", "relative") if tolerance.get(key)]
    why = str(tolerance.get("why") or "")
    return (" and ".join(parts) or "exact") + (f": {why}" if why else "")


def _own(job: str, assets: PageAssets) -> set[str]:
    """Name those of a job's files that a page uses."""
    own = {name.removeprefix(f"{job}/") for name in assets.files if _of(name, job)}
    for name, folder in assets.maps.items():
        own |= plain_names(name, folder).keys() if _of(name, job) else set()
    return own


def _of(name: str, job: str) -> bool:
    return name == job or name.startswith(f"{job}/")
