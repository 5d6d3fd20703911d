"""Train the real models of Shakespeare's plays: a target, and a draft that learned from it.

They share a tokeniser, so that the draft can write ahead for the target to check.
"""

import time

import numpy as np

from kernels.jobs import Context, job
from kernels.tinylm import bpe, measures, speculative, weights
from kernels.tinylm.configuration import Configuration, count_parameters
from kernels.tinylm.generation import TransformerLaw, generate
from kernels.tinylm.jobs_judging import ROUNDING, curve_text, judge, read_weights, slice_bits
from kernels.tinylm.jobs_shared import CARRIER, plays, tokeniser_of, tokens_of
from kernels.tinylm.speculative_theory import acceptance_rate, expected_tokens
from kernels.tinylm.transformer import forward

PROMPT = "MALVOLIO:\n"


def write_sample(model, tokeniser, prompt, seed, count=160):
    """Return text that a model writes after a prompt, drawn at temperature one."""
    law = TransformerLaw(*model)
    ids = bpe.encode(tokeniser, prompt)
    drawn = generate(np.random.default_rng(seed), law, ids, count)
    return bpe.decode(tokeniser, [*ids, *drawn])


def run(context, configuration, plan, name, teacher=None):
    """Train as the job's parameters say; return the weights' entries and the curve."""
    import torch

    from kernels.tinylm.training_torch import Plan, Text, train

    torch.set_num_threads(context.parameters["threads"])
    _, training, validation, _ = tokens_of(context)
    task = Text(training, validation)
    parameters, record = train(
        configuration, Plan(seed=context.seed, **plan), task,
        context.scratch / f"{name}.pt", teacher, context.progress,
    )  # fmt: skip
    context.note("parameters", count_parameters(configuration))
    context.note("training_tokens", record["curve"][-1]["tokens"])
    context.note("training_seconds", round(record["seconds"], 1))
    context.note("training_cpu_seconds", round(record["cpu_seconds"], 1))
    return weights.write_float16(configuration, parameters), record["curve"]


@job("shakespeare-target", obtained="trained", needs=("torch",), after=("shakespeare-tokeniser",),
     carriers=(CARRIER,), seed=1, environment={"OMP_NUM_THREADS": "2",
     "OMP_WAIT_POLICY": "PASSIVE"}, parameters={"threads": 2, "slice": 2000, "configuration":
     {"vocabulary": 1024, "context": 256, "layers": 4, "d_model": 128, "heads": 4, "groups": 4,
      "d_ff": 344}, "plan": {"steps": 2000, "batch": 16, "rate": 0.01, "muon_rate": 0.01,
      "warm_up": 50, "cool": 0.3, "decay": 0.1, "look": 50}}, tolerance=ROUNDING)  # fmt: skip
def shakespeare_target(context: Context) -> dict[str, object]:
    """Train a decoder of four layers on 36 plays, and judge it on two others."""
    configuration = Configuration(**context.parameters["configuration"])
    entries, curve = run(context, configuration, context.parameters["plan"], "target")
    model = read_weights(entries)
    tokeniser, _, validation, characters = tokens_of(context)
    results = judge(model, validation, characters)
    results["slice_bits_per_token"] = slice_bits(model, validation, context.parameters["slice"])
    return {
        "weights.npz": entries,
        "loss.csv": curve_text(curve),
        "results.json": results,
        "sample.txt": write_sample(model, tokeniser, PROMPT, context.seed),
    }


def recheck_slice(context):
    """Read the shipped weights, and judge them on a slice of the held-out plays by NumPy alone."""
    kept = context.asset("results.json")["slice_bits_per_token"]
    tokens = bpe.encode(tokeniser_of(context), plays(context)[1][: 4 * context.parameters["slice"]])
    model = read_weights(context.asset("weights.npz"))
    found = slice_bits(model, np.array(tokens), context.parameters["slice"])
    return {"slice_bits_per_token": context.difference(found, kept)}


@shakespeare_target.recheck
def _(context: Context) -> dict[str, float]:
    return recheck_slice(context)


