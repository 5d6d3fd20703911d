"""What balancing does to a router that learns: small models of Shakespeare's letters, trained.

The text is the tokeniser's held-out plays, in lower case. Act V of Macbeth is kept from training.
"""

from itertools import product

import numpy as np

from kernels.autodiff.optimisers import adam
from kernels.autodiff.training import apply
from kernels.jobs import Context, Tolerance, job
from kernels.routing import letters
from kernels.routing.dispatch import loads

TEXT = "shakespeare-tokeniser"
FACTOR, BALANCED = 1.25, 0.1


def texts(context):
    """Return what is learnt from and Act V of Macbeth, both in lower case, and the alphabet."""
    whole = (context.inputs[TEXT] / "held-out.txt").read_text(encoding="utf-8").lower()
    first = whole.index("act v")
    after = whole.index("act i\n", first)
    return whole[:first] + whole[after:], whole[first:after], letters.alphabet_of(whole)


def runs(sweep, seeds, sizes):
    """Return what is trained: experts, their width, `alpha` and seed of each run."""
    wanted = [(8, 32, alpha, 0) for alpha in sweep]
    wanted += [(8, 32, alpha, seed) for alpha, seed in product((0.0, BALANCED), seeds)]
    wanted += [(size, 32, alpha, 0) for size, alpha in product(sizes, (0.0, BALANCED))]
    return [*wanted, (1, 32, 0.0, 0), (1, 256, 0.0, 0)]


def learn(run, contexts, following, alphabet, steps, batch):
    """Train one model: its parameters, and per step the loads and how many were dropped."""
    experts, d_ff, alpha, seed = run
    rng = np.random.default_rng(seed)
    parameters = letters.draw(rng, alphabet, experts, d_ff=d_ff)
    states: dict = {}
    seen, dropped = [], []
    for _ in range(steps):
        some = rng.integers(0, len(contexts), batch)
        _, trip, gradients = letters.value_and_gradients(
            parameters, contexts[some], following[some], alpha, FACTOR
        )
        seen.append(loads(trip.experts, experts))
        dropped.append(int((~trip.kept).sum()))
        parameters, states = apply(adam, parameters, gradients, states, 0.003)
    return parameters, np.array(seen), np.array(dropped)


def halve(parameters):
    """Round parameters to half precision, as they are shipped."""
    return {name: value.astype(np.float16) for name, value in parameters.items()}


def widen(parameters):
    """Return shipped parameters in double precision."""
    return {name: value.astype(float) for name, value in parameters.items()}


def judge(parameters, text, alphabet, batch):
    """Return the mean surprise in nats at a text, with room for all and with little room."""
    contexts, following = letters.windows(letters.as_ids(text, alphabet))
    whole = len(contexts) // batch * batch
    pieces = zip(
        np.split(contexts[:whole], whole // batch),
        np.split(following[:whole], whole // batch),
        strict=True,
    )
    found = [[letters.surprise(parameters, *piece, factor).mean() for factor in (0.0, FACTOR)]
             for piece in pieces]  # fmt: skip
    return [float(value) for value in np.mean(found, axis=0)]


@job("switch-letters", obtained="trained", after=(TEXT,),
     parameters={"steps": 1000, "batch": 512, "every": 20, "seeds": [1, 2], "sizes": [2, 4, 16],
                 "sweep": [0.0, 0.001, 0.01, 0.1, 1.0, 10.0]},
     reduced={"steps": 20},
     tolerance=Tolerance(absolute=1e-6, relative=1e-6, why="sums in the order of another machine"),
     )  # fmt: skip
def switch_letters(context: Context) -> dict[str, object]:
    """Train models with one Switch layer on letters, at several strengths of the balancing loss."""
    p = context.parameters
    text, held, alphabet = texts(context)
    contexts, following = letters.windows(letters.as_ids(text, alphabet))
    wanted, rows, arrays = runs(p["sweep"], p["seeds"], p["sizes"]), [], {}
    for number, run in enumerate(wanted):
        trained, seen, dropped = learn(
            run, contexts, following, len(alphabet), p["steps"], p["batch"]
        )
        kept = halve(trained)
        free, tight = judge(widen(kept), held, alphabet, p["batch"])
        experts, d_ff, alpha, seed = run
        rows.append({"experts": experts, "d_ff": d_ff, "alpha": alpha, "seed": seed,
                     "surprise": free, "surprise_tight": tight,
                     "dropped": float(dropped[-100:].mean() / p["batch"]),
                     "loads": seen.reshape(-1, p["every"], experts).mean(axis=1).round(1).tolist(),
                     "drops": dropped.reshape(-1, p["every"]).mean(axis=1).round(1).tolist(),
                     })  # fmt: skip
        if seed == 0 and experts > 1 and alpha in (0.0, BALANCED):
            for name, value in kept.items():
                if experts == 8 or name in ("embedding", "router"):
                    arrays[f"{experts}-{'even' if alpha else 'free'}-{name}"] = value
        context.progress(number + 1, len(wanted), f"{run}: {free:.4f} nats a letter")
    context.note("letters", {"learnt from": len(text), "held out": len(held)})
    return {"runs.json": {"alphabet": alphabet, "runs": rows},
            "weights.npz": arrays, "act-five.txt": held}  # fmt: skip


@switch_letters.recheck
def _(context: Context) -> dict[str, float]:
    """Train the first run for a few steps, and judge the shipped model again."""
    p, found = context.parameters, context.asset("runs.json")
    text, held, alphabet = texts(context)
    contexts, following = letters.windows(letters.as_ids(text, alphabet))
    _, seen, _ = learn((8, 32, 0.0, 0), contexts, following, len(alphabet), p["steps"], p["batch"])
    first = np.array(found["runs"][0]["loads"][0])
    weights = context.asset("weights.npz")
    even = {name[7:]: weights[name] for name in weights if name.startswith("8-even-")}
    kept = next(r for r in found["runs"] if r["alpha"] == BALANCED and r["experts"] == 8)
    return {
        "loads": context.difference(seen[: p["every"]].mean(axis=0).round(1), first),
        "surprise": context.difference(
            judge(widen(even), held, alphabet, p["batch"])[0], kept["surprise"]
        ),
    }
