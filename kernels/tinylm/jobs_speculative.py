"""Let the small model draft for the large one, at many lengths of draft, and count what is kept."""

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.tinylm import bpe, speculative, weights
from kernels.tinylm.generation import TransformerLaw, generate
from kernels.tinylm.sampling import Rules
from kernels.tinylm.speculative_theory import acceptance_rate

READ = 32  # tokens of each prompt


def prompts_of(context):
    """Return prompts from the held-out plays, evenly spread: lists of `READ` tokens.

    All plays are cut into as many, so that fewer prompts are the first of them.
    """
    folder = context.inputs["shakespeare-tokeniser"]
    tokeniser = bpe.from_merges(np.load(folder / "merges.npy"))
    with (folder / "held-out.txt").open(encoding="utf-8", newline="") as file:
        text = file.read()
    starts = np.linspace(0, len(text) - 1000, context.parameters["spread"]).astype(int)
    starts = starts[: context.parameters["prompts"]]
    return [bpe.encode(tokeniser, text[start : start + 200])[:READ] for start in starts]


def laws_of(context, temperature):
    """Return the target's law and the draft's, in double precision."""
    found = []
    for name in ("shakespeare-target", "shakespeare-draft"):
        model = weights.read(dict(np.load(context.inputs[name] / "weights.npz")))
        found.append(TransformerLaw(model[0], model[1], Rules(temperature=temperature)))
    return found


def kept_of_own_text(laws, generator, prompt, length):
    """Let the target write alone; return the acceptance rate at each place of its text."""
    text = [*prompt, *generate(generator, laws[0], prompt, length)]
    p, q = (law(text[:-1], length) for law in laws)  # (length, vocabulary)
    return acceptance_rate(p, q)


def together(laws, generator, prompt, gamma, length):
    """Let the pair write; return its runs, its tokens, and of the drafted ones judged and kept."""
    counts = np.zeros(4, int)
    for one in speculative.rounds(generator, laws[0], laws[1], prompt, gamma, length):
        judged = min(one.accepted + 1, gamma)  # those after the first rejected are not looked at
        counts += [1, len(one.tokens), judged, one.accepted]
    return counts


def count_runs(context):
    """Return one entry a temperature: the acceptance rate, and for each gamma what was counted."""
    given, prompts = context.parameters, prompts_of(context)
    found: list[dict] = []
    for number, temperature in enumerate(given["temperatures"]):
        laws, rates, entries = laws_of(context, temperature), [], []
        for place, prompt in enumerate(prompts):
            generator = np.random.default_rng([context.seed, number, place])
            rates.append(kept_of_own_text(laws, generator, prompt, given["length"]))
        for gamma in given["gammas"]:
            counts = np.zeros((len(prompts), 4), int)
            for place, prompt in enumerate(prompts):
                generator = np.random.default_rng([context.seed, number, place, gamma])
                counts[place] = together(laws, generator, prompt, gamma, given["length"])
            runs, tokens, judged, kept = counts.sum(axis=0).tolist()
            entries.append({"gamma": gamma, "runs": runs, "tokens": tokens, "judged": judged,
                            "kept": kept, "runs_first": int(counts[0, 0])})  # fmt: skip
            context.progress(8 * number + gamma, 24, f"temperature {temperature}")
        found.append({"temperature": temperature, "alpha": float(np.mean(rates)),
                      "alpha_first": float(np.mean(rates[0])), "gammas": entries})  # fmt: skip
    return found


@job("speculative-runs", obtained="counted",
     after=("shakespeare-tokeniser", "shakespeare-target", "shakespeare-draft"), seed=5,
     parameters={"spread": 48, "prompts": 48, "length": 48, "temperatures": [0.0, 0.5, 1.0],
     "gammas": [1, 2, 3, 4, 5, 6, 7, 8]}, reduced={"prompts": 1, "gammas": [4]},
     tolerance=Tolerance(1e-9, 0.0, "double precision; no draw lies so near to a boundary"),
     )  # fmt: skip
def speculative_runs(context: Context) -> dict[str, object]:
    """Count the runs that 48 texts take, for drafts of one to eight tokens."""
    return {"runs.json": count_runs(context)}


@speculative_runs.recheck
def _(context: Context) -> dict[str, float]:
    """Run the first prompt again, with drafts of four tokens."""
    again, kept = count_runs(context), context.asset("runs.json")
    was = [
        [entry["alpha_first"], *(g["runs_first"] for g in entry["gammas"] if g["gamma"] == 4)]
        for entry in kept
    ]
    found = [[entry["alpha_first"], entry["gammas"][0]["runs_first"]] for entry in again]
    return {"first prompt": context.difference(found, was)}
