"""A loop: Whisper tiny.en hears one clip over and over, and loses count, or the words.

Provenance: Radford et al. 2022 (arXiv:2212.04356), §4.5: repetition loops, and a compression rate
above 2.4 as their sign. A head that copies looks at what followed the last time (Olsson et al.
2022, arXiv:2209.11895, for induction heads); where the period is 2 that is the token just before,
so that a previous-token head copies too, with no search for a match.
"""

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.maps import tiles
from kernels.pretrained.layers import attention_weights
from kernels.whisper import greedy, sound, spectrogram, tokens
from kernels.whisper.model import CARRIERS, CLIPS, half, load, recording


def over_and_over(clip):
    """Return a clip repeated until it fills the model's 30 seconds, the last time cut off."""
    length = spectrogram.SECONDS * sound.RATE
    return np.tile(clip, -(-length // len(clip)))[:length]


def copied(own, period):
    """Return each head's mass on the token that, a period ago, was what comes next.

    `own` is `(layers, heads, time, time)`; query `i` is about to write token `i + 1`, and looks at
    key `i + 1 - period`. Averaged over the second half of the text: `(layers, heads)`.
    """
    rows = np.arange(own.shape[-1] // 2, own.shape[-1])
    return own[:, :, rows, rows + 1 - period].mean(axis=-1, dtype=np.float64)


def described(model, transcript):
    """Return a transcript as JSON, with the signs of a loop."""
    text = tokens.to_text(model.vocabulary, transcript.tokens)
    return {
        "text": text,
        "tokens": transcript.tokens,
        "labels": model.labels(transcript.tokens),
        "probabilities": transcript.probabilities,
        "finished": transcript.finished,
        "period": greedy.period(transcript.tokens),
        "compression": greedy.compression(text),
    }


@job(
    "whisper-repetition",
    obtained="trained",
    carriers=CARRIERS,
    parameters={"clips": [*CLIPS, "Noise"], "chosen": "Side_Right", "limit": 222, "steps": 51},
    tolerance=Tolerance(absolute=0.03, why="tiles have 51 steps, and the crop is float16"),
)
def whisper_repetition(context: Context) -> dict[str, object]:
    """Whisper's text when a clip is heard over and over, and the attention inside a loop."""
    wanted, model, rows = context.parameters, load(context), {}
    for done, name in enumerate(wanted["clips"]):
        clip = recording(context, [name], 0)
        for times, samples in (("once", clip), ("repeated", over_and_over(clip))):
            context.progress(2 * done + (times == "repeated"), 2 * len(wanted["clips"]), name)
            encoded = model.encode(samples)
            transcript = model.transcribe(encoded, wanted["limit"])
            rows[f"{name} {times}"] = {
                "heard": len(samples) / len(clip),
                **described(model, transcript),
            }
            if (name, times) == (wanted["chosen"], "repeated"):
                cache, reading = model.read(encoded, transcript.tokens)
    chosen = rows[f"{wanted['chosen']} repeated"]
    if chosen["period"] is None:
        raise RuntimeError(f"{wanted['chosen']} repeated ends in no loop; choose another clip")
    strength = copied(reading.own, chosen["period"])
    layer, head = (int(place) for place in np.unravel_index(strength.argmax(), strength.shape))
    aligning = model.said["alignment_heads"]
    sound_map = np.mean([reading.cross[one, two] for one, two in aligning], axis=0)
    title = "Whisper in a loop looks back at its tokens"
    own = tiles.write(reading.own, title, chosen["labels"], causal=True, steps=wanted["steps"])
    context.note("looping", [name for name, row in rows.items() if row["compression"] > 2.4])
    return {
        **{f"self/{name}": value for name, value in own.items()},
        "transcripts.json": rows,
        "loop.json": {
            "clip": wanted["chosen"],
            "copied": strength,
            "strongest": [layer, head],
            "seconds": (sound_map.argmax(axis=-1) * 0.02).tolist(),
        },
        "crop.npz": {
            "q": half(reading.own_queries[layer, head]),
            "k": half(cache.keys[layer][head]),
        },
    }


@whisper_repetition.recheck
def _(context: Context) -> dict[str, float]:
    """Recompute the head that copies most from its crop: its tile, and how much it copies."""
    crop, loop = context.asset("crop.npz"), context.asset("loop.json")
    layer, head = loop["strongest"]
    row = context.asset("transcripts.json")[f"{loop['clip']} repeated"]
    q, k = crop["q"].astype(float), crop["k"].astype(float)
    weights = attention_weights(q, k, np.tri(len(q), dtype=bool))
    greys = tiles.read(
        context.asset("self/map.json"), lambda name: context.asset(f"self/{name}"), layer, head
    )
    own = copied(weights[None, None], row["period"])[0, 0]
    return {
        "tile": context.difference(tiles.to_weights(greys), weights),
        "copied": context.difference(own, loop["copied"][layer][head]),
        "period": context.difference(greedy.period(row["tokens"]), row["period"]),
    }
