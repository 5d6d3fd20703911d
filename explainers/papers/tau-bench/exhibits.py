"""Exhibits of τ-bench: one average, many fates; 200 real trials; a shop; leaderboards re-run."""

from functools import cache
from itertools import combinations, product
from math import erf
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Toggle, breaks, claim, exhibit, figure, subplots

from kernels.evaluation import intervals, published, shop, spread, trials

TASKS, TRIALS = 40, 8  # of the first exhibit

# sierra-research/tau-bench, README: pass^1 to pass^4, all rows that are complete; the agents call
# functions where nothing else is said
LEADERBOARD = {
    "airline": {
        "claude-3-5-sonnet-20241022": (0.460, 0.326, 0.263, 0.225),
        "gpt-4o": (0.420, 0.273, 0.220, 0.200),
        "claude-3-5-sonnet-20240620": (0.360, 0.224, 0.169, 0.139),
        "gpt-4o-mini": (0.225, 0.140, 0.110, 0.100),
        "gpt-4o, Act": (0.365, 0.217, 0.160, 0.140),
        "gpt-4o, ReAct": (0.325, 0.233, 0.185, 0.160),
    },
    "retail": {
        "claude-3-5-sonnet-20241022": (0.692, 0.576, 0.509, 0.462),
        "gpt-4o": (0.604, 0.491, 0.430, 0.383),
        "claude-3-5-sonnet-20240620": (0.626, 0.506, 0.435, 0.387),
    },
}


def some(count, one, many=None):
    """Write a number with its noun: no task, 1 task, 2 tasks."""
    return f"{count or 'no'} {one if count == 1 else many or one + 's'}"


def times(count):
    """Write how often: 0 times, once, 2 times."""
    return "once" if count == 1 else f"{count} times"


@cache
def luck():
    """Return one draw for each trial of each task: evenly spread over the tasks, in any order."""
    generator = np.random.default_rng(3)
    return (generator.permuted(np.tile(np.arange(TASKS), (TRIALS, 1)), axis=1) + 0.5) / TASKS


def draw_grid(ax, solved, full, size):
    """Draw successes as squares, a column for each task; columns without a failure in colour."""
    rows, columns = np.nonzero(~solved)
    ax.scatter(columns, rows, s=size / 9, marker="s", color="C4")
    for chosen, colour in ((~full, "C0"), (full, "C1")):
        rows, columns = np.nonzero(solved & chosen[None, :])
        ax.scatter(columns, rows, s=size, marker="s", color=colour)
    ax.set_xlim(-0.8, solved.shape[1] - 0.2)
    ax.set_ylim(solved.shape[0] - 0.3, -0.7)


