"""What Whisper tiny.en looks at while it writes: every decoder map, and the heads that align."""

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.maps import statistics, tiles
from kernels.pretrained.layers import attention_weights
from kernels.whisper import sound, tokens
from kernels.whisper.model import CARRIERS, CLIPS, half, load, recording

FRAME = 0.02  # seconds that one of the encoder's vectors stands for


def columns_of(cross, frames):
    """Return weights on the sound summed over `frames` at a time, so that rows still sum to one."""
    return cross.reshape(*cross.shape[:-1], -1, frames).sum(axis=-1)


def spoken(context, names, gap):
    """Return when each clip begins and ends in the joined recording, in seconds."""
    times, now = [], 0.0
    for name in names:
        length = len(recording(context, [name], 0)) / sound.RATE
        times.append({"clip": name, "begins": now + gap, "ends": now + gap + length})
        now += gap + length
    return times


@job(
    "whisper-attention",
    obtained="trained",
    carriers=CARRIERS,
    parameters={"clips": CLIPS, "gap": 0.3, "frames": 3, "steps": 85, "head": [3, 1]},
    tolerance=Tolerance(absolute=0.02, why="tiles have 85 steps, and the crops are float16"),
)
def whisper_attention(context: Context) -> dict[str, object]:
    """Whisper's 24 + 24 decoder maps over eight spoken words for loudspeakers, and who aligns."""
    wanted = context.parameters
    model = load(context)
    samples = recording(context, wanted["clips"], wanted["gap"])
    context.progress(1, 4, "listening")
    encoded = model.encode(samples)
    context.progress(2, 4, "writing")
    transcript = model.transcribe(encoded)
    cache, reading = model.read(encoded, transcript.tokens)
    context.progress(3, 4, "drawing")
    labels = model.labels(transcript.tokens)
    aligning = model.said["alignment_heads"]
    layer, head = wanted["head"]
    together = np.mean([reading.cross[one, two] for one, two in aligning], axis=0)
    summed = columns_of(reading.cross, wanted["frames"])
    keys = [f"{place * wanted['frames'] * FRAME:.2f} s" for place in range(summed.shape[-1])]
    steps = wanted["steps"]
    own = tiles.write(
        reading.own, "Whisper looks back at its tokens", labels, causal=True, steps=steps
    )
    across = tiles.write(summed, "Whisper looks at the sound", labels, keys, steps=steps)
    text = tokens.to_text(model.vocabulary, transcript.tokens)
    context.note("text", text)
    return {
        **{f"self/{name}": value for name, value in own.items()},
        **{f"cross/{name}": value for name, value in across.items()},
        "transcript.json": {
            "text": text,
            "tokens": transcript.tokens,
            "labels": labels,
            "probabilities": transcript.probabilities,
            "finished": transcript.finished,
            "seconds": len(samples) / sound.RATE,
            "clips": spoken(context, wanted["clips"], wanted["gap"]),
        },
        "alignment.json": {
            "heads": aligning,
            "seconds": (together.argmax(axis=-1) * FRAME).tolist(),
            "by_head": (reading.cross.argmax(axis=-1) * FRAME).tolist(),
        },
        "crop.npz": {
            "q": half(reading.cross_queries[layer, head]),
            "k": half(cache.sound[layer][0][head]),
        },
    }


@whisper_attention.recheck
def _(context: Context) -> dict[str, float]:
    """Recompute one head's attention to the sound from its crop, and every head's row sums."""
    wanted, crop = context.parameters, context.asset("crop.npz")
    layer, head = wanted["head"]
    described = context.asset("cross/map.json")
    weights = attention_weights(crop["q"].astype(float), crop["k"].astype(float))
    greys = tiles.read(described, lambda name: context.asset(f"cross/{name}"), layer, head)
    entropy = statistics.entropy(columns_of(weights, wanted["frames"]))
    seconds = np.array(context.asset("alignment.json")["by_head"])[layer, head]
    return {
        "tile": context.difference(tiles.to_weights(greys), columns_of(weights, wanted["frames"])),
        "entropy": context.difference(entropy, described["statistics"]["entropy"][layer][head]),
        "seconds": context.difference(weights.argmax(axis=-1) * FRAME, seconds),
    }
