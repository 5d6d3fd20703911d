"""A tiny model of Shakespeare's plays learns courtesy from pairs of its own replies, by DPO.

Nobody tells it what courtesy is: it sees which of two replies a noisy judge preferred, once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.jobs import Context, Tolerance, job
from kernels.policy import replies
from kernels.policy.preferences import preference
from kernels.tinylm import bpe, weights

ROUNDING = Tolerance(2e-3, 1e-3, "float32 sums in the order of another machine")
COUNT = 32  # pairs a prompt that are followed through training
TILTS = np.geomspace(0.5, 16.0, 21)
TRIES = (1, 2, 4, 8, 16, 32, 64)


@dataclass
class Trial:
    """The model before training, what it said to each prompt, and who preferred what."""

    configuration: Any
    parameters: dict[str, Any]
    tokeniser: bpe.Tokeniser
    prompts: list[list[int]]
    said: list[np.ndarray]  # for each prompt (samples, tokens)
    likely: list[np.ndarray]  # (samples,) log-probabilities under the reference
    reward: np.ndarray  # (prompts, samples)
    pairs: list[np.ndarray]  # (pairs, 2) rows of `said`, the preferred one first


def read(context: Context) -> tuple[Any, dict[str, np.ndarray], bpe.Tokeniser]:
    """Return the target's configuration and parameters, and its tokeniser."""
    entries = dict(np.load(context.inputs["shakespeare-target"] / "weights.npz"))
    merges = np.load(context.inputs["shakespeare-tokeniser"] / "merges.npy")
    return *weights.read(entries, np.float32), bpe.from_merges(merges)


def courtesies(tokeniser: bpe.Tokeniser, tokens: np.ndarray) -> np.ndarray:
    """Return the courtesy of each reply: `(replies,)`."""
    return np.array([replies.courtesy(bpe.decode(tokeniser, row)) for row in tokens.tolist()])


def match(generator: np.random.Generator, reward: np.ndarray) -> np.ndarray:
    """Pair a reply of the more courteous half with one of the other, and let a judge choose.

    The judge is as noisy as Bradley and Terry say. Returns `(pairs, 2)`, the preferred one first.
    """
    ranked = generator.permutation(len(reward))
    ranked = ranked[np.argsort(reward[ranked], kind="stable")]
    rows = generator.permutation(ranked.reshape(2, -1).T)
    first = np.array([preference(pair)[0, 1] for pair in reward[rows]])
    won = generator.random(len(rows)) < first
    return np.where(won[:, None], rows, rows[:, ::-1])


def speak(context: Context, trial: Trial, parameters: dict, salt: int, count: int) -> Iterator:
    """Let a model reply to each prompt: tokens, and log-probabilities `(count, tokens)`."""
    from kernels.policy import courtesy_torch as trainer

    for number, prompt in enumerate(trial.prompts):
        generator = np.random.default_rng([context.seed, salt, number])
        dice = generator.random((count, context.parameters["tokens"]))
        yield trainer.speak(trial.configuration, parameters, prompt, dice)


def begin(context: Context) -> Trial:
    """Let the reference speak, and have its replies judged."""
    import torch

    torch.set_num_threads(1)
    configuration, arrays, tokeniser = read(context)
    parameters = {name: torch.from_numpy(value) for name, value in arrays.items()}
    prompts = [bpe.encode(tokeniser, cue) for cue in replies.CUES]
    trial = Trial(configuration, parameters, tokeniser, prompts, [], [], np.zeros(0), [])
    for tokens, likely in speak(context, trial, parameters, 0, context.parameters["samples"]):
        trial.said.append(tokens)
        trial.likely.append(likely.sum(1))
        context.progress(len(trial.said), 40, "samples")
    trial.reward = np.array([courtesies(tokeniser, tokens) for tokens in trial.said], dtype=float)
    for number, reward in enumerate(trial.reward):
        trial.pairs.append(match(np.random.default_rng([context.seed, 1, number]), reward))
    return trial


