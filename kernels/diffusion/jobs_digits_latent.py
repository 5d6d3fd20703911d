"""The VAE and the GAN: digits out of a few numbers, by a bound on the evidence and by a contest."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from kernels.autodiff.networks import draw_mlp, he
from kernels.autodiff.optimisers import adam, adamw, warmup_cosine
from kernels.jobs import Context, job

from . import digits, quality
from . import digits_losses as losses
from . import digits_training as training
from .jobs_digits_shared import DATA, JUDGE, TIGHT, Digits, judged, learn, read, read_judge
from .weights import narrow, to_pixels, widen

VAE = {"latents": [2, 8], "hidden": [96, 64], "steps": 6000, "batch": 128, "blur": 0.25}


def draw_vae(generator: np.random.Generator, k: int, hidden: list[int]) -> dict[str, np.ndarray]:
    """Draw first weights of an encoder, a decoder and the logarithm of the decoder's variance."""
    encoder = draw_mlp(generator, (digits.PIXELS, *hidden, 2 * k))
    decoder = draw_mlp(generator, (k, *hidden[::-1], digits.PIXELS))
    return {
        **{f"encoder.{name}": values for name, values in encoder.items()},
        **{f"decoder.{name}": values for name, values in decoder.items()},
        "log_variance": np.array([-1.0]),
    }


def train_vae(context: Context, data: Digits, k: int) -> dict:
    """Train a VAE with `k` latent numbers; its state at the end."""
    p = context.parameters

    def step(state: dict, t: int) -> dict:
        g = np.random.default_rng([context.seed, k, t])
        images = data.images[g.choice(len(data.images), p["batch"])]
        fresh, blurred = g.normal(size=(len(images), k)), g.normal(images, p["blur"])
        rate = warmup_cosine(t, 2e-3, 100, p["steps"])
        batch, update = (images, fresh, blurred), partial(adamw, decay=0.3)
        return training.descend(state, t, losses.negative_bound, batch, rate, update)

    def check(state: dict) -> list[float]:
        slow = state["averages"]
        shown = (data.held_images, data.images)
        return [x for each in shown for x in bound_on(slow, each)] + [slow["log_variance"][0]]

    first = draw_vae(np.random.default_rng([context.seed, k]), k, p["hidden"])
    return learn(context, training.start(first, p["steps"]), step, check, p["steps"], f"latent-{k}")


def bound_on(parameters: Mapping, images: np.ndarray) -> list[float]:
    """Return surprise and divergence averaged over images, in nats, with one fixed draw each."""
    k = parameters["decoder.w0"].shape[0]
    fresh = np.random.default_rng(0).normal(size=(len(images), k))
    return [float(term.data.mean()) for term in losses.bound_terms(parameters, images, fresh)]


def evidence(parameters: Mapping, images: np.ndarray, draws: int) -> list[float]:
    """Return the evidence bound and the importance-weighted one from as many draws, in nats."""
    g, k = np.random.default_rng(0), parameters["decoder.w0"].shape[0]
    found = np.array(
        [losses.log_weights(parameters, images, g.normal(size=(len(images), k)))
         for _ in range(draws)]
    )  # fmt: skip
    tighter = np.logaddexp.reduce(found, axis=0) - np.log(draws)
    return [float(found.mean()), float(tighter.mean())]


VAE_CHECKS = ("step", "held_out_surprise", "held_out_divergence", "surprise", "divergence",
              "log_variance")  # fmt: skip


@job("digits-vae", obtained="trained", after=(DATA, JUDGE), seed=4, parameters=VAE,
     tolerance=TIGHT)  # fmt: skip
def digits_vae(context: Context) -> dict[str, object]:
    """Train variational autoencoders with two and with eight latent numbers, and judge them."""
    data, files = read(context), {}
    rows = []
    for k in context.parameters["latents"]:
        state = train_vae(context, data, k)
        kept = narrow(state["averages"])
        curve = training.stretches(state["losses"], 100)
        rows.append({"latents": k, **describe_vae(context, data, widen(kept), 500)})
        files[f"weights-{k}.npz"] = kept
        files[f"loss-{k}.csv"] = training.table(("step", "loss"), curve)
        files[f"checks-{k}.csv"] = training.table(VAE_CHECKS, state["checks"])
    context.note("bounds", {row["latents"]: row["bound"] for row in rows})
    return {**files, "quality.json": rows}


def describe_vae(context: Context, data: Digits, parameters: Mapping, draws: int) -> dict[str, Any]:
    """Return bounds, the error of reconstructions, and the judge's report on drawn digits."""
    encoder, decoder = losses.split(parameters, "encoder"), losses.split(parameters, "decoder")
    mean, _ = digits.encode(encoder, data.held_images)
    mended = digits.decode(decoder, mean).data
    k = mean.shape[1]
    latent = np.random.default_rng([context.seed, 1]).normal(size=(500, k))
    images = digits.decode(decoder, latent).data
    bound, tighter = evidence(parameters, data.held_images, draws)
    surprise, divergence = bound_on(parameters, data.held_images)
    return {
        "bound": bound,
        "importance_bound": tighter,
        "draws": draws,
        "surprise": surprise,
        "divergence": divergence,
        "mean_squared_error": float(((mended - data.held_images) ** 2).mean()),
        "recognised_after": quality.accuracy(read_judge(context), mended, data.held_labels),
        **judged(context, data, images),
    }


