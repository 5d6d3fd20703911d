"""`asset`: what a job has computed once and committed, read by a page's `exhibits.py`.

Natively the files lie in `kernels/assets/`. The build and the reader's worker hand a page those
files that it names, and no others (`provide`).
"""

import hashlib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_provided: Mapping[str, bytes | Path] | None = None


class AssetError(LookupError):
    """There is no such asset, or its bytes are wrong; the message says what to do."""


def asset(name: str) -> Any:
    """Return a job's file, decoded by its suffix; arrays can't be written to.

    Call it at the top level of `exhibits.py` with the name written out, so that the build knows a
    page's assets without running it.

    Parameters
    ----------
    name
        The job and the file, as in `"flash-attention-traffic/traffic.json"`.

    Returns
    -------
    object
        A JSON value, an array (`.npy`), a mapping of arrays (`.npz`), text (`.txt`, `.csv`), or
        bytes.

    Raises
    ------
    AssetError
        If the page has no such asset.
    """
    from kernels.encoding import decode

    return _frozen(decode(name, _content(name)))


def provide(files: Mapping[str, bytes | Path] | None) -> None:
    """Say which assets there are, as bytes or files by name; `None`: all of `kernels/assets/`."""
    global _provided
    _provided = files


def verified(name: str, content: bytes, sha256: str) -> bytes:
    """Return the content of an asset if it has the sum that the page was built with.

    Raises
    ------
    AssetError
        If it has another one.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise AssetError(
            f"The asset {name} came with other bytes than the page was built with (sha256 "
            f"{found[:12]}… instead of {sha256[:12]}…). Load the page again."
        )
    return content


def _content(name: str) -> bytes:
    if not isinstance(name, str):
        raise TypeError(f'An asset has a name such as "job/file.json", not {name!r}.')
    found: bytes | Path | None = _on_disk(name) if _provided is None else _provided.get(name)
    if found is None:
        known = ", ".join(sorted(_provided)) if _provided else "none"
        has = f" This page has: {known}." if _provided is not None else ""
        raise AssetError(
            f'There is no asset "{name}".{has} Name it as "job/file" at the top level of '
            "exhibits.py; `workings precompute` makes what is not in kernels/assets/ yet."
        )
    return found if isinstance(found, bytes) else found.read_bytes()


def _on_disk(name: str) -> Path | None:
    import kernels

    parts = name.split("/")
    if len(parts) < 2 or any(part in ("", ".", "..") or "\\" in part for part in parts):
        return None
    for folder in kernels.__path__:
        path = Path(folder, "assets", *parts)
        if path.is_file():
            return path
    return None


def _frozen(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    elif isinstance(value, dict) and any(isinstance(v, np.ndarray) for v in value.values()):
        return types.MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return value