@exhibit(title="One average, many agents: let the tasks differ less, and reliability goes")
def one_average(
    differ: Annotated[
        float, Slider(0, 1, step=0.1, label="how much tasks differ", play=True)
    ] = 0.4,
    k: Annotated[int, Slider(1, 8, label="k, trials in a row")] = 8,
    mean: Annotated[int, Choice(35, 61, 90, label="average", labels=("35%", "61%", "90%"))] = 61,
):
    """Trials of 40 tasks with one average, and what is left of it when all k must succeed."""
    p = spread.chances(mean / 100, differ, TASKS)
    solved = luck() < p
    first = solved[:k]
    full, some_of = first.all(axis=0), first.any(axis=0)
    ks = np.arange(1, TRIALS + 1)
    every = [spread.pass_hat(mean / 100, differ, int(j)) for j in ks]
    one = [spread.pass_at(mean / 100, differ, int(j)) for j in ks]
    drawn = [trials.pass_hat(TRIALS, solved.sum(axis=0), int(j)) for j in ks]
    fig, axs = subplots(2, 1, figsize=(6, 5.2), height_ratios=(2, 3))
    draw_grid(axs[0], first, full, 62)
    axs[0].set_ylim(TRIALS - 0.3, -0.7)
    axs[0].set_yticks([0, k - 1] if k > 1 else [0], ["1", str(k)] if k > 1 else ["1"])
    axs[0].set_xticks([])
    axs[0].set_ylabel("trial")
    axs[0].set_title("40 tasks, the hardest on the left")
    axs[1].plot(ks, one, color="C0", linestyle="-", label="pass@k: at least one of k")
    axs[1].axhline(mean / 100, color="C3", linewidth=1, linestyle="--")
    axs[1].plot(ks, every, color="C1", linestyle="-", label="pass^k: all k")
    axs[1].plot(ks, drawn, "o", color="C1", markersize=4, label="pass^k of these trials")
    axs[1].plot([k, k], [every[k - 1], one[k - 1]], color="C3", linewidth=1, linestyle=":")
    axs[1].plot([k], [one[k - 1]], "o", color="C0", markersize=7)
    axs[1].plot([k], [every[k - 1]], "o", color="C1", markersize=7)
    axs[1].text(6.5, mean / 100 + 0.03, "pass^1", ha="center", color="C3")
    axs[1].set_xlim(0.7, 8.3)
    axs[1].set_ylim(0, 1.04)
    axs[1].set_xticks(ks)
    axs[1].set_xlabel("k")
    axs[1].set_ylabel("share of tasks")
    axs[1].legend(ncols=2)
    kind = (
        "all tasks are alike"
        if differ == 0
        else "a task is solved always or never"
        if differ == 1
        else f"tasks differ by {differ:.1f}"
    )
    if k == 1:
        ahead = f"One trial succeeds {mean}% of the time when {kind}, and one trial says no more."
    else:
        together = "both" if k == 2 else f"all {k}"
        ahead = (
            f"One trial succeeds {mean}% of the time. When {kind}, {together} do on "
            f"{every[k - 1]:.1%} of the tasks, and at least one does on {one[k - 1]:.1%}."
        )
    drawn_here = (
        f"all succeed on {some(int(full.sum()), 'task')}, at least one on {some_of.sum()}"
        if k > 1
        else f"it succeeds on {full.sum()}"
    )
    sentence = f"{ahead} In this draw of 40 tasks {drawn_here}."
    table = {"k": ks, "pass^k": every, "pass@k": one, "pass^k of these trials": drawn}
    return fig, sentence, table


@cache
def airline():
    """Return the 200 published trials: `(50, 4)`."""
    return published.marks(published.GPT_4O_AIRLINE)


def shelved():
    """Return which tasks an agent passes that writes nothing and says nothing of note: `(50,)`."""
    passed = np.zeros(len(airline()), dtype=bool)
    passed[list(published.NO_WRITES)] = True
    passed[list(published.NO_WRITES_BUT_WORDS)] = False
    return passed


