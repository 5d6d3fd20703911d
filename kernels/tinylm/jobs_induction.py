"""The smallest model that continues a pattern, and the smaller one that can't.

Two layers of attention alone learn to look a repeated token up and copy what followed it; one layer
trained in the same way does not (Olsson et al. 2022, arXiv:2209.11895).
"""

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.tinylm import weights
from kernels.tinylm.configuration import Configuration, count_parameters
from kernels.tinylm.induction import losses, prefix_matching, previous_token, repeated, split
from kernels.tinylm.transformer import attention_maps

LAYERS = {"two-layers": 2, "one-layer": 1}


def judge(model, seed, texts, time, periods):
    """Return the mean surprise at what is new and at what is a repeat, in nats."""
    generator, rows = np.random.default_rng(seed), []
    for _ in range(texts):
        period = int(generator.integers(periods[0], periods[1] + 1))
        tokens = repeated(generator, model[0].vocabulary, time, period)
        rows.append(split(losses(model[0], model[1], tokens), period))
    new, again = np.mean(rows, axis=0)
    return {"new": float(new), "repeated": float(again)}


def sample_of(model, seed, time, period):
    """Return a text, its period, and what every head does on it; maps as float16."""
    tokens = repeated(np.random.default_rng(seed), model[0].vocabulary, time, period)
    maps = attention_maps(model[0], model[1], tokens)  # (layers, heads, time, time)
    scores = {
        "prefix_matching": prefix_matching(maps, period).tolist(),
        "previous_token": previous_token(maps).tolist(),
    }
    return {"tokens": tokens.astype(np.int16), "maps": maps.astype(np.float16)}, scores


@job("induction-toy", obtained="trained", needs=("torch",), seed=0, parameters={
     "vocabulary": 64, "context": 64, "d_model": 64, "heads": 4, "periods": [8, 32],
     "judged": 200, "sample_time": 48, "sample_period": 16, "plan": {"steps": 1000, "batch": 32,
     "rate": 0.02, "muon_rate": 0.02, "warm_up": 20, "cool": 0.3, "decay": 0.1, "look": 25}},
     tolerance=Tolerance(2e-3, 0.0, "maps are kept as float16"),
     )  # fmt: skip
def induction_toy(context: Context) -> dict[str, object]:
    """Train two layers of attention, and one, on random texts that repeat themselves."""
    import torch

    from kernels.tinylm.induction_torch import Repeats
    from kernels.tinylm.training_torch import Plan, train

    torch.set_num_threads(1)
    given, files, results = context.parameters, dict[str, object](), dict[str, object]()
    for place, (name, layers) in enumerate(LAYERS.items()):
        c = Configuration(
            given["vocabulary"], given["context"], layers, given["d_model"], given["heads"],
            given["heads"], d_ff=0, activation="gelu", tied=False,
        )  # fmt: skip
        parameters, record = train(
            c, Plan(seed=context.seed, **given["plan"]), Repeats(*given["periods"]),
            context.scratch / f"{name}.pt",
            progress=lambda step, steps, note, at=place: context.progress(
                at * steps + step, len(LAYERS) * steps, note),
        )  # fmt: skip
        entries = weights.write_float16(c, parameters)
        model = weights.read(entries)
        judged = judge(model, context.seed + 1, given["judged"], given["context"], given["periods"])
        arrays, scores = sample_of(
            model, context.seed + 2, given["sample_time"], given["sample_period"]
        )
        results[name] = {
            "parameters": count_parameters(c), **judged, **scores, "curve": record["curve"],
            "sample_period": given["sample_period"],
        }  # fmt: skip
        files |= {f"{name}.npz": entries, f"{name}-sample.npz": arrays}
        context.note(f"{name}-cpu_seconds", round(record["cpu_seconds"], 1))
    return files | {"results.json": results}


@induction_toy.recheck
def _(context: Context) -> dict[str, float]:
    given, found = context.parameters, {}
    for name in LAYERS:
        model = weights.read(context.asset(f"{name}.npz"))
        kept = context.asset("results.json")[name]
        judged = judge(model, context.seed + 1, given["judged"], given["context"], given["periods"])
        for what, value in judged.items():
            found[f"{name}-{what}"] = context.difference(value, kept[what])
        arrays, _ = sample_of(model, context.seed + 2, given["sample_time"], given["sample_period"])
        sample = context.asset(f"{name}-sample.npz")
        found[f"{name}-maps"] = context.difference(arrays["maps"], sample["maps"])
    return found