def log_ratios(trial: Trial, parameters: dict, cut: slice) -> np.ndarray:
    """Return `log(pi / pi_ref)` of some pairs of every prompt: `(pairs, 2)`."""
    import torch

    from kernels.policy.courtesy_torch import log_probabilities

    found = []
    with torch.no_grad():
        for number, prompt in enumerate(trial.prompts):
            rows = trial.pairs[number][cut]
            texts = trial.said[number][rows.ravel()]
            now = log_probabilities(trial.configuration, parameters, prompt, texts)
            found.append(now.numpy().reshape(rows.shape) - trial.likely[number][rows])
    return np.concatenate(found)


def spoken(context: Context, trial: Trial, parameters: dict, salt: int, count: int) -> list[dict]:
    """Return what a model says, with the courtesy of each reply and its log-ratio."""
    import torch

    from kernels.policy.courtesy_torch import log_probabilities

    found = []
    for number, (tokens, now) in enumerate(speak(context, trial, parameters, salt, count)):
        with torch.no_grad():
            before = log_probabilities(
                trial.configuration, trial.parameters, trial.prompts[number], tokens
            ).numpy()
        for row, ratio in zip(tokens.tolist(), now.sum(1) - before, strict=True):
            text = bpe.decode(trial.tokeniser, row)
            found.append({"cue": number, "text": text, "reward": replies.courtesy(text),
                          "ratio": round(float(ratio), 4)})  # fmt: skip
    return found


def look(context: Context, trial: Trial, parameters: dict, step: int) -> dict[str, float]:
    """Measure a model: courtesy and divergence of what it says, log-ratios of judged pairs."""
    said = spoken(context, trial, parameters, 2, context.parameters["judged"])
    row: dict[str, float] = {"step": step}
    for name, key in (("reward", "reward"), ("divergence", "ratio")):
        values = np.array([line[key] for line in said], dtype=float)
        row |= {
            name: float(values.mean()),
            f"{name}_error": float(values.std() / len(values) ** 0.5),
        }
    first = context.parameters["pairs"]
    for kind, cut in (("", slice(0, COUNT)), ("held_", slice(first, first + COUNT))):
        ratios = log_ratios(trial, parameters, cut)
        row |= {f"{kind}chosen": float(ratios[:, 0].mean()),
                f"{kind}rejected": float(ratios[:, 1].mean()),
                f"{kind}right": float((ratios[:, 0] > ratios[:, 1]).mean())}  # fmt: skip
    return row


def spelt(text: str) -> set[str]:
    """Return the words of a text, each once."""
    return set(re.findall("[a-z]+", text.lower()))


def verdicts(context: Context, trial: Trial) -> dict[str, Any]:
    """Count the training pairs in which each word of the taste won or lost, once a reply.

    Gives as well how many pairs of those kept from training the points themselves rank as the
    judge did, equal points counting half.
    """
    first, words = context.parameters["pairs"], sorted(replies.COURTEOUS | replies.RUDE)
    found = {word: [0, 0] for word in words}
    for tokens, rows in zip(trial.said, trial.pairs, strict=True):
        for pair in rows[:first]:
            for side, reply in enumerate(tokens[pair].tolist()):
                for word in spelt(bpe.decode(trial.tokeniser, reply)) & found.keys():
                    found[word][side] += 1
    held = [
        r[rows[first : first + COUNT]] for r, rows in zip(trial.reward, trial.pairs, strict=True)
    ]
    gap = np.diff(np.concatenate(held))[:, 0]
    return {"words": found, "points_right": float((gap < 0).mean() + 0.5 * (gap == 0).mean())}


