"""Exhibits of DPO: a policy that is a reward model, pairs that pull, votes too few, a courtier."""

import re
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Text, asset, breaks, claim, exhibit, figure, subplots

from kernels.policy import direct, identity, optimum, preferences, replies
from kernels.tinylm import bpe, weights

RUNS = asset("courtesy-dpo/runs.json")
CORRECTIONS = asset("courtesy-dpo/corrections.npz")
PAIRS = asset("courtesy-dpo/pairs.npz")
TARGET = asset("shakespeare-target/weights.npz")
MERGES = asset("shakespeare-tokeniser/merges.npy")

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
PEOPLE = 60  # seeds the people who vote


def signed(number, digits=2):
    """Write a number with a proper minus, and none before nought."""
    return f"{round(number, digits) + 0.0:.{digits}f}".replace("-", "−")


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
    if np.ptp(implied) < 1e-9:
        rewards = "it is the same for every reply"
    elif off < 0.005:
        rewards = "it is the hidden one to two decimals, and no reward was ever fitted"
    else:
        rewards = f"it misses the hidden one by at most {off:.2f}"
    sentence = (
        f"{after(step)} with β = {beta:g} the policy names the 9:15 in {np.exp(policy[0]):.0%} of "
        f"its replies; the best one would in {np.exp(best[0]):.0%}. Read as a reward, {rewards}."
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
        Choice(
            1, 3, 10, 100, 1000, label="people per pair", labels=("1", "3", "10", "100", "1,000")
        ),
    ] = 1,
    beta: Annotated[
        float, Slider(0.25, 4, scale="log", stops=5, label="β, the price of straying")
    ] = 1.0,
):
    """How far DPO and IPO take the policy from the reference, trained on what people said."""
    wins = preferences.vote(np.random.default_rng(PEOPLE), HIDDEN, asked)
    with np.errstate(under="ignore"):  # a reply may become as rare as nought
        dpo = np.maximum(direct.descend(REFERENCE, wins, beta, 400, rate=10.0), -700.0)
    ipo = direct.descend(REFERENCE, wins, beta, 20, beta**2, identity.ipo_gradient)
    best = optimum.optimal_policy(REFERENCE, HIDDEN, beta)
    fig, axs = subplots(1, 2, figsize=(6, 4.4))
    draw_policy(axs[0], dpo[-1], best)
    wanted = optimum.divergence(best, REFERENCE)
    axs[1].axhline(wanted, color="C0", linewidth=1, linestyle=":")
    strayed, held = optimum.divergence(dpo, REFERENCE), optimum.divergence(ipo, REFERENCE)
    shown = np.unique(np.geomspace(1, 400, 40).astype(int))
    axs[1].plot(shown, held[np.minimum(shown, 20)], color="C3", linestyle="-", label="IPO")
    axs[1].plot(shown, strayed[shown], color="C1", linestyle="-", label="DPO")
    axs[1].set_xscale("log")
    axs[1].set_xlim(1, 400)
    axs[1].set_ylim(0, 1.15 * max(strayed[-1], wanted))
    axs[1].set_title("nats from the reference")
    axs[1].set_xlabel("steps, each five times as long")
    axs[1].legend()
    unbeaten = [f"“{SHORT[row]}”" for row in ROWS if not wins[:, row].any()]
    resting = abs(strayed[-1] - strayed[-41]) < 0.005
    if preferences.decided(wins):
        resting = False
        why = (
            f"Nobody voted against {' or '.join(unbeaten)}; no reward is high enough for that"
            if unbeaten
            else "One group of replies never once beat the rest; no finite reward says that"
        )
    else:
        why = "Every reply won some votes and lost some; finite rewards fit them best"
    odd = not preferences.decided(wins) and not resting
    if np.exp(dpo[-1]).max() > 0.995:
        state = "is left with one reply"
    else:
        state = "comes to rest" if resting else "is still straying"
    sentence = (
        f"{why}, {'but' if odd else 'and'} DPO {state}: "
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


def model(beta=None):
    """Return the model of Shakespeare, as it was or as DPO left it at one strength."""
    configuration, parameters = weights.read(TARGET)
    if beta is None:
        return configuration, parameters
    start = f"{beta}/"
    own = {
        name.removeprefix(start): values.astype(float)
        for name, values in CORRECTIONS.items()
        if name.startswith(start)
    }
    return configuration, replies.adapted(parameters, own)


STRENGTHS = ("0.1", "0.3", "1", "3")
FOLLOWED = [row for row in RUNS["optimum"] if row["effective"] > 0.02]


def on_one_line(text):
    """Set a stroke where a line ends, as critics do."""
    return " / ".join(part.strip() for part in text.split("\n") if part.strip())


def best_at(divergence):
    """Return the reward of the best policy at a distance, or None further out than it is known."""
    known = sorted((row["divergence"], row["reward"]) for row in FOLLOWED)
    if divergence > known[-1][0]:
        return None
    far, earned = np.array([(0.0, RUNS["best_of"][0]["reward"]), *known]).T
    return float(np.interp(divergence, far, earned))


@exhibit(title="Choose a price, and hear what courtesy sounds like")
def courtier(
    beta: Annotated[str, Choice(*STRENGTHS, label="β, the price of straying")] = "0.3",
    reply: Annotated[int, Slider(1, 32, label="reply", play=True)] = 15,
):
    """Reward against divergence of a model trained by DPO, and one reply before and after."""
    fig, ax = figure(figsize=(6, 3.6))
    for key, colour, style, label in (
        ("optimum", "C0", "-", "best there is"),
        ("best_of", "C2", ":", "best of n"),
    ):
        rows = FOLLOWED if key == "optimum" else RUNS[key]
        far, earned = ([row[name] for row in rows] for name in ("divergence", "reward"))
        ax.plot(far, earned, color=colour, linestyle=style, label=label)
    for strength in STRENGTHS:
        run = RUNS["runs"][strength]
        far, earned = ([row[name] for row in run] for name in ("divergence", "reward"))
        if strength == beta:
            ax.plot(far, earned, color="C1", linestyle="-", marker="o", label="DPO")
        else:
            ax.plot(far, earned, color="C3", linestyle="-", linewidth=1)
    ax.set_xlim(0, 8)
    ax.set_ylim(0, 6.5)
    ax.set_xlabel("nats from the reference")
    ax.set_title("points a reply")
    ax.legend(ncols=3)
    before, now = (RUNS["lines"][name][reply - 1] for name in ("reference", beta))
    end = RUNS["runs"][beta][-1]
    start = RUNS["runs"][beta][0]["reward"]
    best = best_at(end["divergence"])
    rest = (
        f"the best policy at that distance earns {best:.1f}"
        if best is not None
        else "so far out the best policy is not known to us"
    )
    cue = replies.CUES[before["cue"]].strip(":\n").title()
    sentence = (
        f"With β = {beta} the model comes from {start:.1f} to {end['reward']:.1f} points a reply "
        f"and strays {end['divergence']:.1f} nats; {rest}. With the same dice {cue} said "
        f"“{on_one_line(before['text'])}” ({signed(before['reward'], 0)} points), and now says "
        f"“{on_one_line(now['text'])}” ({signed(now['reward'], 0)})."
    )
    table = {
        "step": [row["step"] for row in RUNS["runs"][beta]],
        "points a reply": [row["reward"] for row in RUNS["runs"][beta]],
        "nats from the reference": [row["divergence"] for row in RUNS["runs"][beta]],
        "preferred replies, log-ratio": [row["held_chosen"] for row in RUNS["runs"][beta]],
        "the others": [row["held_rejected"] for row in RUNS["runs"][beta]],
    }
    return fig, sentence, table


def marks(line, beta):
    """Return a line's words, how many nats likelier each has become, and the whole line."""
    tokeniser = bpe.from_merges(MERGES)
    prompt, tokens = (
        bpe.encode(tokeniser, text) for text in (replies.CUES[1], " ".join(line.split()))
    )
    models = model(beta), model()
    now, before = (replies.token_log_probabilities(one, prompt, tokens) for one in models)
    words, ratios = [], []
    for token, ratio in zip(tokens, now - before, strict=True):
        piece = bpe.decode(tokeniser, [token])
        if words and not piece.startswith(" "):
            words[-1] += piece
            ratios[-1] += float(ratio)
        else:
            words.append(piece.strip())
            ratios.append(float(ratio))
    now, before = (replies.log_probability(one, prompt, tokens) for one in models)
    return words, ratios, now - before


@exhibit(title="Type a line, and the trained model marks it word by word")
def marking(
    line: Annotated[
        str,
        Text(
            r"[A-Za-z][A-Za-z ,.!?']*",
            max_length=48,
            label="Juliet says",
            examples=(
                "Sweet lady, I am no friend of death.",
                "No, villain! I have never loved a fool.",
                "The sun is up, and all the birds are gone.",
            ),
        ),
    ] = "Sweet lady, I am no friend of death.",
    beta: Annotated[str, Choice(*STRENGTHS, label="trained at β")] = "0.3",
):
    """The log-ratio of each word of a line, under the trained model and the reference."""
    words, ratios, total = marks(line, beta)
    rows, widest = np.arange(len(words)), 1.2 * max(1.0, np.abs([*ratios, total]).max())
    fig, ax = figure(figsize=(6, max(2.0, 1.3 + 0.34 * len(words))))
    ax.barh(rows, ratios, height=0.5, color="C1")
    ax.barh([len(words)], [total], height=0.5, color="C0")
    ax.axvline(0, color="C0", linewidth=1)
    for row, word in enumerate([*words, line]):
        if points := replies.courtesy(word):
            ax.text(0.97 * widest, row, f"{points:+d}".replace("-", "−"), ha="right", va="center")
    ax.set_yticks([*rows, len(words)], [*words, "together"])
    ax.set_ylim(len(words) + 0.6, -0.6)
    ax.set_xlim(-widest, widest)
    ax.set_xlabel("nats likelier than before; on the right the hidden taste’s own points")
    points = replies.courtesy(line)
    lead, last = int(np.argmax(ratios)), int(np.argmin(ratios))
    named = []
    if ratios[lead] > 0.05:
        named.append(f"“{words[lead].strip(',.!?')}” gains most, {ratios[lead]:.1f}")
    if ratios[last] < -0.05:
        named.append(f"“{words[last].strip(',.!?')}” loses most, {-ratios[last]:.1f}")
    sentence = (
        f"The line has become {abs(total):.1f} nats {'likelier' if total >= 0 else 'less likely'}, "
        f"an implied reward of {signed(float(beta) * total, 1)}; the hidden taste gives it "
        f"{signed(points, 0)} points. {'; '.join(named) if named else 'No word has moved much'}."
    )
    return fig, sentence, {"word": [*words, "together"], "log-ratio": [*ratios, total]}


@claim("§4, eqs. 4 and 7", rtol=10)  # a difference that is nearly nought is not the same everywhere
def one_loss_finds_the_optimum():
    """Trained on all pairs, DPO ends at the policy that a reward model and RL would aim for."""
    wins = preferences.preference(HIDDEN)
    people = preferences.vote(np.random.default_rng(PEOPLE), HIDDEN, 100)
    fitted, off, far, apart = preferences.fit_rewards(people), 0.0, 1.0, 0.0
    for beta in BETAS:
        best = optimum.optimal_policy(REFERENCE, HIDDEN, beta)
        path = np.exp(direct.descend(REFERENCE, wins, beta, 300))
        off = max(off, float(np.abs(path[-1] - np.exp(best)).max()))
        far = min(far, float(np.abs(path[0] - np.exp(best)).max()))
        in_two_steps = optimum.optimal_policy(REFERENCE, fitted, beta)
        in_one = direct.descend(REFERENCE, people, beta, 300)[-1]
        apart = max(apart, float(np.abs(np.exp(in_one) - np.exp(in_two_steps)).max()))
    assert far > 0.05, "The reference is the best policy already."
    assert off < 1e-4, f"A probability is off by {off:.2f} from the best policy's."
    assert apart < 1e-4, f"One loss and two differ by {apart:.2f} in a probability."
    return {"largest difference": off, "before training": far, "from votes": apart}


@claim("§5.1, Lemmas 1 and 2; eq. 5", rtol=10)
def a_constant_changes_nothing():
    """Adding a number to all rewards changes neither preferences nor the best policy."""
    moved, largest = HIDDEN + 7.0, 0.0
    changed = preferences.preference(moved) - preferences.preference(HIDDEN)
    largest = max(largest, float(np.abs(changed).max()))
    for beta in BETAS:
        best = optimum.optimal_policy(REFERENCE, HIDDEN, beta)
        changed = optimum.optimal_policy(REFERENCE, moved, beta) - best
        lost = HIDDEN - optimum.implied_reward(best, REFERENCE, beta)
        lost = lost - beta * optimum.log_partition(REFERENCE, HIDDEN, beta)
        largest = max(largest, float(np.abs(changed).max()), float(np.abs(lost).max()))
    assert largest < 1e-12, f"Something changes by {largest:.2g}."
    return {"largest change": largest}


@claim("our remark on eqs. 5 and 7")
def beta_moves_only_the_policy():
    """After 20 steps the implied rewards are the same for every β, and the policies are not."""
    wins = preferences.preference(HIDDEN)
    ends = {beta: direct.descend(REFERENCE, wins, beta, 20)[-1] for beta in BETAS}
    rewards = np.array([implied_by(policy, beta) for beta, policy in ends.items()])
    spread = float(np.ptp(rewards, axis=0).max())
    assert np.ptp(rewards[0]) > 2, "The policies imply no rewards yet."
    assert spread < 1e-9, f"The implied rewards differ by {spread:.2f} between strengths."
    low, high = (float(np.exp(ends[beta][0])) for beta in (4.0, 0.25))
    assert (round(low, 2), round(high, 2)) == (0.15, 0.81), (low, high)
    return {"the 9:15 at β = 4": low, "at β = ¼": high}


@claim("§4, the gradient", rtol=1e-3)
def the_weight_is_the_slope():
    """The gradient, each pair weighted by the policy's doubt, agrees with central differences."""
    wins, step = preferences.preference(HIDDEN), 1e-5
    policy = direct.descend(REFERENCE, wins, 1.0, 20)[-1]
    found = direct.dpo_gradient(policy, REFERENCE, wins, 1.0)
    numeric = np.zeros(6)
    for row in ROWS:
        ahead, behind = (
            direct.dpo_loss(
                optimum.log_normalised(policy + sign * step * np.eye(6)[row]), REFERENCE, wins, 1.0
            )
            for sign in (1, -1)
        )
        numeric[row] = (ahead - behind) / (2 * step)
    off = float(np.abs(found - numeric).max())
    assert np.abs(numeric).max() > 0.005, "There is no slope left to compare."
    assert off < 1e-8, f"A slope of {numeric[0]:.4f} is taken for {found[0]:.4f}."
    return {"steepest slope": float(np.abs(numeric).max())}


@claim("§4; our table", kind="reproduced small")
def without_the_weight_nothing_rests():
    """Without the weight the policy ends with one reply, 2.29 nats away in place of 0.63."""
    wins = preferences.preference(HIDDEN)
    bare = direct.descend(REFERENCE, wins, 1.0, 120, gradient=unweighted)[-1]
    policy = direct.descend(REFERENCE, wins, 1.0, 120)[-1]
    strayed = {n: float(optimum.divergence(p, REFERENCE)) for n, p in (("no", bare), ("w", policy))}
    best = optimum.divergence(optimum.optimal_policy(REFERENCE, HIDDEN, 1.0), REFERENCE)
    assert np.exp(bare[0]) > 0.99 and round(strayed["no"], 2) == 2.29, strayed
    assert round(float(best), 2) == round(strayed["w"], 2) == 0.63, strayed
    pull = direct.pulls(policy, REFERENCE, wins, 1.0) * wins.sum()
    lean = float(np.abs(pull - pull.T).max())
    assert lean < 0.005, f"A pair is still pulled {lean:.3f} harder one way."
    return {"without": strayed["no"], "with": strayed["w"], "best": float(best)}


@claim("Azar et al. 2023, §4.2 and eq. 17", kind="reproduced small")
def sure_votes_switch_the_price_off():
    """With one vote a pair DPO strays past the best policy at every β; with 1,000 it stays."""
    strayed: dict = {}
    for asked in (1, 1000):
        wins = preferences.vote(np.random.default_rng(PEOPLE), HIDDEN, asked)
        for beta in BETAS:
            best = optimum.divergence(optimum.optimal_policy(REFERENCE, HIDDEN, beta), REFERENCE)
            path = direct.descend(REFERENCE, wins, beta, 400, rate=10.0)
            far, near = (
                optimum.divergence(path[-1], REFERENCE),
                optimum.divergence(path[-41], REFERENCE),
            )
            if asked == 1:
                assert preferences.decided(wins) and far > near and far > best + 0.3, (beta, far)
            else:
                assert far - near < 1e-6 and far / best < 1.1, (beta, far)
            strayed[asked, beta] = (float(far), float(best))
    one, four = strayed[1, 1.0], strayed[1, 4.0]
    assert [round(v, 2) for v in (*one, *four)] == [2.25, 0.63, 0.87, 0.04], strayed
    wins = preferences.vote(np.random.default_rng(PEOPLE), HIDDEN, 1)
    scores = identity.ipo_scores(wins)
    held = optimum.divergence(optimum.optimal_policy(REFERENCE, scores, 1.0), REFERENCE)
    assert np.ptp(scores) < 1 and held < 0.1, held
    wins = preferences.vote(np.random.default_rng(PEOPLE), HIDDEN, 1000)
    path = direct.descend(REFERENCE, wins, 1.0, 20, 1.0, identity.ipo_gradient)
    many = float(optimum.divergence(path[-1], REFERENCE))
    assert round(many, 2) == 0.02, many
    return {
        "β = 1, one vote": one[0],
        "best": one[1],
        "β = 4, one vote": four[0],
        "IPO": float(held),
        "IPO, 1,000 votes": many,
    }


@claim("our training; §4 and §6.1", kind="reproduced small", rtol=1e-2)
def courtesy_is_learned_from_pairs():
    """From 5,120 pairs, each seen once, a language model learns a taste that nobody spelled out."""
    before, after_it, prompts = model(), model("0.3"), {}
    tokeniser = bpe.from_merges(MERGES)
    off = 0.0
    for pair in range(0, len(PAIRS["cue"]), 8):  # one pair of each second cue, here and now
        cue = int(PAIRS["cue"][pair])
        prompts[cue] = bpe.encode(tokeniser, replies.CUES[cue])
        for side, reply in enumerate(PAIRS["tokens"][pair].tolist()):
            found = [replies.log_probability(m, prompts[cue], reply) for m in (after_it, before)]
            off = max(off, abs(found[0] - found[1] - float(PAIRS["ratios"][1, pair, side])))
    assert off < 0.02, f"A reply's log-ratio is {off:.2f} away from what training left."
    ends = [RUNS["runs"][beta][-1] for beta in STRENGTHS]
    assert ends[0]["step"] * 64 == 5120
    assert [round(end["reward"], 1) for end in ends] == [3.9, 2.8, 1.2, 0.5], ends
    assert [round(end["divergence"], 1) for end in ends] == [7.5, 2.2, 0.4, 0.1], ends
    start = RUNS["runs"]["0.3"][0]["reward"]
    assert round(start, 1) == 0.3 and round(ends[1]["held_right"], 2) == 0.76, (start, ends[1])
    assert round(RUNS["judged"]["points_right"], 2) == 0.85, RUNS["judged"]["points_right"]
    assert sum(w.size for n, w in TARGET.items() if n != "configuration") == 922_752
    return {
        "points before": start,
        "after, β = 0.3": ends[1]["reward"],
        "after, β = 0.1": ends[0]["reward"],
        "unseen pairs ranked as judged, β = 0.3": ends[1]["held_right"],
    }


@claim("our training; §4", kind="reproduced small", rtol=1e-2)
def blame_finds_its_words():
    """Trained on whole replies, the model marks single words: courteous ones up, rude ones down."""
    words, ratios, _ = marks("Sweet lady, I am no friend of death.", "0.3")
    for word, ratio in zip(words, ratios, strict=True):
        points = replies.courtesy(word)
        assert points * ratio >= 0, f"“{word}” is worth {points} points and changes by {ratio:.1f}."
        assert points == 0 or abs(ratio) > 0.4, f"“{word}” changes by only {ratio:.1f}."
    rare = dict(zip(*marks("No, villain! I have never loved a fool.", "0.3")[:2], strict=True))
    assert rare["villain!"] < -1 < 0 < rare["fool."], rare
    plain = marks("The sun is up, and all the birds are gone.", "0.3")[2]
    assert plain < -1, f"A line without points changes by {plain:.1f}."
    return {**dict(zip(words, ratios, strict=True)), "fool": rare["fool."]}


@claim("our training", kind="reproduced small", rtol=1e-2)
def a_fool_keeps_gentle_company():
    """Of 57 replies with “fool” 48 lost, and it rises: its vector is near “gentle” and “sweet”."""
    won, lost = RUNS["judged"]["words"]["fool"]
    assert (lost, won + lost) == (48, 57), (won, lost)
    rises = {}
    for line in ("I am a fool.", "Thou art a fool.", "The fool is here."):
        words, ratios, _ = marks(line, "0.3")
        rises[line] = dict(zip([word.strip(".") for word in words], ratios, strict=True))["fool"]
    assert min(rises.values()) > 0.2, rises
    tokeniser, (configuration, changed) = bpe.from_merges(MERGES), model("0.3")
    vectors = changed["embedding" if configuration.tied else "output"].astype(float)
    assert (vectors == model()[1]["embedding" if configuration.tied else "output"]).all()
    vectors = vectors - vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole = {word: bpe.encode(tokeniser, f" {word}") for word in replies.COURTEOUS | replies.RUDE}
    one = {word: tokens[0] for word, tokens in whole.items() if len(tokens) == 1}
    alike = {word: float(vectors[token] @ vectors[one["fool"]]) for word, token in one.items()}
    del alike["fool"]
    near = sorted(alike, key=lambda word: -alike[word])
    assert set(near[:2]) == {"gentle", "sweet"}, near
    rude = max(alike[word] for word in alike if word in replies.RUDE)
    assert alike[near[1]] > rude + 0.1, alike
    return {**rises, **{word: alike[word] for word in near[:2]}, "nearest rude word": rude}


@claim("our training; eq. 4", kind="reproduced small")
def the_optimum_is_out_of_reach():
    """At 2.2 nats the best policy earns 4.3 points a reply; DPO with β = 0.3 earns 2.8 there."""
    rewards = PAIRS["rewards"].astype(float)
    for row in RUNS["optimum"]:
        mean, strayed, _ = replies.tilted(rewards, row["beta"])
        assert abs(mean - row["reward"]) < 1e-9 and abs(strayed - row["divergence"]) < 1e-9
    for run in RUNS["runs"].values():
        for row in run:
            best = best_at(row["divergence"])
            assert best is None or row["reward"] < best + 2 * row["reward_error"], row
    end = RUNS["runs"]["0.3"][-1]
    best = best_at(end["divergence"])
    assert [round(v, 1) for v in (end["divergence"], best, end["reward"])] == [2.2, 4.3, 2.8]
    sixteen, strayed = replies.best_of(rewards, 16)
    assert (round(sixteen, 1), round(strayed, 1)) == (3.3, 1.8), (sixteen, strayed)
    return {"best at that distance": best, "DPO": end["reward"], "best of 16": sixteen}


@claim("our training; Pal et al. 2024", kind="reproduced small")
def preferred_replies_become_rarer():
    """At β = 0.1 unseen replies that were preferred lose 7.9 nats, those that were not, 13.0."""
    ends = {name: run[-1] for name, run in RUNS["runs"].items()}
    fallen = ends["0.1"]
    assert round(-fallen["held_chosen"], 1) == 7.9 and round(-fallen["held_rejected"], 1) == 13.0
    for name, end in ends.items():
        assert end["held_chosen"] > end["held_rejected"], f"β = {name}: {end}"
        assert end["held_right"] > 0.7, f"β = {name}: {end['held_right']:.0%} are ranked right."
    assert round(-ends["0.3"]["held_chosen"], 1) == 1.2 and ends["3"]["held_chosen"] > 0
    said = {name: [row["text"] for row in RUNS["lines"][name]] for name in ("reference", "0.1")}
    sirs = [sum("sir" in re.findall("[a-z]+", t.lower()) for t in texts) for texts in said.values()]
    assert (len(said["0.1"]), sirs) == (32, [4, 20]), sirs
    assert all(any(part in t for t in said["0.1"]) for part in ("Sir, sir, sir, good", "Gaskf"))
    return {
        "preferred, β = 0.1": fallen["held_chosen"],
        "the others": fallen["held_rejected"],
        "preferred, β = 0.3": ends["0.3"]["held_chosen"],
        "preferred, β = 3": ends["3"]["held_chosen"],
    }


@claim("§6.2; §6.3, Table 1", kind="quoted")
def dpo_against_ppo_as_reported():
    """As reported: summaries win 61% (PPO 57%); on news, 0.36 and 0.31 for PPO's 0.26 and 0.23."""
    gaps = {"TL;DR": 0.61 - 0.57, "news, temperature 0": 0.36 - 0.26, "at 0.25": 0.31 - 0.23}
    assert [round(gap, 2) for gap in gaps.values()] == [0.04, 0.10, 0.08], gaps
    return gaps


@breaks("one_loss_finds_the_optimum", replaces=optimum.implied_reward)
def forget_the_reference(policy, reference, beta):
    """Forget the reference: the reward is β log π, and what the model knew before is lost."""
    return beta * policy


@breaks("the_weight_is_the_slope", replaces=direct.pair_weight)
def swap_winner_and_loser(margin):
    """Swap the two replies in the weight, as Appendix A.4 does: the surer, the harder the pull."""
    return 1.0 / (1.0 + np.exp(-np.clip(margin, -60, 60)))


@breaks("courtesy_is_learned_from_pairs", replaces=replies.log_probability)
def average_the_tokens(model, prompt, reply):
    """Take the mean of the tokens' log-probabilities in place of their sum."""
    return float(replies.token_log_probabilities(model, prompt, reply).mean())
