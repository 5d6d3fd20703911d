"""An attention map made for tests, with the receipt that a job would leave."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from kernels.encoding import encode
from kernels.maps import tiles


def weights(layers: int, heads: int, rows: int, columns: int, seed: int = 5) -> np.ndarray:
    """Return weights that differ from head to head: a diagonal, a sink and some noise."""
    generator = np.random.default_rng(seed)
    scores = generator.standard_normal((layers, heads, rows, columns))
    away = np.abs(np.arange(rows)[:, None] * columns / rows - np.arange(columns))
    for layer in range(layers):
        for head in range(heads):
            scores[layer, head] -= away / (1 + 4 * head + layer)
            scores[layer, head, :, 0] += layer + 3 * (head % 2)
    exponentials = np.exp(2 * scores)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def make_map(
    assets: Path, job: str, layers: int, heads: int, tokens: list[str], **more: Any
) -> np.ndarray:
    """Write a map, named `job` or `job/folder`, below `assets`; return its weights."""
    found = weights(layers, heads, len(tokens), len(more.get("keys") or tokens))
    files = tiles.write(found, more.pop("title", "A map for tests"), tokens, **more)
    content = {name: encode(name, value) for name, value in files.items()}
    for name, data in content.items():
        (assets / job / name).parent.mkdir(parents=True, exist_ok=True)
        (assets / job / name).write_bytes(data)
    top, _, inner = job.partition("/")
    left = {
        "version": 1,
        "job": top,
        "obtained": "trained",
        "description": "A map for tests, of made-up weights.",
        "source": {"hash": "0" * 64, "modules": {}},
        "parameters": {},
        "inputs": {},
        "carriers": [],
        "versions": {"numpy": np.__version__},
        "device": {"kind": "cpu"},
        "seed": 5,
        "date": "2026-11-22",
        "seconds": 0.1,
        "cpu_seconds": 0.1,
        "tolerance": None,
        "notes": {},
        "files": [
            {
                "name": f"{inner}/{name}".lstrip("/"),
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            for name, data in sorted(content.items())
        ],
    }
    (assets / top / "receipt.json").write_text(json.dumps(left, indent=1) + "\n", encoding="utf-8")
    return found