def batches(context: Context, trial: Trial) -> Iterator[tuple]:
    """Yield each pair once: one prompt a step, the preferred replies and the others."""
    size = context.parameters["batch"]
    for step in range(context.parameters["looks"][-1]):
        number, start = step % len(trial.prompts), size * (step // len(trial.prompts))
        rows = trial.pairs[number][start : min(start + size, context.parameters["pairs"])]
        base = trial.likely[number][rows].astype(np.float32)
        chosen, rejected = (trial.said[number][rows[:, side]] for side in (0, 1))
        yield trial.prompts[number], chosen, rejected, base[:, 0] - base[:, 1]


@job(
    "courtesy-dpo",
    obtained="trained",
    needs=("torch",),
    after=("shakespeare-tokeniser", "shakespeare-target"),
    seed=5,
    parameters={
        "tokens": 16,
        "samples": 1536,
        "pairs": 640,
        "batch": 64,
        "rank": 8,
        "rate": 0.003,
        "betas": [0.1, 0.3, 1.0, 3.0],
        "looks": [0, 10, 20, 40, 80],
        "judged": 48,
        "shown": 4,
        "kept": 6,
    },
    tolerance=ROUNDING,
)
def courtesy_dpo(context: Context) -> dict[str, object]:
    """Train by DPO at four strengths, and follow reward, divergence and likelihoods."""
    import torch

    from kernels.policy import courtesy_torch as trainer

    wanted, trial = context.parameters, begin(context)
    kept = slice(wanted["pairs"], wanted["pairs"] + wanted["kept"])
    shipped: dict[str, np.ndarray] = {}
    runs: dict[str, list] = {}
    lines = {"reference": spoken(context, trial, trial.parameters, 3, wanted["shown"])}
    ratios = []
    for beta in wanted["betas"]:
        corrections = trainer.first_corrections(
            trial.configuration, trial.parameters, wanted["rank"], context.seed
        )
        name, followed = f"{beta:g}", list[dict[str, float]]()

        def follow(step, corrections=corrections, followed=followed):
            if step in wanted["looks"]:
                with torch.no_grad():
                    now = replies.adapted(trial.parameters, corrections)
                followed.append(look(context, trial, now, step))
                context.progress(8 + 8 * len(runs) + len(followed), 40, str(followed[-1]))

        model = (trial.configuration, trial.parameters)
        trainer.train(model, batches(context, trial), beta, corrections, wanted["rate"], follow)
        own = {key: c.detach().numpy().astype(np.float16) for key, c in corrections.items()}
        shipped |= {f"{name}/{key}": array for key, array in own.items()}
        widened = {key: torch.from_numpy(array.astype(np.float32)) for key, array in own.items()}
        now = replies.adapted(trial.parameters, widened)
        lines[name], runs[name] = spoken(context, trial, now, 3, wanted["shown"]), followed
        ratios.append(log_ratios(trial, now, kept))
    best = [dict(zip(("reward", "divergence", "effective"), replies.tilted(trial.reward, beta),
                     strict=True), beta=float(beta)) for beta in TILTS]  # fmt: skip
    drawn = [dict(zip(("reward", "divergence"), replies.best_of(trial.reward, tries),
                      strict=True), tries=tries) for tries in TRIES]  # fmt: skip
    tokens = [trial.said[n][rows[kept]] for n, rows in enumerate(trial.pairs)]
    return {
        "corrections.npz": shipped,
        "runs.json": {
            "runs": runs,
            "lines": lines,
            "optimum": best,
            "best_of": drawn,
            "judged": verdicts(context, trial),
        },
        "pairs.npz": {
            "tokens": np.concatenate(tokens).astype(np.uint16),
            "cue": np.repeat(np.arange(len(trial.prompts)), wanted["kept"]).astype(np.uint8),
            "ratios": np.array(ratios).astype(np.float32),
            "rewards": trial.reward.astype(np.int8),
        },
    }


@courtesy_dpo.recheck
def _(context: Context) -> dict[str, float]:
    """Score some of the kept pairs again, with NumPy and the shipped corrections of one run."""
    configuration, parameters, tokeniser = read(context)
    kept, shipped = context.asset("pairs.npz"), context.asset("corrections.npz")
    start = f"{context.parameters['betas'][0]:g}/"
    own = {key.removeprefix(start): array.astype(np.float32)
           for key, array in shipped.items() if key.startswith(start)}  # fmt: skip
    models = [(configuration, p) for p in (replies.adapted(parameters, own), parameters)]
    found, expected = [], []
    for pair in range(0, len(kept["cue"]), 12):
        prompt = bpe.encode(tokeniser, replies.CUES[kept["cue"][pair]])
        for side, reply in enumerate(kept["tokens"][pair].tolist()):
            now, before = (replies.log_probability(model, prompt, reply) for model in models)
            found.append(now - before)
            expected.append(kept["ratios"][0, pair, side])
    return {"log-ratios": context.difference(found, expected)}
