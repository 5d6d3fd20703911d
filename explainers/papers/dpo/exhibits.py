"""Exhibits of DPO: a policy that is a reward model, pairs that pull, votes too few, a courtier."""

from typing import Annotated

import numpy as np
from workings import Choice, Slider, breaks, claim, exhibit, subplots

from kernels.policy import direct, identity, optimum, preferences

# Six replies to "My train is cancelled. What now?": how good they are, which nobody is told, and
# how often a model that was never asked to please gives each.
REPLIES = {
    "The 9:15 runs. Your ticket is valid.": ("the 9:15", 2.0, 0.10),
    "Sorry! Shall I claim your refund?": ("refund", 1.5, 0.10),
    "Please see our website.": ("website", 0.0, 0.35),
    "Trains do get cancelled.": ("trains do", -0.8, 0.25),
    "I have never missed a train.": ("never", -1.2, 0.15),
    "Buy a car.": ("a car", -1.5, 0.05),
}
TEXTS = tuple(REPLIES)
SHORT = tuple(short for short, _, _ in REPLIES.values())
HIDDEN = optimum.centred(np.array([reward for _, reward, _ in REPLIES.values()]))
REFERENCE = np.log([share for _, _, share in REPLIES.values()])
ROWS = np.arange(len(TEXTS))
BETAS = (0.25, 0.5, 1.0, 2.0, 4.0)
PEOPLE = 6  # seeds the people who vote


def implied_by(policy, beta):
    """Return the rewards, mean 0, that a policy over the six replies implies."""
    return optimum.centred(optimum.implied_reward(policy, REFERENCE, beta))


def after(step):
    """Say how long training has gone on."""
    return f"After {step} steps" if step else "Before the first step"


def rings(ax, across):
    """Draw a ring in each row: an ink disc, and on it one of paper."""
    ax.scatter(across, ROWS, s=81, color="C0")
    ax.scatter(across, ROWS, s=40, color="w")


def draw_policy(ax, policy, best):
    """Draw how often each reply is given, with its text, the reference and the best policy."""
    rings(ax, np.exp(best))
    ax.barh(ROWS, np.exp(policy), height=0.16, color="C1")
    for row in ROWS:
        at = np.exp(REFERENCE[row])
        ax.plot([at, at], [row - 0.22, row + 0.22], color="C2", linewidth=2, linestyle="-")
        ax.text(0.0, row - 0.36, TEXTS[row])
    ax.set_xlim(0, 1)
    ax.set_ylim(5.5, -0.75)
    ax.set_yticks([])
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.set_title("how often it is said")


@exhibit(title="Train on who beat whom, and both columns find their rings")
def table(
    step: Annotated[int, Slider(0, 120, step=10, label="training steps", play=True)] = 20,
    beta: Annotated[
        float, Slider(0.25, 4, scale="log", stops=5, label="β, the price of straying")
    ] = 1.0,
):
    """A policy over six replies under DPO, and the rewards that it implies."""
    policy = direct.descend(REFERENCE, preferences.preference(HIDDEN), beta, step)[-1]
    best = optimum.optimal_policy(REFERENCE, HIDDEN, beta)
    implied = implied_by(policy, beta)
    fig, axs = subplots(1, 2, figsize=(6, 4.4))
    draw_policy(axs[0], policy, best)
    axs[1].axvline(0, color="C5", linewidth=1)
    rings(axs[1], HIDDEN)
    axs[1].scatter(np.clip(implied, -3, 3), ROWS, s=16, color="C1")
    axs[1].set_xlim(-3, 3)
    axs[1].set_ylim(5.5, -0.75)
    axs[1].set_xticks([-2, 0, 2])
    axs[1].set_yticks([])
    axs[1].set_title("reward that this implies")
    off = float(np.abs(implied - HIDDEN).max())
    if step == 0:
        rewards = "it is the reference, and implies one reward for all"
    elif off < 0.005:
        rewards = "its log-ratios are the hidden rewards to two decimals. No reward was ever fitted"
    else:
        rewards = f"its log-ratios miss the hidden rewards by at most {off:.2f}"
    sentence = (
        f"{after(step)} with β = {beta:g} the policy names the 9:15 in {np.exp(policy[0]):.0%} of "
        f"its replies; the best one would in {np.exp(best[0]):.0%}. In the other column {rewards}."
    )
    return (
        fig,
        sentence,
        {
            "reply": TEXTS,
            "reference": np.exp(REFERENCE),
            "policy": np.exp(policy),
            "best policy": np.exp(best),
            "hidden reward": HIDDEN,
            "implied reward": implied,
        },
    )


def unweighted(policy, reference, wins, beta):
    """Pull every pair as hard as before the first step, whatever the policy knows by now."""
    pull = 0.5 * wins / wins.sum()
    return -beta * (pull.sum(axis=1) - pull.sum(axis=0))