def agreement(target, draft, tokens, windows):
    """Return how often a token drawn by the draft would be kept, on average over held-out text."""
    context, kept = target[0].context, []
    starts = np.linspace(0, len(tokens) - context, windows).astype(int)
    for start in starts:
        text = tokens[start : start + context]
        p, q = (
            np.exp(measures.log_softmax(forward(model[0], model[1], text)))
            for model in (target, draft)
        )
        kept.append(acceptance_rate(p, q))
    return float(np.mean(kept))


def decode_together(target, draft, tokens, parameters, seed):
    """Let the pair continue prompts from the held-out plays; count tokens and rounds.

    Returns what share of the drafted tokens that were looked at was kept, and the tokens a round.
    """
    laws = [TransformerLaw(*model) for model in (target, draft)]
    gamma, length = parameters["gamma"], parameters["length"]
    drafted = accepted = added = rounds = 0
    starts = np.linspace(0, len(tokens) - 64, parameters["prompts"]).astype(int)
    for number, start in enumerate(starts):
        generator = np.random.default_rng([seed, number])
        prompt = [int(token) for token in tokens[start : start + 32]]
        for one in speculative.rounds(generator, laws[0], laws[1], prompt, gamma, length):
            accepted += one.accepted
            drafted += min(one.accepted + 1, gamma)  # those after the first rejected are not judged
            added, rounds = added + len(one.tokens), rounds + 1
    return {"gamma": gamma, "kept": accepted / drafted, "tokens_per_round": added / rounds,
            "rounds": rounds, "tokens": added}  # fmt: skip


def seconds_a_token(model, tokens):
    """Return the median seconds that one token takes with a cache, on the machine at hand."""
    law, taken = TransformerLaw(*model), []
    for length in range(32, 96):
        start = time.perf_counter()
        law.logits(list(tokens[:length]))
        taken.append(time.perf_counter() - start)
    return float(np.median(taken[1:]))


@job("shakespeare-draft", obtained="trained", needs=("torch",),
     after=("shakespeare-tokeniser", "shakespeare-target"), carriers=(CARRIER,), seed=2,
     environment={"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"},
     parameters={"threads": 2, "slice": 2000, "prompts": 24, "length": 48, "gamma": 4,
     "windows": 40, "configuration": {"vocabulary": 1024, "context": 256, "layers": 2,
     "d_model": 48, "heads": 3, "groups": 3, "d_ff": 128}, "plan": {"steps": 800, "batch": 16,
     "rate": 0.01, "muon_rate": 0.01, "warm_up": 50, "cool": 0.3, "decay": 0.1, "look": 50}},
     tolerance=ROUNDING)  # fmt: skip
def shakespeare_draft(context: Context) -> dict[str, object]:
    """Train a decoder of two layers to expect what the target does, and let it draft."""
    import torch

    target = read_weights(dict(np.load(context.inputs["shakespeare-target"] / "weights.npz")))
    configuration = Configuration(**context.parameters["configuration"])
    teacher = (target[0], {name: torch.from_numpy(value) for name, value in target[1].items()})
    entries, curve = run(context, configuration, context.parameters["plan"], "draft", teacher)
    draft = read_weights(entries)
    tokeniser, _, validation, characters = tokens_of(context)
    results = judge(draft, validation, characters)
    results["slice_bits_per_token"] = slice_bits(draft, validation, context.parameters["slice"])
    alpha = agreement(target, draft, validation, context.parameters["windows"])
    results["acceptance_on_text"] = alpha
    results["decoding"] = decode_together(
        target, draft, validation, context.parameters, context.seed
    )
    results["expected_tokens"] = {str(g): float(expected_tokens(alpha, g)) for g in range(1, 9)}
    results["relative_size"] = count_parameters(draft[0]) / count_parameters(target[0])
    context.note("seconds_per_token", {name: seconds_a_token(model, validation)
                 for name, model in (("target", target), ("draft", draft))})  # fmt: skip
    return {
        "weights.npz": entries,
        "loss.csv": curve_text(curve),
        "results.json": results,
        "sample.txt": write_sample(draft, tokeniser, PROMPT, context.seed),
    }


@shakespeare_draft.recheck
def _(context: Context) -> dict[str, float]:
    return recheck_slice(context)
