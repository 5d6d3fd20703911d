"""What the service worker is told: which build this is, and every file with its cost to send.

Every reader fetches `sw.js`, so it says no more of a page than a mark and a sum. Which files a page
has stands in one list beside it, fetched when a reader keeps a page.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from workings_build.assets import Bundle
from workings_build.cache import compressed_size, digest

PLACE = "/*MANIFEST*/"
OWN = re.compile(r'"((?:states|data)/[^"]+)"')  # as `ours` in sw.template.js finds them


def service_worker(
    template: str,
    assets: Bundle,
    runtime: Bundle,
    pages: Mapping[str, Mapping[str, bytes]],
    transfers: Mapping[str, int],
    first: Sequence[str],
) -> dict[str, bytes]:
    """Write `sw.js` and the list that it refers to.

    Parameters
    ----------
    template
        The service worker's source, with one place for what it is told.
    pages
        Each page's files by path from the site's root, by the page's own path, which is a path to
        its HTML as well.
    transfers
        What the runtime's files cost to send, by path in their folder.
    first
        The runtime's files that the first start of Python fetches.

    Raises
    ------
    ValueError
        If the template hasn't exactly one such place.
    """
    if template.count(PLACE) != 1:
        raise ValueError(f"site/scripts/sw.template.js must hold {PLACE} once.")
    contents = {path: content for files in pages.values() for path, content in files.items()}
    parts = (part for path in sorted(contents) for part in (path, contents[path]))
    sent = {path: compressed_size(content) for path, content in sorted(contents.items())}
    lists = {page: {path: sent[path] for path in sorted(pages[page])} for page in sorted(pages)}
    listed = _json(lists).encode()
    name = f"data/offline.{digest(listed)[:8]}.json"
    manifest = {
        "build": digest(assets.folder, runtime.folder, *parts)[:12],
        "immutable": [assets.folder, runtime.folder],
        "assets": {
            assets.folder + path: compressed_size(content)
            for path, content in sorted(assets.files.items())
            if not path.endswith(".txt")
        },
        "runtime": {runtime.folder + path: transfers[path] for path in sorted(transfers)},
        "first": [runtime.folder + path for path in first],
        "pages": {
            page: [mark(pages[page][page].decode()), sum(sizes.values())]
            for page, sizes in lists.items()
        },
        "lists": name,
    }
    return {"sw.js": template.replace(PLACE, _json(manifest)).encode(), name: listed}


def mark(html: str) -> str:
    """Tell pages of two builds apart by the files of their own that they name."""
    own = sorted(set(OWN.findall(html)))
    return hashlib.sha256("\n".join(own).encode()).hexdigest()[:8] if own else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