@exhibit(
    title="200 conversations that gpt-4o really had: which tasks are left when all k must go well?"
)
def real_trials(
    k: Annotated[int, Slider(1, 4, label="k, trials that must succeed", play=True)] = 2,
    order: Annotated[
        str, Choice("number", "successes", labels=("by number", "by successes"))
    ] = "successes",
    idle: Annotated[bool, Toggle("underline what inaction passes")] = False,
):
    """Published trials as marks, what each task adds to pass^k, and pass^k with its interval."""
    solved, passed = airline(), shelved()
    n = solved.shape[1]
    counts = solved.sum(axis=1)
    place = np.arange(50) if order == "number" else np.argsort(counts, kind="stable")
    added = trials.all_of(n, counts, k)
    fig, axs = subplots(3, 1, figsize=(6, 6.4), height_ratios=(1.0, 0.8, 2.6))
    draw_grid(axs[0], solved[place].T, (counts == n)[place], 44)
    axs[0].set_ylim(4.5 if idle else 3.7, -0.7)
    axs[0].set_yticks([0, 3], ["1", "4"])
    axs[0].set_xticks([])
    axs[0].set_ylabel("trial")
    if idle:
        here = np.nonzero(passed[place])[0]
        axs[0].scatter(here, np.full(len(here), 4.1), s=40, marker="_", color="C0")
    axs[1].bar(np.arange(50), added[place], width=0.8, color="C1")
    axs[1].set_xlim(-0.8, 49.8)
    axs[1].set_ylim(0, 1.05)
    axs[1].set_yticks([0, 1])
    axs[1].set_xticks([])
    axs[1].set_ylabel(f"what it adds to pass^{k}")
    ks = np.arange(1, n + 1)
    every = [trials.pass_hat(n, counts, int(j)) for j in ks]
    one = [trials.pass_at(n, counts, int(j)) for j in ks]
    bounds = [whiskers(n, tuple(counts), int(j)) for j in ks]
    ax = axs[2]
    ax.plot(ks, one, color="C0", linestyle="-", marker="o", markersize=4, label="pass@k")
    ax.plot(ks, every, color="C1", linestyle="-", marker="o", markersize=4, label="pass^k")
    for j, (low, high) in zip(ks, bounds, strict=True):
        ax.plot([j, j], [low, high], color="C1", linewidth=3 if j == k else 1)
    ax.plot(ks, every[0] ** ks, color="C3", linestyle="--", label="if all tasks were alike")
    if idle:
        ax.axhline(passed.mean(), color="C0", linewidth=1, linestyle=":")
        ax.text(4.22, passed.mean() + 0.025, "inaction", ha="right", color="C0")
    ax.set_xlim(0.8, 4.25)
    ax.set_ylim(0, 0.85)
    ax.set_xticks(ks)
    ax.set_xlabel("k")
    ax.set_ylabel("share of tasks")
    ax.legend(ncols=3)
    low, high = bounds[k - 1]
    always, never = int((counts == n).sum()), int((counts == 0).sum())
    sentence = (
        f"gpt-4o solved {always} of 50 tasks all four times and {never} never. From these trials "
        f"pass^{k} is {every[k - 1]:.1%} and pass@{k} {one[k - 1]:.1%}. Choose 50 tasks anew from "
        f"these, some twice: 95% of the time pass^{k} lies between {low:.1%} and {high:.1%}."
    )
    if idle:
        sentence += (
            f" An agent that does nothing passes {int(passed.sum())}, {passed.mean():.0%}, "
            f"every time; {int((passed & (counts == n)).sum())} of the {always} are among them."
        )
    table = {
        "k": ks,
        "pass^k": every,
        "lowest": [b[0] for b in bounds],
        "highest": [b[1] for b in bounds],
        "pass@k": one,
    }
    return fig, sentence, table


def whiskers(n, counts, k):
    """Return the 95% interval of pass^k over choices of tasks."""
    return intervals.interval(trials.all_of(n, np.array(counts), k), np.random.default_rng(0))


ITEMS = ["lamp, bright, mains", "chair, leather"]
WANTED = ["lamp, dim, mains", "chair, mesh"]


def say(words):
    """Return something said to the customer."""
    return shop.Call("say", {"words": words})


def hear(words):
    """Return something that the customer says."""
    return shop.Call("hear", {"words": words})


def swap(items, new_items):
    """Return an exchange of items of the customer's order, paid back on her gift card."""
    arguments = {"order": "W7", "items": items, "new_items": new_items, "pays": "gift card"}
    return shop.Call("exchange", arguments)


TASK = shop.Task(
    "You are Ada Okafor in 20144. You want a dimmer lamp, mains rather than battery, and a chair "
    "without leather, the money on your gift card. You want to know what you save.",
    (swap(ITEMS, WANTED),),
    ("37",),
)
OPENING = [
    hear("A dimmer lamp, please, mains over battery,"),
    hear("and a chair without leather. What do I save?"),
    say("Your name and zip code?"),
    hear("Ada Okafor, 20144."),
    shop.Call("find_user", {"name": "Ada Okafor", "zip_code": "20144"}),
    shop.Call("order", {"order": "W7"}),
    shop.Call("product", {"product": "lamp"}),
]
OFFER = [say("Dim mains lamp, mesh chair: you save $37. Yes?"), hear("Yes, on my gift card.")]
THANKS = say("Done. $37 go to your gift card.")
PATHS = {
    "right": [*OPENING, *OFFER, swap(ITEMS, WANTED), THANKS],
    "wrong row": [*OPENING, *OFFER, swap(ITEMS, ["lamp, dim, battery", "chair, mesh"]), THANKS],
    "one by one": [
        *OPENING,
        *OFFER,
        swap(ITEMS[:1], WANTED[:1]),
        swap(ITEMS[1:], WANTED[1:]),
        THANKS,
    ],
    "no sum": [
        *OPENING,
        say("Dim mains lamp and mesh chair? Yes?"),
        hear("Yes, on my gift card."),
        swap(ITEMS, WANTED),
        say("Done. Enjoy your lamp and chair."),
    ],
    "not asked": [*OPENING, swap(ITEMS, WANTED), say("Done. You save $37, on your gift card.")],
}
STEPS = max(len(calls) for calls in PATHS.values())
SHORT = {
    "find_user": "find_user(Ada Okafor, 20144)",
    "order": "order(W7)",
    "product": "product(lamp)",
}


