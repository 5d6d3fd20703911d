"""Small models in small files: parameters as float16, or as int8 with one scale a row.

Provenance: rows of int8 with a symmetric grid are Jacob et al. 2018 (arXiv:1712.05877), §2.1, as
`kernels.numerics.integers` has them.

A file is a plain mapping from name to array, as `np.load(…, allow_pickle=False)` gives it:
`configuration` holds the model's shape as UTF-8 JSON, every other entry a parameter. Beside int8
codes `NAME` stands `NAME.scale`, `(outputs, 1)`.
"""

import json
from dataclasses import asdict

import numpy as np

from kernels.numerics.integers import fit_symmetric, to_codes
from kernels.tinylm.configuration import Configuration, shapes

SCALE = ".scale"


def write_float16(configuration, parameters):
    """Return a file's entries with every parameter as float16, two bytes a number."""
    return header(configuration) | {
        name: np.asarray(values, np.float16) for name, values in parameters.items()
    }


def write_int8(configuration, parameters):
    """Return a file's entries with every matrix as int8, gains as float16, scales as float32."""
    entries = header(configuration)
    for name, values in parameters.items():
        if values.ndim < 2:
            entries[name] = np.asarray(values, np.float16)
            continue
        grid = fit_symmetric(np.asarray(values, np.float64), 8)
        entries[name] = to_codes(values, grid).astype(np.int8)
        entries[name + SCALE] = grid.scale.astype(np.float32)
    return entries


def header(configuration):
    """Return the entry that says the model's shape."""
    return {"configuration": np.frombuffer(json.dumps(asdict(configuration)).encode(), np.uint8)}


def widen(entries, name, dtype):
    """Return one parameter as `dtype`: codes times their scale where it is int8."""
    values = entries[name]
    if values.dtype != np.int8:
        return values.astype(dtype)
    if name + SCALE not in entries:
        raise ValueError(f"{name} is int8 but there is no {name}{SCALE} beside it")
    scale = entries[name + SCALE].astype(np.float64)
    return (scale * values).astype(dtype)


def check(configuration, parameters):
    """Raise `ValueError` where a parameter is missing, unknown, or of another shape."""
    wanted = shapes(configuration)
    for name in sorted(wanted.keys() | parameters.keys()):
        if name not in parameters:
            raise ValueError(f"the parameter {name} is missing")
        if name not in wanted:
            raise ValueError(f"the model has no parameter {name}")
        if parameters[name].shape != wanted[name]:
            raise ValueError(f"{name} is {parameters[name].shape}, but should be {wanted[name]}")


def read(entries, dtype=np.float64):
    """Return the configuration and the parameters, ready to compute with.

    `entries` is what `np.load` gave, or any mapping like it. Raises `ValueError` as `check` does,
    and for codes without a scale.
    """
    if "configuration" not in entries:
        raise ValueError("there is no entry `configuration` that says the model's shape")
    configuration = Configuration(**json.loads(bytes(entries["configuration"]).decode()))
    names = [name for name in entries if name != "configuration" and not name.endswith(SCALE)]
    parameters = {name: widen(entries, name, dtype) for name in names}
    check(configuration, parameters)
    return configuration, parameters
