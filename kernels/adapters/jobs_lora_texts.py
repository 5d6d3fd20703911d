"""A writer of Shakespeare's plays meets Macbeth, which it has never seen, forwards and backwards.

It is fine-tuned on four acts, whole and by LoRA in two sets of matrices, and judged by the fifth.
For every way two rates are tried and the better is kept, so that all are flattered alike.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kernels.diffusion.weights import narrow, widen
from kernels.jobs import Context, Tolerance, job
from kernels.numerics.lowrank import effective_rank
from kernels.tinylm import bpe
from kernels.tinylm.jobs_shared import tokeniser_of
from kernels.tinylm.weights import read as read_weights

from . import lora, texts

TOKENISER, WRITER = "shakespeare-tokeniser", "shakespeare-draft"


def slice_of(act: str, wanted: Mapping) -> str:
    """Return the middle of an act, of as many letters as are wanted."""
    start = (len(act) - wanted["slice"]) // 2
    return act[start : start + wanted["slice"]]


def slice_bits(model: tuple, text: str, tokeniser: Any) -> float:
    """Return the bits of surprise a letter over a slice, by NumPy alone."""
    return float(texts.surprises(model, text, tokeniser)[1].sum() / len(text))


def spectra(model: tuple, trained: Mapping) -> dict[str, Any]:
    """Return the singular values of every adapted matrix's change, and its effective rank."""
    found = {}
    for name in sorted(n for n in trained if n[-2:] in (".q", ".v")):
        change = trained[name] - model[1][name]
        values = np.linalg.svd(change, compute_uv=False)
        found[name] = {"values": values.tolist(), "effective": effective_rank(change)}
    return found


@job("shakespeare-lora", obtained="trained", needs=("torch",), after=(TOKENISER, WRITER), seed=3,
     parameters={"ranks": {"qv": [1, 2, 4, 8, 16], "layers": [1, 4, 16]}, "low_rates": [3e-3, 1e-2],
     "rates": [1e-3, 3e-3], "repeats": 2, "slice": 1200, "plan": {"steps": 200, "batch": 8,
     "context": 128, "warm_up": 10, "alpha": 4}}, tolerance=Tolerance(absolute=1e-6, relative=1e-4,
     why="float16 adapters in float64; only the order of sums differs between machines"),
     )  # fmt: skip
def shakespeare_lora(context: Context) -> dict[str, object]:
    """Fine-tune a writer on four acts of Macbeth, whole and by LoRA; judge by the fifth."""
    import torch

    from .finetune_torch import Way, as_float, effective, finetune, nats

    torch.set_num_threads(1)
    wanted, plan = context.parameters, context.parameters["plan"]
    model = read_weights(dict(np.load(context.inputs[WRITER] / "weights.npz")))
    held_out = (context.inputs[TOKENISER] / "held-out.txt").read_text("utf-8")
    tokeniser, frozen = tokeniser_of(context), as_float(model[1])
    wheres: list[tuple] = [(where, r) for where, ranks in wanted["ranks"].items() for r in ranks]
    wheres += [("qv", None), ("layers", None), ("everything", None)]
    weights: dict[str, np.ndarray] = {}
    results: dict[str, Any] = {}
    for direction in ("forwards", "backwards"):
        learned, last = texts.acts(held_out, direction == "backwards")
        ids, judging = (np.array(bpe.encode(tokeniser, text)) for text in (learned, last))

        def bits(parameters: Mapping, tokens: np.ndarray, length: int) -> float:
            return nats(model[0], parameters, tokens, plan["context"]) / length / np.log(2.0)

        def run(way: Any, seed: int, text: tuple) -> tuple:
            trained = finetune(model, text[0], way, plan, seed)
            now = effective(frozen, as_float(trained), way, plan["alpha"])
            return bits(now, text[1], text[2]), trained

        text, rows = (ids, judging, len(last)), []
        before = bits(frozen, judging, len(last))
        for where, r in wheres:
            rates = wanted["rates" if r is None else "low_rates"]
            runs = [(run(Way(where, r, rate), context.seed, text), rate) for rate in rates]
            (best, trained), rate = min(runs, key=lambda each: each[0][0])
            row = {
                "where": where,
                "r": r,
                "numbers": sum(w.size for w in trained.values()),
                "bits": best,
                "rate": rate,
                "other": max(each[0][0] for each in runs),
            }
            if (where, r) == ("qv", 4):
                again = [run(Way(where, r, rate), context.seed + 1 + i, text)[0]
                         for i in range(wanted["repeats"])]  # fmt: skip
                row["again"] = again
            if where == "qv" and r is not None:
                kept = narrow(trained)
                weights |= {f"{direction}/{r}/{name}": w for name, w in kept.items()}
                equipped = texts.equip(model[1], lora.gather(widen(kept), plan["alpha"]))
                row["slice"] = slice_bits((model[0], equipped), slice_of(last, wanted), tokeniser)
            if where == "everything":
                changed = spectra(model, trained)
            rows.append(row)
            context.progress(len(rows), len(wheres), f"{direction}, {where}, {r}: {best:.3f}")
        results[direction] = {
            "before": before,
            "rows": rows,
            "spectra": changed,
            "tokens": [len(ids), len(judging)],
            "letters": len(last),
            "slice": slice_bits(model, slice_of(last, wanted), tokeniser),
        }
    return {"adapters.npz": weights, "results.json": results}


@shakespeare_lora.recheck
def _(context: Context) -> dict[str, float]:
    """Read the slices again with the kept adapters."""
    wanted, differences = context.parameters, {}
    model = read_weights(dict(np.load(context.inputs[WRITER] / "weights.npz")))
    held_out = (context.inputs[TOKENISER] / "held-out.txt").read_text("utf-8")
    weights = widen(context.asset("adapters.npz"))
    for direction, kept in context.asset("results.json").items():
        last = texts.acts(held_out, direction == "backwards")[1]
        for row in kept["rows"]:
            if "slice" not in row:
                continue
            start = f"{direction}/{row['r']}/"
            own = {n.removeprefix(start): w for n, w in weights.items() if n.startswith(start)}
            adapters = lora.gather(own, wanted["plan"]["alpha"])
            equipped = (model[0], texts.equip(model[1], adapters))
            again = slice_bits(equipped, slice_of(last, wanted), tokeniser_of(context))
            differences[start] = context.difference(again, row["slice"])
    return differences