def written(call, answer):
    """Return who does something in a conversation, and how it is drawn."""
    if call.name == "say":
        return "agent", f"“{call.arguments['words']}”"
    if call.name == "hear":
        return "customer", f"“{call.arguments['words']}”"
    if call.name == "exchange":
        new = " + ".join(item.split(", ", 1)[1] for item in call.arguments["new_items"])
        return "tool", f"exchange → {new}: {answer.removeprefix('Error: ')}"
    return "tool", SHORT[call.name]


def order_rows(database):
    """Return the customer's order as rows of a table: what, and what it says."""
    held = database["orders"]["W7"]
    return {
        "lamp": held["items"][0].removeprefix("lamp, "),
        "chair": held["items"][1].removeprefix("chair, "),
        "status": held["status"],
        "money": held["paid by"],
    }


@exhibit(title="Listen to the words, then look at the row: what is the conversation worth?")
def replay(
    path: Annotated[
        str,
        Choice(
            *PATHS,
            label="the agent",
            labels=(
                "does it right",
                "writes the wrong row",
                "takes one by one",
                "names no sum",
                "doesn’t ask first",
            ),
        ),
    ] = "wrong row",
    step: Annotated[int, Slider(0, STEPS, label="after step", play=True)] = STEPS,
):
    """Replay a conversation in a small shop; below, the order as it is, the goal, the reward."""
    calls = PATHS[path][:step]
    seen = shop.replay(calls)
    now = order_rows(seen[-1][1] if seen else shop.fresh())
    goal = order_rows(shop.goal(TASK))
    reward = shop.judge(calls, TASK)
    wrong = [what for what in goal if now[what] != goal[what]]
    fig, ax = figure(figsize=(6, 6.2))
    for row, (call, (answer, _)) in enumerate(zip(calls, seen, strict=True)):
        who, words = written(call, answer)
        ax.text(0, row, who, va="center", color="C3", fontsize=13)
        colour = "C1" if call.name in shop.WRITES else "C2" if who == "tool" else "C0"
        ax.text(18, row, words, va="center", color=colour, fontsize=13)
    top = STEPS + 0.5
    ax.axhline(top - 0.4, color="C5", linewidth=1)
    for x, word in ((0, "order W7"), (21, "now"), (56, "goal")):
        ax.text(x, top + 0.5, word, va="center", color="C3", fontsize=13)
    for row, what in enumerate(goal):
        y = top + 1.5 + row
        off = what in wrong
        ax.text(0, y, what, va="center", color="C3", fontsize=13)
        ax.text(21, y, now[what], va="center", fontsize=13, color="C1" if off else "C0",
                fontweight="bold" if off else None)  # fmt: skip
        ax.text(56, y, goal[what], va="center", fontsize=13, color="C0")
    y = top + 6.3
    ax.axhline(y - 0.8, color="C5", linewidth=1)
    parts = (f"r_action = {reward.action}", "×", f"r_output = {reward.output}", "=",
             f"reward {reward.total}")  # fmt: skip
    for x, word in zip((0, 24, 30, 55, 61), parts, strict=True):
        ax.text(x, y + 0.2, word, va="center", color="C1" if x == 61 else "C0", fontsize=13,
                fontweight="bold" if x == 61 else None)  # fmt: skip
    ax.set_xlim(-1, 100)
    ax.set_ylim(y + 0.9, -0.8)
    ax.set_axis_off()
    several = ", ".join(wrong[:-1]) + " and " if len(wrong) > 1 else ""
    differs = (
        f"the order’s {several}{wrong[-1]} {'differ' if several else 'differs'} from the goal"
        if wrong
        else "the order is what it should be"
    )
    named = any("37" in c.arguments["words"] for c in calls if c.name == "say")
    ends = f"after {some(len(calls), 'step')}" if calls else "before the first step"
    sentence = (
        f"If the customer hangs up {ends}, {differs}, and the saving has "
        f"{'been named' if named else 'not been named'}: the reward is {reward.action} × "
        f"{reward.output} = {reward.total}."
    )
    obeyed = zip(calls, seen, strict=True)  # what a tool refused breaks no rule
    broken = shop.rules_broken([c for c, (answer, _) in obeyed if not answer.startswith("Error")])
    if broken:
        sentence += f" The agent {broken[0]}, against the shop’s rules; the reward doesn’t look."
    table = {"order W7": list(goal), "now": list(now.values()), "goal": list(goal.values())}
    return fig, sentence, table


