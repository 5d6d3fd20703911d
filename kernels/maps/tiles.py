"""A map as a pyramid of pictures: full size, then half, then a quarter, each seen at once.

Provenance: Williams 1983, Pyramidal Parametrics (SIGGRAPH), for the pyramid; its levels here are
maxima and not means, so that a single strong weight stays in sight from afar.

A grey v stands for the weight (v / 255)²: the square root gives small weights more of the greys.
What a viewer is told, and how the files are named: `docs/architecture.md`, Attention maps.
"""

import numpy as np

from kernels.maps import png
from kernels.maps.statistics import describe

TILE = 512  # pixels: no tile is larger
SHARED = 256  # a level at most this wide and high keeps all heads of a layer in one picture
SMALL = 64  # the last level is at most this wide and high, with all layers in one picture
STEPS = 255  # of the square root; 85 or 51 make smaller files


def bound(steps):
    """Return the largest error that `steps` allow: half a step of the square root, at weight 1."""
    return 1 / steps


def to_greys(weights, steps=STEPS):
    """Return weights from 0 to 1 as greys, black and `steps` more shades.

    Raises `ValueError` for other weights, and for steps that don't divide 255 evenly.
    """
    if 255 % steps:
        raise ValueError(f"{steps} steps don't divide the greys up to 255 evenly; take 255, 85, 51")
    if not ((weights >= 0) & (weights <= 1.0001)).all():
        raise ValueError("weights are from 0 to 1")
    nearest = np.rint(steps * np.sqrt(np.minimum(weights, 1)))
    return nearest.astype(np.uint8) * np.uint8(255 // steps)


def to_weights(greys):
    """Return what greys stand for, `(v / 255)²`."""
    return (greys / 255.0) ** 2


def halve(greys):
    """Return the maxima of 2 by 2 over the last two axes; an odd edge stands for itself."""
    rows, columns = greys.shape[-2:]
    room = [(0, 0)] * (greys.ndim - 2) + [(0, rows % 2), (0, columns % 2)]
    even = np.pad(greys, room)  # black loses against anything
    shape = (*greys.shape[:-2], (rows + 1) // 2, 2, (columns + 1) // 2, 2)
    return even.reshape(shape).max(axis=(-3, -1))


def pyramid(greys):
    """Return the levels, the first `greys` itself, the last small enough to be the overview."""
    levels = [greys]
    while max(levels[-1].shape[-2:]) > SMALL:
        levels.append(halve(levels[-1]))
    return levels


def describe_level(number, greys, last):
    """Return a level's entry in `map.json`: its size, and how its pictures are named."""
    rows, columns = greys.shape[-2:]
    if last:
        file, sheet = "overview.png", ["head", "layer"]
    elif number and max(rows, columns) <= SHARED:
        file, sheet = f"tiles/{{layer}}-{number}.png", ["head"]
    else:
        file, sheet = f"tiles/{{layer}}-{{head}}-{number}-{{row}}-{{column}}.png", []
    return {"rows": rows, "columns": columns, "file": file, "sheet": sheet}


def pictures(greys, level):
    """Yield a level's files: name and greys. `greys` is `(layers, heads, rows, columns)`."""
    layers, heads, rows, columns = greys.shape
    if len(level["sheet"]) == 2:
        yield level["file"], greys.transpose(0, 2, 1, 3).reshape(layers * rows, heads * columns)
        return
    for layer in range(layers):
        if level["sheet"]:
            sheet = greys[layer].transpose(1, 0, 2).reshape(rows, heads * columns)
            yield level["file"].format(layer=layer), sheet
            continue
        for head, row, column in np.ndindex(heads, -(-rows // TILE), -(-columns // TILE)):
            name = level["file"].format(layer=layer, head=head, row=row, column=column)
            down, across = row * TILE, column * TILE
            yield name, greys[layer, head, down : down + TILE, across : across + TILE]


def write(weights, title, tokens, keys=None, causal=False, steps=STEPS):
    """Return a map's files, name to value: `map.json` and its PNGs.

    `weights` is `(layers, heads, rows, columns)`; `tokens` label the rows, `keys` the columns where
    they are something else. Raises `ValueError` for labels that don't fit, and for a single row.
    """
    layers, heads, rows, columns = weights.shape
    if rows < 2:
        raise ValueError("a map of one query has nothing to compare; give it two rows or more")
    if (len(tokens), len(keys or tokens)) != (rows, columns):
        raise ValueError(
            f"{len(tokens)} tokens and {len(keys or tokens)} keys label {rows}x{columns}"
        )
    greys = to_greys(weights, steps)
    levels = pyramid(greys)
    described = [
        describe_level(number, level, level is levels[-1]) for number, level in enumerate(levels)
    ]
    error = float(np.abs(to_weights(greys) - weights).max())
    files = {
        name: png.encode(np.ascontiguousarray(picture))
        for level, entry in zip(levels, described, strict=True)
        for name, picture in pictures(level, entry)
    }
    return {
        "map.json": {
            "version": 1, "title": title, "layers": layers, "heads": heads,
            "rows": rows, "columns": columns, "causal": causal,
            "tokens": list(tokens), "keys": None if keys is None else list(keys),
            "tile": TILE, "levels": described,
            "quantisation": {
                "kind": "u8-sqrt", "steps": steps, "largest_error": error, "bound": bound(steps),
            },
            "statistics": describe(weights, same_tokens=keys is None),
        },
        **files,
    }  # fmt: skip


def read(described, picture, layer, head, level=0):
    """Return one head's greys at one level, `(rows, columns)`.

    `described` is `map.json`, and `picture` a function from a file's name to its bytes.
    """
    entry = described["levels"][level]
    rows, columns = entry["rows"], entry["columns"]
    if entry["sheet"]:
        sheet = png.decode(picture(entry["file"].format(layer=layer)))
        top = layer * rows if "layer" in entry["sheet"] else 0
        return sheet[top : top + rows, head * columns : (head + 1) * columns]
    greys = np.empty((rows, columns), np.uint8)
    tile = described["tile"]
    for row, column in np.ndindex(-(-rows // tile), -(-columns // tile)):
        name = entry["file"].format(layer=layer, head=head, row=row, column=column)
        down, across = row * tile, column * tile
        greys[down : down + tile, across : across + tile] = png.decode(picture(name))
    return greys
