"""Facts about the machine and its packages, for receipts: nothing that tells whose it is."""

import importlib.metadata
import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path


def version_facts(needs: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python, NumPy and what a job needs."""
    versions = {"python": platform.python_version()}
    for name in sorted({"numpy", *needs}):
        versions[name] = importlib.metadata.version(name)
    return versions


def device_facts(kind: str) -> dict[str, str | int]:
    """Return what computed: system, processor and cores, and the GPU where it was one."""
    facts: dict[str, str | int] = {
        "kind": kind,
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": _cores(),
    }
    if kind == "cuda" and has_cuda():
        import torch

        own = torch.cuda.get_device_properties(0)
        facts["gpu"] = own.name
        facts["gpu_memory"] = own.total_memory
        facts["compute_capability"] = f"{own.major}.{own.minor}"
        facts["cuda"] = torch.version.cuda or ""
    return facts


def has_cuda() -> bool:
    """Tell whether PyTorch is there and sees a CUDA device."""
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())


def _processor() -> str:
    """Return the processor's name as the system gives it, or else its architecture."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