BOARDS, SEED = 300, 1
FITTED = (0.42, 0.4)  # average and spread of gpt-4o's published trials


def counts_of(n, p):
    """Return the chance of each number of successes in n trials, a row for each task."""
    return np.array([trials.count_chances(n, float(own)) for own in p])


def pairs_of_counts(n, gap, shared):
    """Return how likely each pair of successes is on one task, worse agent first: `(n + 1, n + 1)`.

    Where hardness is shared, the task that is the worse agent's hardest is the other's as well.
    """
    a, b = (spread.chances(mean, FITTED[1], 100) for mean in (FITTED[0], FITTED[0] + gap / 100))
    first, second = counts_of(n, a), counts_of(n, b)
    if shared:
        return first.T @ second / len(first)
    return np.outer(first.mean(axis=0), second.mean(axis=0))


def scores(tasks, n, k, joint):
    """Return pass^k of the worse and of the better agent on each leaderboard: `(300,)` twice."""
    generator = np.random.default_rng(SEED)
    found = generator.multinomial(tasks, joint.ravel() / joint.sum(), size=BOARDS)
    found = found.reshape(BOARDS, n + 1, n + 1)
    estimate = trials.all_of(n, np.arange(n + 1), k)
    return found.sum(axis=2) @ estimate / tasks, found.sum(axis=1) @ estimate / tasks


def chance_to_win(tasks, n, k, joint):
    """Return the chance that the worse agent comes out ahead, by the normal law."""
    estimate = trials.all_of(n, np.arange(n + 1), k)
    ahead = estimate[None, :] - estimate[:, None]  # of the better agent, on one task
    mean = (joint * ahead).sum()
    error = np.sqrt((joint * (ahead - mean) ** 2).sum() / tasks)
    return 0.5 * (1.0 + erf(-mean / error / np.sqrt(2.0)))


@exhibit(title="Run the leaderboard again: how often does the worse agent win?")
def leaderboards(
    tasks: Annotated[int, Slider(25, 1600, scale="log2", stops=7, play=True)] = 50,
    n: Annotated[int, Choice(4, 8, 16, label="trials of each task")] = 4,
    k: Annotated[int, Choice(1, 4, label="compare by", labels=("pass^1", "pass^4"))] = 1,
    gap: Annotated[int, Slider(2, 12, step=2, label="the better is better by", unit="points")] = 4,
    shared: Annotated[bool, Toggle("what is hard for one is hard for the other")] = False,
):
    """Two agents on 300 leaderboards: one drawn after gpt-4o's trials, the other a bit better."""
    joint = pairs_of_counts(n, gap, shared)
    worse, better = scores(tasks, n, k, joint)
    up, level = worse > better + 1e-12, np.abs(worse - better) <= 1e-12
    fig, ax = figure(figsize=(6, 4.6))
    ax.plot([0, 1], [0, 1], color="C3", linewidth=1)
    ax.scatter(better[~up], worse[~up], s=14, color="C3")
    ax.scatter(better[up], worse[up], s=14, color="C1")
    middle = float(np.median(np.concatenate([worse, better])))
    low, high = max(middle - 0.28, 0.0), min(max(middle, 0.28) + 0.28, 1.0)
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    ax.set_xlabel(f"pass^{k} of the better agent")
    ax.set_ylabel(f"pass^{k} of the worse")
    ax.text(low + 0.02, high - 0.04, "the worse one wins", color="C1")
    ax.text(high - 0.02, low + 0.02, "the better one wins", ha="right", color="C2")
    true = [spread.pass_hat(m, FITTED[1], k) for m in (FITTED[0], FITTED[0] + gap / 100)]
    chance = chance_to_win(tasks, n, k, joint)
    sentence = (
        f"In truth pass^{k} is {true[0]:.1%} and {true[1]:.1%}. On {BOARDS} leaderboards with "
        f"{tasks:,} tasks and {n} trials of each the worse agent wins {times(up.sum())} and is "
        f"level {times(level.sum())}; by the normal law its chance is {chance:.1%}. The better "
        f"one’s score runs from {better.min():.1%} to {better.max():.1%}."
    )
    shares = np.array([up.sum(), level.sum(), BOARDS - up.sum() - level.sum()])
    return fig, sentence, {"who wins": ["the worse", "neither", "the better"], "times": shares}


