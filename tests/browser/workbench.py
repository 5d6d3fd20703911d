"""The workbench: one explainer, built as any other, that has something of everything to test."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "site"
SLUG = "workbench"
PAGE = f"articles/{SLUG}/"
TITLE, NEWER_TITLE = "A workbench", "A newer workbench, façade and all"


def newer_source(folder: Path) -> Path:
    """Copy the workbench's source into `folder` under another title, and return it.

    The title has a letter that no other text has: the fonts are cut anew, and with them the
    folder of hashed files has another name.
    """
    source = folder / "source"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    page = source / "explainers" / "articles" / SLUG / "page.md"
    text = page.read_text(encoding="utf-8")
    assert text.count(f"title: {TITLE}\n") == 1
    page.write_text(text.replace(f"title: {TITLE}\n", f"title: {NEWER_TITLE}\n"), encoding="utf-8")
    return source


def manifest(site: Path) -> dict[str, Any]:
    """Return what a built site's service worker was told."""
    found = re.search(r"\[(\{.*\})\]\[0\]", (site / "sw.js").read_text(encoding="utf-8"))
    assert found, f"{site / 'sw.js'} has no manifest"
    return json.loads(found[1])


def cache_name(site: Path) -> str:
    """Return the name of the cache that a built site's service worker keeps."""
    return f"workings-{manifest(site)['build']}"
