"""What it costs to keep a router even that learns: by a bias, by a loss on batches, or on texts.

Small models of Shakespeare's letters with `kernels.routing.affinity`'s layer, trained from nothing.
For one seed all begin with the same weights and read the same batches, so that they differ by what
keeps them even. Texts and the act kept from training are those of `jobs_letters`.
"""

import numpy as np

from kernels.autodiff.optimisers import adam, warmup_cosine
from kernels.autodiff.training import apply
from kernels.jobs import Context, Tolerance, job
from kernels.routing import affinity, letters
from kernels.routing.balance import bias_step, violation
from kernels.routing.dispatch import loads
from kernels.routing.jobs_letters import TEXT, halve, texts, widen

EXPERTS, TAKEN, RATE = 8, 2, 0.003
SHIPPED = (("free", 0.0), ("bias", 0.001), ("batch", 1.0))


def places(rng, letters_in_all, count, length):
    """Draw where `count` pieces of `length` letters begin: all their places, end to end."""
    return (rng.integers(0, letters_in_all - length, count)[:, None] + np.arange(length)).ravel()


def learn(kind, strength, seed, contexts, following, alphabet, p):
    """Train one model: its parameters, its bias, and the loads of every step."""
    rng = np.random.default_rng(seed)
    parameters, bias = letters.draw(rng, alphabet, EXPERTS), np.zeros(EXPERTS)
    states: dict = {}
    alpha = strength if kind in ("batch", "text") else 0.0
    seen = []
    for step in range(p["steps"]):
        some = places(rng, len(contexts), p["texts"], p["length"])
        _, visit, gradients = affinity.value_and_gradients(
            parameters, bias, contexts[some], following[some], TAKEN, alpha,
            p["texts"] if kind == "text" else 1,
        )  # fmt: skip
        seen.append(loads(visit.routed.experts, EXPERTS))
        rate = warmup_cosine(step, RATE, 0, p["schedule"])
        parameters, states = apply(adam, parameters, gradients, states, rate)
        bias = bias_step(bias, seen[-1], strength if kind == "bias" else 0.0)
    return parameters, bias, np.array(seen)


def judge(parameters, bias, text, alphabet, length):
    """Return the mean surprise at a text, and the fullest expert's load there and in its pieces."""
    contexts, following = letters.windows(letters.as_ids(text, alphabet))
    surprise = affinity.surprise(parameters, bias, contexts, following, TAKEN).mean()
    x = letters.embed(parameters, contexts)
    chosen = affinity.visit(x, letters.layer_of(parameters), bias, TAKEN).routed.experts
    whole = len(chosen) // length * length
    pieces = np.array([loads(own, EXPERTS) for own in np.split(chosen[:whole], whole // length)])
    return {"surprise": float(surprise), "held": float(violation(loads(chosen, EXPERTS))),
            "piece": float(violation(pieces).mean())}  # fmt: skip


@job("bias-letters", obtained="trained", after=(TEXT,),
     parameters={"steps": 1000, "schedule": 1000, "texts": 16, "length": 32, "every": 20,
                 "seeds": [0, 1, 2, 3, 4],
                 "sweep": {"free": [0.0], "bias": [0.0001, 0.001, 0.01, 0.1],
                           "batch": [0.01, 0.1, 1.0, 10.0], "text": [0.01, 0.1, 1.0, 10.0]}},
     reduced={"steps": 20},
     tolerance=Tolerance(absolute=1e-6, relative=1e-6, why="sums in the order of another machine"),
     )  # fmt: skip
def bias_letters(context: Context) -> dict[str, object]:
    """Train models of letters with sigmoid-gated experts, kept even in three ways or not at all."""
    p = context.parameters
    text, held, alphabet = texts(context)
    contexts, following = letters.windows(letters.as_ids(text, alphabet))
    wanted = [(kind, s, seed) for seed in p["seeds"] for kind in p["sweep"]
              for s in p["sweep"][kind]]  # fmt: skip
    rows, arrays = [], {}  # type: ignore[var-annotated]
    for number, (kind, strength, seed) in enumerate(wanted):
        trained, bias, seen = learn(kind, strength, seed, contexts, following, len(alphabet), p)
        kept = halve(trained)
        last = seen[-100:]
        row = {"kind": kind, "strength": strength, "seed": seed,
               **judge(widen(kept), bias, held, alphabet, p["length"]),
               "lasting": float(violation(last.sum(axis=0))),
               "batch": float(violation(last).mean())}  # fmt: skip
        if seed == p["seeds"][0]:
            row["loads"] = seen.reshape(-1, p["every"], EXPERTS).mean(axis=1).round(1).tolist()
        rows.append(row)
        if seed == p["seeds"][0] and (kind, strength) in SHIPPED:
            arrays |= {f"{kind}-{name}": value for name, value in {**kept, "bias": bias}.items()}
        context.progress(number + 1, len(wanted), f"{kind} {strength}: {row['surprise']:.4f} nats")
    context.note("letters", {"learnt from": len(text), "held out": len(held)})
    return {"runs.json": {"alphabet": alphabet, "runs": rows}, "weights.npz": arrays}


@bias_letters.recheck
def _(context: Context) -> dict[str, float]:
    """Train the run with the shipped bias for a few steps, and judge its shipped model again."""
    p, found = context.parameters, context.asset("runs.json")
    text, held, alphabet = texts(context)
    contexts, following = letters.windows(letters.as_ids(text, alphabet))
    row = next(
        r for r in found["runs"] if (r["kind"], r["strength"], r["seed"]) == (*SHIPPED[1], 0)
    )
    _, _, seen = learn("bias", 0.001, 0, contexts, following, len(alphabet), p)
    weights = context.asset("weights.npz")
    kept = widen({n[5:]: weights[n] for n in weights if n.startswith("bias-")})
    again = judge(kept, kept.pop("bias"), held, alphabet, p["length"])
    return {
        "loads": context.difference(seen[: p["every"]].mean(axis=0).round(1), row["loads"][0]),
        "surprise": context.difference(again["surprise"], row["surprise"]),
    }