@claim("§3, pass^k metric")
def choosing_is_unbiased():
    """Over all outcomes of n trials, C(c, k) / C(n, k) averages to p^k; (c / n)^k is too high."""
    largest = 0.0
    for n, p in product((1, 2, 4, 7), (0.1, 0.5, 0.612, 0.9)):
        outcomes = np.array(list(product((0, 1), repeat=n)))  # (2^n, n)
        c = outcomes.sum(axis=1)
        chance = p**c * (1.0 - p) ** (n - c)
        for k in range(1, n + 1):
            off = abs(chance @ trials.all_of(n, c, k) - p**k)
            assert off < 1e-12, f"With n = {n}, k = {k}, p = {p} it is off by {off:.3f}."
            off = max(off, abs(chance @ trials.any_of(n, c, k) - 1.0 + (1.0 - p) ** k))
            largest = max(largest, off)
    assert largest < 1e-12, f"pass@k is off by {largest:.3f}."
    naive = trials.expected(trials.plugged_in, 4, 0.5, 4)
    assert round(naive, 3) == 0.166 and round(naive / 0.5**4, 1) == 2.7, naive
    return {"(c / 4)^4 on average, p = 1/2": naive, "p^4": 0.5**4}


@claim("§3; our count")
def all_is_never_more_than_one_nor_one_than_any():
    """Up to 12 trials, pass^k ≤ pass^1 ≤ pass@k, and equal only at k = 1 or for sure tasks."""
    compared = 0
    for n in range(1, 13):
        c = np.arange(n + 1)
        for k in range(1, n + 1):
            every, once, one = trials.all_of(n, c, k), c / n, trials.any_of(n, c, k)
            assert (every <= once + 1e-12).all(), f"pass^{k} is above pass^1 for n = {n}."
            assert (once <= one + 1e-12).all(), f"pass@{k} is below pass^1 for n = {n}."
            unsure = (c > 0) & (c < n)
            if k > 1:
                assert (every < once - 1e-12)[unsure].all() and (once < one - 1e-12)[unsure].all()
            compared += len(c)
    return {"compared": compared}


@claim("§5.1; the law is ours", kind="recomputed")
def one_average_fits_two_percent_and_sixty_one():
    """An average of 61.2% allows any pass^8 from 2.0% to 61.2%; under 25%, spread is under 0.42."""
    every = [spread.pass_hat(0.612, s, 8) for s in (0.0, 0.4, 1.0)]
    one = [spread.pass_at(0.612, s, 8) for s in (0.0, 0.4, 1.0)]
    assert [round(v, 3) for v in every] == [0.020, 0.238, 0.612], every
    assert [round(v, 3) for v in one] == [0.999, 0.919, 0.612], one
    for s in (0.0, 0.4, 1.0):
        assert spread.pass_hat(0.612, s, 1) == 0.612, "The average moves."
    assert spread.pass_hat(0.612, 0.41, 8) < 0.25 < spread.pass_hat(0.612, 0.42, 8)
    return {"alike": every[0], "spread 0.4": every[1], "always or never": every[2]}


@claim("README, commit 59a200c")
def the_marks_give_the_published_row():
    """The 200 marks give the leaderboard's row for gpt-4o: 0.420, 0.273, 0.220, 0.200."""
    solved = airline()
    n, counts = solved.shape[1], solved.sum(axis=1)
    found = [trials.pass_hat(n, counts, k) for k in range(1, 5)]
    printed = LEADERBOARD["airline"]["gpt-4o"]
    for k, (own, theirs) in enumerate(zip(found, printed, strict=True), 1):
        assert abs(own - theirs) < 5e-4, f"pass^{k} is {own:.3f}, printed as {theirs:.3f}."
    assert np.bincount(counts).tolist() == [14, 12, 10, 4, 10]
    assert round(found[0] ** 4, 3) == 0.031
    return {f"pass^{k}": own for k, own in enumerate(found, 1)} | {
        "never solved": int((counts == 0).sum()),
        "always": int((counts == n).sum()),
    }


