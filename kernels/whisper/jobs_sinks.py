"""Attention sinks in Whisper tiny.en: how much falls on token 0, and what it costs to drop it.

Provenance: Xiao et al. 2023, Efficient Streaming Language Models with Attention Sinks
(arXiv:2309.17453), §3.1 and table 1: a window alone against a window with the first tokens.
"""

import json

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.maps import statistics
from kernels.pretrained.layers import attention_weights
from kernels.whisper import decoder, tokens
from kernels.whisper.model import CARRIERS, CLIPS, half, load, recording


def likelihood(logits, ids):
    """Return the mean negative log-likelihood of the tokens after the prompt, and how many win.

    `logits` are those after each token; nats a token, and the share that is the likeliest.
    """
    start = len(tokens.PROMPT)
    rows = logits[start - 1 : -1].astype(np.float64)
    shifted = rows - rows.max(axis=-1, keepdims=True)
    chances = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    wanted = np.asarray(ids[start:])
    chosen = chances[np.arange(len(wanted)), wanted]
    return {"nats": float(-chosen.mean()), "right": float((rows.argmax(-1) == wanted).mean())}


@job(
    "whisper-sinks",
    obtained="trained",
    carriers=CARRIERS,
    after=("whisper-attention",),
    parameters={"clips": CLIPS, "gap": 0.3, "recent": [2, 4, 8, 16], "first": [0, 1, 2]},
    tolerance=Tolerance(absolute=0.004, why="queries and keys are kept as float16"),
)
def whisper_sinks(context: Context) -> dict[str, object]:
    """How much of each decoder head's attention falls on token 0, and what its loss does."""
    wanted = context.parameters
    known = json.loads((context.inputs["whisper-attention"] / "transcript.json").read_bytes())
    ids, model = known["tokens"], load(context)
    context.progress(1, 2, "listening")
    encoded = model.encode(recording(context, wanted["clips"], wanted["gap"]))
    cache, reading = model.read(encoded, ids)
    length = len(ids)
    windows = [{"recent": length, "first": 0, **likelihood(reading.logits, ids)}]
    for recent in wanted["recent"]:
        for first in wanted["first"]:
            _, seen = model.read(encoded, ids, decoder.window(length, recent, first))
            found = likelihood(seen.logits, ids)
            windows.append({"recent": recent, "first": first, **found})
    keys, values = np.stack(cache.keys), np.stack(cache.values)  # (layers, heads, time, d_head)
    sizes = {"keys": keys, "values": values}
    return {
        "sinks.json": {
            "labels": known["labels"],
            "by_head": statistics.first_token(reading.own),
            "by_position": reading.own[..., 0],
            "norms": {
                name: np.sqrt((of.astype(float) ** 2).sum(axis=-1)) for name, of in sizes.items()
            },
            "windows": windows,
        },
        "heads.npz": {
            "q": half(reading.own_queries),
            "k": half(keys),
            "v": half(values),
        },
    }


@whisper_sinks.recheck
def _(context: Context) -> dict[str, float]:
    """Recompute every head's attention from its queries and keys: the mass on token 0."""
    heads, known = context.asset("heads.npz"), context.asset("sinks.json")
    q, k = heads["q"].astype(float), heads["k"].astype(float)
    weights = attention_weights(q, k, np.tri(q.shape[-2], dtype=bool))
    return {
        "by position": context.difference(weights[..., 0], known["by_position"]),
        "by head": context.difference(statistics.first_token(weights), known["by_head"]),
    }
