"""All receipts: what jobs computed once, how they obtained it, and which pages show it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workings_build.around.lists import Option, SitePage
from workings_build.page_assets import Assets
from workings_build.page_views import Computed
from workings_build.passes.load import PageSource
from workings_build.receipt_views import HOW, receipt_view
from workings_build.views import Link, ReceiptView


@dataclass(frozen=True)
class Held:
    """A job's receipt, where its work was done, and where it is used."""

    view: ReceiptView
    device: str  # "cpu", or a GPU's name
    pages: tuple[Link, ...]  # that show it
    feeds: tuple[str, ...]  # jobs that read its files


@dataclass(frozen=True)
class Shelf:
    """The receipts of one kind of evidence."""

    obtained: str
    how: str
    receipts: tuple[Held, ...]


def receipts_page(
    assets: Assets, written: Sequence[tuple[PageSource, Computed]]
) -> SitePage | None:
    """Shelve all receipts by how their numbers were obtained; None where there are none."""
    read = {job: receipt for job in assets.jobs() if (receipt := assets.receipt(job))}
    held = [
        Held(
            receipt_view(job, receipt),
            _device(receipt),
            tuple(
                Link(source.slug, source.front.short_title, source.page_path)
                for source, computed in written
                if job in computed.assets.receipts
            ),
            tuple(other for other, left in read.items() if job in _inputs(left)),
        )
        for job, receipt in read.items()
    ]
    if not held:
        return None
    pages = {link.slug: link.title for one in held for link in one.pages}
    kinds = Counter(one.view.obtained for one in held)
    of = Counter(link.slug for one in held for link in one.pages)
    devices = Counter(one.device for one in held)
    order = [kind for kind in HOW if kinds[kind]]
    context = {
        "shelves": [
            Shelf(kind, HOW[kind], tuple(one for one in held if one.view.obtained == kind))
            for kind in order
        ],
        "total": len(held),
        "bytes": sum(f["bytes"] for receipt in read.values() for f in receipt.get("files") or []),
        "options": {
            "kind": [Option(kind, kind, kinds[kind]) for kind in order],
            "device": [Option(name, name, devices[name]) for name in sorted(devices)],
            "of": [
                Option(slug, pages[slug], of[slug])
                for slug in sorted(pages, key=lambda slug: pages[slug])
            ],
        },
    }
    return SitePage("receipts/", "receipts.html", "Receipts", context)


def _device(receipt: Mapping[str, Any]) -> str:
    device = receipt.get("device")
    if not isinstance(device, Mapping):
        return str(device or "unknown")
    return str(device.get("gpu") or device.get("processor") or device.get("kind") or "unknown")


def _inputs(receipt: Mapping[str, Any]) -> list[str]:
    """Name the jobs whose files a job read."""
    inputs = receipt.get("inputs") or []
    return [str(entry["job"] if isinstance(entry, Mapping) else entry) for entry in inputs]