@exhibit(title="Train on, until every pair is pulled as hard one way as the other")
def pulling(
    step: Annotated[int, Slider(0, 120, step=10, label="training steps", play=True)] = 10,
    weight: Annotated[
        str, Choice("dpo", "none", label="weight", labels=("the policy's doubt (DPO)", "none"))
    ] = "dpo",
):
    """The share of each comparison in the gradient, and how far the policy strays."""
    wins = preferences.preference(HIDDEN)
    rules = {"none": unweighted, "dpo": direct.dpo_gradient}
    paths = {n: direct.descend(REFERENCE, wins, 1.0, 120, gradient=r) for n, r in rules.items()}
    pull = direct.pulls(paths[weight][step], REFERENCE, wins, 1.0) * wins.sum()
    if weight == "none":
        pull = 0.5 * wins
    fig, axs = subplots(1, 2, figsize=(6, 3.5))
    axs[0].imshow(pull, cmap="Greys", vmin=0, vmax=0.5)
    axs[0].set_xticks(ROWS, [str(row + 1) for row in ROWS])
    axs[0].set_yticks(ROWS, [f"{short} {row + 1}" for row, short in enumerate(SHORT)])
    axs[0].set_xlabel("over which reply")
    axs[0].set_title("pull of preferring…")
    best = optimum.divergence(optimum.optimal_policy(REFERENCE, HIDDEN, 1.0), REFERENCE)
    axs[1].axhline(best, color="C0", linewidth=1, linestyle=":")
    strayed = {name: optimum.divergence(path, REFERENCE) for name, path in paths.items()}
    for name, colour, label in (("none", "C3", "no weight"), ("dpo", "C1", "DPO")):
        axs[1].plot(range(121), strayed[name], color=colour, linestyle="-", label=label)
    axs[1].plot([step], [strayed[weight][step]], "o", color="C1" if weight == "dpo" else "C3")
    axs[1].set_ylim(0, 2.5)
    axs[1].set_xlim(0, 120)
    axs[1].set_xticks([0, 40, 80, 120])
    axs[1].set_xlabel("steps")
    axs[1].set_title("nats from the reference")
    axs[1].legend()
    forth, back = pull[0, 5], pull[5, 0]
    gap = float(np.abs(pull - pull.T).max())
    balance = (
        "every pair is pulled as hard one way as the other, and training rests"
        if gap < 0.005
        else f"the votes for the 9:15 over a car pull with {forth:.3f}, those against with "
        f"{back:.3f}"
    )
    sentence = (
        f"{after(step)} {balance}. The policy is {strayed[weight][step]:.2f} nats from the "
        f"reference; the best one, dotted, is {best:.2f} away."
    )
    return (
        fig,
        sentence,
        {
            "preferred": np.repeat(SHORT, 6),
            "to": np.tile(SHORT, 6),
            "how often": wins.ravel(),
            "pull": pull.ravel(),
        },
    )


@exhibit(title="Ask too few people, and no price keeps the policy near")
def votes(
    asked: Annotated[
        int,
        Choice(1, 3, 10, 100, 1000, label="people per pair", labels=("1", "3", "10", "100", "1,000")),
    ] = 1,
    beta: Annotated[
        float, Slider(0.25, 4, scale="log", stops=5, label="β, the price of straying")
    ] = 1.0,
):
    """How far DPO and IPO take the policy from the reference, trained on what people said."""
    wins = preferences.vote(np.random.default_rng(PEOPLE), HIDDEN, asked)
    dpo = direct.descend(REFERENCE, wins, beta, 400, rate=10.0)
    ipo = direct.descend(REFERENCE, wins, beta, 20, beta**2, identity.ipo_gradient)
    best = optimum.optimal_policy(REFERENCE, HIDDEN, beta)
    fig, axs = subplots(1, 2, figsize=(6, 4.4))
    draw_policy(axs[0], dpo[-1], best)
    wanted = optimum.divergence(best, REFERENCE)
    axs[1].axhline(wanted, color="C0", linewidth=1, linestyle=":")
    strayed, held = optimum.divergence(dpo, REFERENCE), optimum.divergence(ipo, REFERENCE)
    axs[1].plot([*range(1, 21), 400], [*held[1:], held[-1]], color="C3", linestyle="-", label="IPO")
    axs[1].plot(range(1, 401), strayed[1:], color="C1", linestyle="-", label="DPO")
    axs[1].set_xscale("log")
    axs[1].set_xlim(1, 400)
    axs[1].set_ylim(0, 2.5)
    axs[1].set_title("nats from the reference")
    axs[1].set_xlabel("steps, five times as long")
    axs[1].legend()
    unbeaten = [f"“{SHORT[row]}”" for row in ROWS if not wins[:, row].any()]
    climbing = preferences.decided(wins)
    if climbing and unbeaten:
        why = f"Nobody voted against {' or '.join(unbeaten)}, no reward is high enough for that, and"
    elif climbing:
        why = "Some replies never won against the rest, no reward is low enough for that, and"
    else:
        why = "Every reply lost some votes and won some, a finite reward fits them, and"
    sentence = (
        f"{why} DPO {'is still straying' if climbing else 'comes to rest'}: "
        f"{strayed[-1]:.2f} nats after 400 steps, where the best policy for the hidden reward, "
        f"dotted, strays {wanted:.2f}. IPO stops at {held[-1]:.2f}."
    )
    return (
        fig,
        sentence,
        {
            "reply": TEXTS,
            "votes for": wins.sum(axis=1),
            "votes against": wins.sum(axis=0),
            "DPO": np.exp(dpo[-1]),
            "IPO": np.exp(ipo[-1]),
            "best policy": np.exp(best),
        },
    )