@claim("README, commit 59a200c; the law is ours")
def two_numbers_foretell_the_next_two():
    """A beta law fitted to pass^1 and pass^2 foretells pass^3 and pass^4 for six rows of nine."""
    worst, last = {}, {}
    for domain, agents in LEADERBOARD.items():
        for agent, row in agents.items():
            wide = spread.fitted(row[0], row[1])
            law = [spread.pass_hat(row[0], wide, k) for k in (3, 4)]
            worst[domain, agent] = max(np.abs(np.array(law) - row[2:]))
            last[domain, agent] = law[1] - row[3]
    far = {row: off for row, off in worst.items() if off >= 0.012}
    assert len(worst) == 9 and len(far) == 3, worst
    for row in far:
        assert row[0] == "airline" and last[row] < -0.012, f"Of {row} it expects {last[row]:.3f}."
    off = worst["airline", "gpt-4o"]
    assert off == max(worst.values()), worst
    assert round(off, 3) == 0.035, f"It is {off:.3f} off for gpt-4o on τ-airline."
    retail = spread.fitted(*LEADERBOARD["retail"]["gpt-4o"][:2])
    law = [spread.pass_hat(0.604, retail, k) for k in (3, 4, 8)]
    assert [round(v, 2) for v in law] == [0.43, 0.39, 0.31], law
    near = max(error for row, error in worst.items() if row not in far)
    return {"largest error of six": near, "of gpt-4o, airline": off}


@claim("our count; released trajectories")
def fifty_tasks_leave_ten_points():
    """The 42% may be off by ten points either way; endless trials would take off one in seven."""
    solved = airline()
    n, counts = solved.shape[1], solved.sum(axis=1)
    low, high = whiskers(n, counts, 1)
    assert abs(low - 0.325) < 0.006 and abs(high - 0.525) < 0.006, (low, high)
    error = intervals.standard_error(counts / n)
    within = np.mean(counts * (n - counts) / (n * (n - 1))) / n  # of a task's own average
    endless = np.sqrt(error**2 - within / len(counts))
    naive = np.sqrt(0.42 * 0.58 / 200)
    assert [round(100 * v, 1) for v in (error, naive, endless)] == [5.2, 3.5, 4.5]
    assert 0.13 < 1.0 - endless / error < 0.16
    return {"standard error": error, "as 200 independent": naive, "endless trials": endless}


@claim("our sampling of a fitted law", kind="reproduced small", rtol=1e-3)
def the_worse_agent_often_wins():
    """With 50 tasks, 4 trials and 4 points between them, the worse agent wins 3 times in 10."""
    found = {}
    for tasks, n, shared in ((50, 4, False), (50, 16, False), (50, 4, True), (400, 4, False)):
        joint = pairs_of_counts(n, 4, shared)
        worse, better = scores(tasks, n, 1, joint)
        share = np.mean((worse > better) + 0.5 * (worse == better))
        expected = chance_to_win(tasks, n, 1, joint)
        assert abs(share - expected) < 0.06, f"{share:.0%} where {expected:.0%} is expected."
        found[tasks, n, shared] = expected
    assert [round(100 * v) for v in found.values()] == [29, 27, 15, 6], found
    return {f"{t} tasks × {n}{', shared' * s}": v for (t, n, s), v in found.items()}


@claim("§3, Reward")
def the_row_decides():
    """Word for word the right conversation, another row written: the reward is nought."""
    words = [[c for c in PATHS[p] if c.name in ("say", "hear")] for p in ("right", "wrong row")]
    assert words[0] == words[1]
    good, bad = (shop.judge(PATHS[p], TASK) for p in ("right", "wrong row"))
    assert good.total == 1, f"The right path is worth {good.total}."
    assert bad == (0, 1), f"The wrong row gets {bad.action} × {bad.output}."
    assert shop.judge([], TASK).total == 0
    return {"right": good.total, "wrong row": bad.total}


