"""Small policies that learn to work sums out, or not to, from rewards for the result alone.

A network of 10,398 weights first imitates people who mostly answer at once; then GRPO goes on from
there, with questions of one length or of several, groups of several sizes, with and without the
reward for format, and after a cold start. Exams are taken on fixed questions.
"""

from itertools import product
from typing import Any

import numpy as np

from kernels.jobs import Context, Tolerance, job

from . import scratch, scratch_model, scratch_training
from .scratch_training import Recipe

MIXED = "2-6"
SHOWN = {"3": [8, 4, 7], "4": [9, 6, 2, 8], "5": [7, 4, 9, 2, 8], "6": [7, 4, 9, 2, 8, 5]}


def settings(lengths: list, groups: list, seeds: list) -> list[dict[str, Any]]:
    """List the runs: length of questions, group, seed, whether format counts, whether cold."""
    plain = {"seed": 0, "format": True, "cold": False}
    wanted = [{"length": n, "group": g, **plain} for n, g in product(lengths, groups)]
    for n, changed in (("5", {}), ("6", {}), ("6", {"format": False}), ("6", {"cold": True})):
        for seed in seeds if changed else seeds[1:]:
            wanted.append({"length": n, "group": 16, **plain, **changed, "seed": seed})
    return wanted


def recipe_of(run: dict[str, Any]) -> Recipe:
    """Return how a run is trained."""
    fewest, most = (2, 6) if run["length"] == MIXED else (int(run["length"]),) * 2
    return Recipe(group=run["group"], fewest=fewest, most=most, format=run["format"])


def blank(digits: list[int]) -> np.ndarray:
    """Pad one question: `(6,)`."""
    return np.array(digits + [scratch.BLANK] * (scratch.SLOTS - len(digits)))


def examine(parameters: dict, length: int, count: int) -> dict[str, float]:
    """Answer `count` fixed questions of one length: accuracy, lines written, share with tags."""
    rng = np.random.default_rng([length, 11])
    questions = scratch.draw_questions(rng, count, length, length)
    answers = scratch_model.sample(parameters, questions, rng).answers
    return {
        "accuracy": float(scratch.accuracy_reward(questions, answers).mean()),
        "lines": float(answers.lines.mean()),
        "tagged": float(answers.tagged.mean()),
    }


