"""Measure how often drafts of many kinds would be accepted, beside how well they foresee the text.

Every pair of models reads the same places of two held-out plays (`kernels.tinylm.agreement`).
"""

import shutil

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.tinylm import agreement, bpe, ngram, weights
from kernels.tinylm.configuration import count_parameters
from kernels.tinylm.jobs_judging import read_weights
from kernels.tinylm.jobs_scaling import shape
from kernels.tinylm.jobs_shared import CARRIER, tokens_of
from kernels.tinylm.speculative_theory import acceptance_rate

LINE = "some\nare born great, some achieve greatness, and some\nhave greatness thrust upon"


def train_alone(context, training, validation):
    """Train decoders of several sizes and budgets on the text itself; yield entries and models.

    Runs of one size share a plateau, as in `jobs_scaling`.
    """
    import torch

    from kernels.tinylm.training_torch import Plan, Text, cooling, train

    given = context.parameters
    torch.set_num_threads(given["threads"])
    task = Text(training, validation, once=True, windows=16)
    for layers, d_model in given["sizes"]:
        c = shape(given["vocabulary"], given["context"], layers, d_model)
        trunk = context.scratch / f"trunk-{layers}-{d_model}.pt"
        for steps in given["budgets"]:
            plan = Plan(steps=steps, seed=context.seed, **given["plan"])
            own = trunk.with_name(f"{trunk.stem}-{steps}.pt")
            if not own.exists():
                train(c, plan, task, trunk, stop=cooling(plan))
                shutil.copy(trunk, own.with_suffix(".copy"))
                own.with_suffix(".copy").rename(own)
            parameters, record = train(c, plan, task, own)
            entry = {"name": f"{layers} x {d_model}, {steps} steps", "family": "alone",
                     "parameters": count_parameters(c),
                     "tokens": record["curve"][-1]["tokens"]}  # fmt: skip
            context.progress(layers * d_model, 192, str(entry["name"]))
            yield entry, read_weights(weights.write_float16(c, parameters))


def gather(context, training, validation):
    """Yield an entry and a reader for each model; the target comes first."""
    for name, family in (("target", "target"), ("draft", "distilled")):
        model = read_weights(dict(np.load(context.inputs[f"shakespeare-{name}"] / "weights.npz")))
        entry = {"name": name, "family": family, "parameters": count_parameters(model[0])}
        yield entry, agreement.transformer_reader(*model)
    for order in context.parameters["orders"]:
        counted = ngram.fit(training, order, context.parameters["vocabulary"])
        yield {"name": f"{order}-gram", "family": "n-gram"}, agreement.ngram_reader(counted)
    for entry, model in train_alone(context, training, validation):
        yield entry, agreement.transformer_reader(*model)


def find_line(tokeniser, tokens, line):
    """Return which tokens hold a line, whatever its capitals: the first, and the one after it."""
    pieces = [bpe.decode(tokeniser, [int(token)]) for token in tokens]
    place, ends = "".join(pieces).lower().index(line), np.cumsum([len(piece) for piece in pieces])
    first, last = np.searchsorted(ends, [place, place + len(line) - 1], side="right")
    return int(first), int(last) + 1


def line_of(context, tokeniser, tokens, readers):
    """Return the line's tokens, each reader's laws `(line, vocabulary)`, and their acceptance."""
    first, end = find_line(tokeniser, tokens, LINE)
    start = first - context.parameters["context"] // 2
    laws = {
        name: read(tokens[start : end - 1])[first - start - 1 :].astype(np.float16)
        for name, read in readers.items()
    }
    target = laws["target"].astype(float)
    return {
        "pieces": [bpe.decode(tokeniser, [int(token)]) for token in tokens[first:end]],
        "ids": tokens[first:end].tolist(),
        "acceptance": {n: acceptance_rate(target, q.astype(float)).tolist()
                       for n, q in laws.items()},
    }, laws  # fmt: skip


@job("shakespeare-acceptance", obtained="trained", needs=("torch",),
     after=("shakespeare-tokeniser", "shakespeare-target", "shakespeare-draft"),
     carriers=(CARRIER,), seed=5, parameters={"threads": 1, "vocabulary": 1024, "context": 128,
     "orders": [1, 2, 3, 4, 5], "sizes": [[1, 16], [1, 32], [2, 32], [2, 48], [3, 64]],
     "budgets": [256, 960], "windows": 96, "temperatures": [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.25,
     1.4, 1.6, 1.8, 2.0], "shown": {"target": "target", "draft": "distilled", "1-gram": "gram_1",
     "2-gram": "gram_2", "5-gram": "gram_5", "2 x 48, 960 steps": "alone"}, "plan": {"batch": 16,
     "rate": 0.01, "muon_rate": 0.01, "warm_up": 20, "cool": 0.3, "decay": 0.1, "look": 160}},
     reduced={"sizes": [], "orders": [1, 2], "shown": {"target": "target", "1-gram": "gram_1"}},
     tolerance=Tolerance(1e-5, 1e-4, "float32 sums in the order of another machine"),
     )  # fmt: skip
def shakespeare_acceptance(context: Context) -> dict[str, object]:
    """Judge every pair of a target, n-grams and small decoders on two held-out plays."""
    given = context.parameters
    tokeniser, training, validation, _ = tokens_of(context)
    entries, readers = map(list, zip(*gather(context, training, validation), strict=True))
    perplexities, kept, warm = agreement.agree(
        readers, validation, given["context"], given["windows"], given["temperatures"]
    )
    for entry, perplexity in zip(entries, perplexities, strict=True):
        entry["perplexity"] = float(perplexity)
    shown = {given["shown"][e["name"]]: read
             for e, read in zip(entries, readers, strict=True)
             if e["name"] in given["shown"]}  # fmt: skip
    line, laws = line_of(context, tokeniser, validation, shown)
    tempered = [
        {"temperature": temperature, "perplexity": float(x), "acceptance": float(a)}
        for temperature, (x, a) in zip(given["temperatures"], warm, strict=True)
    ]
    results = {"models": entries, "acceptance": kept.tolist(), "tempered": tempered, "line": line}
    context.note("places", given["windows"] * (given["context"] // 2))
    return {"results.json": results, "laws.npz": laws}


@shakespeare_acceptance.recheck
def _(context: Context) -> dict[str, float]:
    kept = context.asset("results.json")
    again: dict = shakespeare_acceptance(context)["results.json"]  # type: ignore[assignment]
    names = [entry["name"] for entry in kept["models"]]
    places = [names.index(entry["name"]) for entry in again["models"]]
    pairs = np.array(kept["acceptance"])[np.ix_(places, places)]
    found = {"acceptance": context.difference(np.array(again["acceptance"]), pairs)}
    for place, entry in zip(places, again["models"], strict=True):
        before = kept["models"][place]["perplexity"]
        found[entry["name"]] = context.difference(entry["perplexity"], before)
    return found