@claim("§3, Reward")
def the_reward_is_a_product():
    """On five paths r = r_action × r_output; writing without a yes breaks a rule and earns 1."""
    expected = {
        "right": (1, 1),
        "wrong row": (0, 1),
        "one by one": (0, 1),
        "no sum": (1, 0),
        "not asked": (1, 1),
    }
    for path, parts in expected.items():
        reward = shop.judge(PATHS[path], TASK)
        assert reward == parts, f"“{path}” gets {reward.action} × {reward.output}."
        assert reward.total == parts[0] * parts[1]
    assert shop.rules_broken(PATHS["right"]) == []
    assert shop.rules_broken(PATHS["not asked"]) == ["wrote without a yes"]
    return {path: shop.judge(PATHS[path], TASK).total for path in PATHS}


@claim("released trajectories; our count")
def inaction_passes_nineteen_of_fifty():
    """Writing nothing passes 19 of 50 τ-airline tasks, every time; gpt-4o passes 10 every time."""
    solved, passed = airline(), shelved()
    counts = solved.sum(axis=1)
    idle = np.zeros(50, dtype=bool)
    idle[list(published.NO_WRITES)] = True
    always = counts == 4
    assert passed.sum() == 19 and idle.sum() == 20 and always.sum() == 10
    once, twice = (trials.pass_hat(4, counts, k) for k in (1, 2))
    assert once > passed.mean() == 0.38 > twice, (once, twice)
    assert (always & passed).sum() == 9
    without, with_writes = solved[idle].mean(), solved[~idle].mean()
    assert round(without, 2) == 0.71 and round(with_writes, 3) == 0.225, (without, with_writes)
    assert (always & ~idle).sum() == 1
    return {
        "inaction, any k": passed.mean(),
        "gpt-4o where nothing is to be written": without,
        "gpt-4o where something is": with_writes,
    }


@claim("released trajectories; our count")
def the_customer_parts_first():
    """Of 300 pairs of trials of a task all part at the customer's words, 293 at her first."""
    solved = airline()
    pairs = [(task, *two) for task in range(len(solved)) for two in combinations(range(4), 2)]
    alike = published.OPENED_ALIKE
    assert len(pairs) == 300 and set(alike) <= set(pairs)
    at_once = len(pairs) - len(alike)
    assert at_once == 293, f"{at_once} pairs part at once."
    replies = sum(same for same, _ in alike.values())
    assert replies == 8 and {who for _, who in alike.values()} == {"customer"}
    ends = sum(solved[task, a] != solved[task, b] for task, a, b in pairs)
    return {"part at once": at_once, "replies to the same words": replies, "end apart": int(ends)}


@claim("abstract; §5.1; Tables 1, 2 and 3")
def under_half_depends_on_the_weights():
    """61.2% in shops, 35.2% in the air: 48.2% if domains weigh alike, 53.3% if tasks do."""
    retail, air = 61.2, 35.2
    domains, tasks = (retail + air) / 2, (115 * retail + 50 * air) / 165
    assert round(domains, 1) == 48.2 and round(tasks, 1) == 53.3, (domains, tasks)
    assert domains < 50.0 < tasks, "Both averages lie on one side of a half."
    assert round(33.2 - 10.8, 1) == 22.4 and round(air - 10.8, 1) == 24.4
    return {"by domains": domains, "by tasks": tasks}


@claim("§5.1, Figure 4", kind="quoted")
def pass_8_is_under_a_quarter():
    """As reported: gpt-4o solves over 60% of τ-retail on average, with a pass^8 under 25%."""
    average, eight = 61.2, 25.0
    assert eight < average / 2
    return {"pass^1, at least": 0.60, "pass^8, at most": 0.25}


@breaks("choosing_is_unbiased", replaces=trials.all_of)
def plug_in(n, c, k):
    """Take (c/n)^k for pass^k: trials are drawn with replacement, and reliability looks better."""
    return (np.asarray(c) / n) ** k


@breaks("all_is_never_more_than_one_nor_one_than_any", replaces=trials.all_of)
def any_for_all(n, c, k):
    """Count a task as soon as one trial succeeds: pass@k under the name of pass^k."""
    return trials.any_of(n, c, k)


@breaks("the_row_decides", replaces=shop.same_state)
def believe_the_agent(database, task):
    """Leave the database unread: whoever says the right words has done the right thing."""
    return True