def spelled(parameters: dict, length: int, count: int = 16) -> list[str]:
    """Answer one question `count` times: what was written, `=` before an answer in tags, or `~`."""
    asked = np.tile(blank(SHOWN[str(length)]), (count, 1))
    walks = scratch_model.sample(parameters, asked, np.random.default_rng([length, 12]))
    texts = [""] * count
    for owner, token in zip(walks.owner.tolist(), walks.written.tolist(), strict=True):
        texts[owner] += ("", "=", "~")[token // 10] + str(token % 10)
    return texts


def thirty() -> np.ndarray:
    """Return an exam of thirty questions, six of each length from two to six: `(30, 6)`."""
    rng = np.random.default_rng(13)
    return np.concatenate([scratch.draw_questions(rng, 6, n, n) for n in range(2, 7)])


def answered(parameters: dict, samples: int) -> list[str]:
    """Answer the thirty questions `samples` times each: a string of digits for each."""
    asked = np.repeat(thirty(), samples, axis=0)
    walks = scratch_model.sample(parameters, asked, np.random.default_rng(14))
    return ["".join(map(str, row)) for row in walks.answers.digits.reshape(-1, samples).tolist()]


def train(parameters: dict, run: dict[str, Any], steps: int, p: Any) -> tuple[dict, dict]:
    """Train one run, with an exam every so many steps: the last weights, and what was seen."""
    length = 6 if run["length"] == MIXED else int(run["length"])
    seen: dict[str, Any] = {name: [] for name in ("accuracy", "lines", "tagged", "texts", "votes")}

    def look(now: dict) -> None:
        for name, value in examine(now, length, p["exam"]).items():
            seen[name].append(round(value, 4))
        if run["seed"] == 0:
            seen["texts"].append(spelled(now, length))
            if run["length"] == MIXED and run["group"] == 16:
                seen["votes"].append(answered(now, 64))

    look(parameters)
    rng, largest = np.random.default_rng([run["seed"], 15]), 0.0
    recipe = recipe_of(run)
    for step, (now, ratio) in enumerate(
        scratch_training.reinforce(parameters, rng, steps, recipe), 1
    ):
        parameters, largest = now, max(largest, ratio)
        if step % p["every"] == 0:
            look(parameters)
    return parameters, {**run, **{k: v for k, v in seen.items() if v}, "ratio": largest}


def halve(parameters: dict) -> dict[str, np.ndarray]:
    """Round weights to half precision, as they are shipped."""
    return {name: value.astype(np.float16) for name, value in parameters.items()}


def widen(parameters: dict) -> dict[str, np.ndarray]:
    """Return shipped weights in double precision."""
    return {name: value.astype(float) for name, value in parameters.items()}


@job(
    "scratch-policies",
    obtained="trained",
    seed=0,
    parameters={
        "hidden": 64,
        "imitation": {"steps": 3000, "texts": 256, "rate": 0.002},
        "cold": {"steps": 10, "texts": 100, "rate": 0.001, "going": 0.9},
        "steps": 220,
        "every": 20,
        "exam": 2000,
        "lengths": ["3", "4", "5", "6", MIXED],
        "groups": [2, 16, 64],
        "seeds": [0, 1, 2],
    },
    reduced={"steps": 20},
    tolerance=Tolerance(absolute=0.02, why="a sample may fall otherwise on another machine"),
)
def scratch_policies(context: Context) -> dict[str, object]:
    """Train policies that may work sums out line by line, by imitation and then by GRPO."""
    p = context.parameters
    first = scratch_model.draw(context.rng, p["hidden"])
    base = halve(scratch_training.imitate(first, context.rng, **p["imitation"]))
    warm = np.random.default_rng([context.seed, 1])
    cold = halve(scratch_training.imitate(widen(base), warm, **p["cold"]))
    kept, runs = {"base": base, "cold": cold}, []
    wanted = settings(p["lengths"], p["groups"], p["seeds"])
    for number, run in enumerate(wanted):
        start = widen(cold if run["cold"] else base)
        trained, seen = train(start, run, p["steps"], p)
        runs.append(seen)
        if run == {"length": "5", "group": 16, "seed": 0, "format": True, "cold": False}:
            kept["five"] = halve(trained)
        context.progress(number + 1, len(wanted), f"{run}: {seen['accuracy'][-1]:.1%}")
    weights = {f"{name}/{key}": value for name, own in kept.items() for key, value in own.items()}
    exams = {
        name: {str(n): examine(widen(own), n, p["exam"]) for n in range(2, 7)}
        for name, own in kept.items()
    }
    return {
        "runs.json": {"shown": SHOWN, "thirty": thirty().tolist(), "exams": exams, "runs": runs},
        "weights.npz": weights,
    }


@scratch_policies.recheck
def _(context: Context) -> dict[str, float]:
    """Take the shipped models' exams again, and train for twenty steps from the shipped base."""
    p, found, weights = context.parameters, context.asset("runs.json"), context.asset("weights.npz")
    own: dict[str, dict] = {}
    for name, value in weights.items():
        model, key = name.split("/")
        own.setdefault(model, {})[key] = value
    differences = {}
    for name, exams in found["exams"].items():
        again = examine(widen(own[name]), 5, p["exam"])
        differences[name] = context.difference(again["accuracy"], exams["5"]["accuracy"])
    first = found["runs"][0]
    _, seen = train(widen(own["base"]), {k: first[k] for k in settings(["3"], [2], [0])[0]}, 20, p)
    differences["twenty steps"] = context.difference(seen["accuracy"], first["accuracy"][:2])
    return differences