@digits_vae.recheck
def _(context: Context) -> dict[str, float]:
    data, found = read(context), {}
    for row in context.asset("quality.json"):
        parameters = widen(context.asset(f"weights-{row['latents']}.npz"))
        again = describe_vae(context, data, parameters, 1)
        for name in ("surprise", "divergence", "mean_squared_error", "frechet", "classes"):
            found[f"{name}-{row['latents']}"] = context.difference(again[name], row[name])
    return found


GAN = {
    "noise": 16,
    "steps": 5000,
    "batch": 64,
    "rate": 1e-3,
    "blurs": {"blurred": [0.5, 0.2], "bare": [0.0, 0.0]},
}


def train_gan(context: Context, data: Digits, judge: Mapping, name: str) -> dict:
    """Train generator and discriminator in turns; the state of both at the end.

    Noise is laid over all images that the discriminator sees, from the first to the second of the
    two deviations in `blurs` over the first half of the steps.
    """
    p, n = context.parameters, context.parameters["batch"]
    most, least = p["blurs"][name]
    generator = np.random.default_rng(context.seed)

    def step(state: dict, t: int) -> dict:
        g = np.random.default_rng([context.seed, t])
        blur = least + (most - least) * max(0.0, 1.0 - 2.0 * t / p["steps"])
        rate = warmup_cosine(t, p["rate"], 1, p["steps"], floor=0.1 * p["rate"])
        update = partial(adam, beta1=0.5)
        real = g.normal(data.images[g.choice(len(data.images), n)], blur)
        made = digits.generate(state["generator"]["parameters"], g.normal(size=(n, p["noise"])))
        sharper = training.descend(
            state["discriminator"], t, losses.discriminator_loss,
            (real, g.normal(made.data, blur)), rate, update,
        )  # fmt: skip

        def fool(parameters: Mapping, noise: Any, over: Any) -> Any:
            return losses.generator_loss(parameters, sharper["parameters"], noise, over)

        batch = (g.normal(size=(n, p["noise"])), g.normal(0.0, blur, (n, digits.PIXELS)))
        better = training.descend(state["generator"], t, fool, batch, rate, update)
        return {"generator": better, "discriminator": sharper}

    def check(state: dict) -> list[float]:
        counts, sure = quality.coverage(judge, staged(context, state["generator"]["averages"]))
        last = slice(max(0, state["t"] - 100), state["t"])
        both = (state[one]["losses"][last].mean() for one in ("discriminator", "generator"))
        return [*both, sure, quality.evenness(counts), *counts]

    width = p["noise"]
    first = {
        "generator": training.start(draw_mlp(generator, (width, 128, 128, 64), he), p["steps"]),
        "discriminator": training.start(draw_mlp(generator, (64, 128, 64, 1)), p["steps"]),
    }
    return learn(context, first, step, check, p["steps"], name)


def staged(context: Context, generator: Mapping) -> np.ndarray:
    """Return what a generator makes of the same 500 noises each time: `(500, 64)`."""
    noise = np.random.default_rng([context.seed, 1]).normal(size=(500, context.parameters["noise"]))
    return digits.generate(generator, noise).data


GAN_CHECKS = ("step", "discriminator", "generator", "sure", "evenness",
              *(f"digit_{label}" for label in range(10)))  # fmt: skip


@job("digits-gan", obtained="trained", after=(DATA, JUDGE), seed=6, parameters=GAN,
     tolerance=TIGHT)  # fmt: skip
def digits_gan(context: Context) -> dict[str, object]:
    """Train two adversaries on digits, with a record of both losses and of which digits come."""
    data, judge = read(context), read_judge(context)
    states = {name: train_gan(context, data, judge, name) for name in context.parameters["blurs"]}
    state = states["blurred"]
    kept = {name: narrow(state[name]["averages"]) for name in ("generator", "discriminator")}
    images = staged(context, widen(kept["generator"]))
    report = judged(context, data, images)
    context.note("frechet", report["frechet"])
    records = {}
    for name, each in states.items():
        curves = [training.stretches(each[one]["losses"], 50) for one in kept]
        both = np.column_stack([curves[0], curves[1][:, 1]])
        records[f"loss-{name}.csv"] = training.table(("step", *kept), both)
        records[f"checks-{name}.csv"] = training.table(GAN_CHECKS, each["checks"])
    return {
        **records,
        "generator.npz": kept["generator"],
        "discriminator.npz": kept["discriminator"],
        "quality.json": report,
        "samples.npy": to_pixels(images[:40]),
    }


@digits_gan.recheck
def _(context: Context) -> dict[str, float]:
    images = staged(context, widen(context.asset("generator.npz")))
    report, kept = judged(context, read(context), images), context.asset("quality.json")
    found = {name: context.difference(report[name], kept[name]) for name in kept}
    pixels = to_pixels(images[:40]).astype(int)
    return {**found, "samples": context.difference(pixels, context.asset("samples.npy"))}
