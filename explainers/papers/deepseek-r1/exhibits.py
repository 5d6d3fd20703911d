"""Exhibits of DeepSeek-R1: answers that grow, a group's advantages, votes, idle length."""

from functools import cache
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Toggle, asset, breaks, claim, exhibit, figure, subplots

from kernels.policy import (
    group_relative,
    group_relative_length,
    scratch,
    scratch_model,
    scratch_votes,
)

TRAINED = asset("scratch-policies/runs.json")
WEIGHTS = asset("scratch-policies/weights.npz")
RUNS, EXAMS = TRAINED["runs"], TRAINED["exams"]
THIRTY = np.array(TRAINED["thirty"])
STEPS = np.arange(0, 221, 20)
MIXED = "2-6"
LENGTHS = {"3": "three", "4": "four", "5": "five", "6": "six", MIXED: "two to six"}

# AIME 2024 in the paper's first version, Tables 2, 5 and 6: pass@1 and cons@64, in percent.
AIME = {
    "GPT-4o-0513": (9.3, 13.4),
    "Claude-3.5-Sonnet-1022": (16.0, 26.7),
    "OpenAI-o1-mini": (63.6, 80.0),
    "OpenAI-o1-0912": (74.4, 83.3),
    "QwQ-32B-Preview": (50.0, 60.0),
    "DeepSeek-R1-Zero": (71.0, 86.7),
    "DeepSeek-R1-Zero-Qwen-32B": (47.0, 60.0),
    "DeepSeek-R1-Distill-Qwen-1.5B": (28.9, 52.7),
    "DeepSeek-R1-Distill-Qwen-7B": (55.5, 83.3),
    "DeepSeek-R1-Distill-Qwen-14B": (69.7, 80.0),
    "DeepSeek-R1-Distill-Qwen-32B": (72.6, 83.3),
    "DeepSeek-R1-Distill-Llama-8B": (50.4, 80.0),
    "DeepSeek-R1-Distill-Llama-70B": (70.0, 86.7),
}


@cache
def shipped(name):
    """Return a trained model's weights in double precision."""
    start = f"{name}/"
    return {n[len(start) :]: w.astype(float) for n, w in WEIGHTS.items() if n.startswith(start)}


def run_of(length="5", group=16, seed=0, tags=True, cold=False):
    """Return what the job noted of one training run."""
    wanted = (length, group, seed, tags, cold)
    names = ("length", "group", "seed", "format", "cold")
    return next(r for r in RUNS if tuple(r[name] for name in names) == wanted)


def question_of(length):
    """Return the question that is shown for runs of one length: `(6,)`."""
    digits = TRAINED["shown"]["6" if length == MIXED else length]
    return np.array([*digits, *[scratch.BLANK] * (scratch.SLOTS - len(digits))])


def checkpoint(step):
    """Return the number of the last exam taken at a step, and the step at which it was taken."""
    return step // 20, step // 20 * 20


def some(count, one, many=None):
    """Write a number with its noun: no line, 1 line, 2 lines."""
    return f"{count or 'no'} {one if count == 1 else many or one + 's'}"


def judged(question, texts):
    """Return what texts such as `12=3` earn, for accuracy and for format: both `(count,)`."""
    ends = [text[-2:] for text in texts]
    answers = scratch.Answers(
        np.array([int(end[1]) for end in ends]),
        np.array([end[0] == "=" for end in ends]),
        np.array([len(text) - 2 for text in texts]),
    )
    asked = np.tile(question, (len(texts), 1))
    return scratch.accuracy_reward(asked, answers), scratch.format_reward(answers)


def walk(question, text):
    """Follow a text from its question: the lines read, and whether each digit written is right."""
    line, lines, right = question[None], [], []
    for digit in text[:-2]:
        right.append(int(digit) == scratch.first_two(line)[0])
        line = scratch.write_line(line, int(digit))
        lines.append(scratch.spell(line[0]))
    right.append(int(text[-1]) == scratch.last_digit(question[None])[0])
    return lines, right


def draw_answers(ax, question, texts):
    """Draw each text as a column: its lines' digits from below, and its answer on top."""
    correct, tagged = judged(question, texts)
    for column, text in enumerate(texts):
        _, right = walk(question, text)
        if tagged[column]:
            ax.bar([column], [0.86], bottom=[len(right) - 1.43], width=0.8, color="C5")
        for row, (digit, fine) in enumerate(zip(text[:-2] + text[-1], right, strict=True)):
            last = row == len(right) - 1
            ax.text(
                column,
                row,
                digit,
                ha="center",
                va="center",
                color=("C0" if last else "0.5") if fine else "C1",
                fontweight="bold" if last else None,
            )
    ax.set_xlim(-0.7, len(texts) - 0.3)
    ax.set_ylim(-0.6, scratch.SLOTS - 0.4)
    ax.set_yticks([])
    ax.set_xticks(range(len(texts)), [f"{points:.0f}" for points in correct + tagged])
    ax.set_xlabel("reward of each answer")
    ax.set_title(f"{scratch.spell(question)} = ?")


def longest_told(question, texts):
    """Tell the longest text: its lines, its answer, and whether that is right."""
    text = max(texts, key=len)
    lines, right = walk(question, text)
    if not lines:
        return "None of them writes a line."
    work = " → ".join([scratch.spell(question), *lines])
    verdict = "right" if right[-1] else "wrong"
    return f"The longest reads {work}; answer {text[-1]}, {verdict}."


@exhibit(title="Press Play: sixteen answers to one sum, while only results are rewarded")
def thinking(
    step: Annotated[int, Slider(0, 220, step=20, label="step of training", play=True)] = 120,
    length: Annotated[
        str, Choice(*LENGTHS, labels=("3", "4", "5", "6", "2 to 6"), label="digits in a sum")
    ] = "5",
    group: Annotated[int, Choice(2, 16, 64, label="answers in a group")] = 16,
):
    """Answers at one step of GRPO, and accuracy and lines written at every step."""
    now, step = checkpoint(step)
    run = run_of(length, group)
    question, texts = question_of(length), run["texts"][now]
    fig, axs = subplots(3, 1, figsize=(6, 5.6), height_ratios=(5, 2.2, 2.2))
    draw_answers(axs[0], question, texts)
    for other in LENGTHS:
        if other != length:
            for ax, name in ((axs[1], "accuracy"), (axs[2], "lines")):
                faint = run_of(other, group)[name]
                ax.plot(STEPS, faint, color="C4", linewidth=1, linestyle="-")
    axs[1].plot(STEPS, run["tagged"], color="C0", linewidth=1.5, linestyle="--", label="in tags")
    axs[1].plot(STEPS, run["accuracy"], color="C1", linewidth=2.5, linestyle="-", label="right")
    axs[2].plot(STEPS, run["lines"], color="C1", linewidth=2.5, linestyle="-")
    axs[1].plot([step], [run["accuracy"][now]], "o", color="C1")
    axs[2].plot([step], [run["lines"][now]], "o", color="C1")
    axs[1].set_ylim(0, 1.05)
    axs[1].set_ylabel("share")
    axs[1].legend(ncols=2, loc="lower right")
    axs[2].set_ylim(0, 5.2)
    axs[2].set_ylabel("lines")
    axs[2].set_xlabel("step")
    for ax in axs[1:]:
        ax.set_xlim(0, 226)
    began = f"After {step} steps" if step else "Before the first step"
    asked = "six digits, the longest it met," if length == MIXED else f"{LENGTHS[length]} digits"
    earned = float(np.sum(judged(question, texts)) / len(texts))
    sentence = (
        f"{began}, {run['accuracy'][now]:.0%} of answers to fresh sums of {asked} are right, "
        f"{run['tagged'][now]:.0%} stand between tags, and {run['lines'][now]:.1f} lines are "
        f"written before each. The sixteen shown earn {earned:.2f} on average. "
        f"{longest_told(question, texts)}"
    )
    table = {
        "step": STEPS,
        "right": run["accuracy"],
        "in tags": run["tagged"],
        "lines": run["lines"],
    }
    return fig, sentence, table


HELP = {
    "none": ("nothing", dict(length="6")),
    "tags": ("no points for tags", dict(length="6", tags=False)),
    "shorter": ("shorter sums mixed in", dict(length=MIXED)),
    "cold": ("a cold start", dict(length="6", cold=True)),
}


@exhibit(title="Six digits, and what helps")
def rescue(
    change: Annotated[
        str, Choice(*HELP, labels=tuple(name for name, _ in HELP.values()), label="change")
    ] = "cold",
    step: Annotated[int, Slider(0, 220, step=20, label="step of training", play=True)] = 0,
):
    """Accuracy and lines on six digits: as it is, and after each of three changes."""
    now, step = checkpoint(step)
    name, settings = HELP[change]
    run = run_of(**settings)
    fig, axs = subplots(1, 2, figsize=(6, 3))
    for ax, what in zip(axs, ("accuracy", "lines"), strict=True):
        for key, (_, other) in HELP.items():
            if key != change:
                ax.plot(STEPS, run_of(**other)[what], color="C4", linewidth=1, linestyle="-")
        ax.plot(STEPS, run[what], color="C1", linewidth=2.5, linestyle="-")
        ax.plot([step], [run[what][now]], "o", color="C1")
        ax.set_xlim(-4, 226)
        ax.set_xticks([0, 100, 200])
        ax.set_xlabel("step")
    axs[0].set_ylim(0, 1.05)
    axs[0].set_ylabel("share right")
    axs[1].set_ylim(0, 5.2)
    axs[1].set_ylabel("lines")
    began = f"after {step} steps" if step else "before the first step"
    sentence = (
        f"Changed: {name}. Six digits, {began}: {run['accuracy'][now]:.0%} right, "
        f"{run['lines'][now]:.1f} lines, {run['tagged'][now]:.0%} between tags."
    )
    if step < STEPS[-1]:
        sentence += (
            f" After {STEPS[-1]} steps: {run['accuracy'][-1]:.0%} right with "
            f"{run['lines'][-1]:.1f} lines."
        )
    table = {"step": STEPS, "right": run["accuracy"], "lines": run["lines"], "tags": run["tagged"]}
    return fig, sentence, table


@exhibit(title="One group of sixteen: what each answer is told")
def group(
    right: Annotated[int, Slider(0, 16, label="right answers", play=True)] = 2,
    divide: Annotated[bool, Toggle("divide by the deviation, as the paper does")] = True,
):
    """Advantages of sixteen answers, and how loud a group is, by how many are right."""
    rewards = (np.arange(16) < right).astype(float)
    found = group_relative.advantages(rewards) if divide else group_relative.centre(rewards)
    fig, axs = subplots(1, 2, figsize=(6, 3.2))
    axs[0].bar(np.flatnonzero(rewards == 1), found[rewards == 1], color="C0", label="right")
    axs[0].bar(np.flatnonzero(rewards == 0), found[rewards == 0], color="C1", label="wrong")
    axs[0].axhline(0, color="C0", linewidth=1)
    reach = max(4.2 if divide else 1.1, 1.1 * float(np.abs(found).max()))
    axs[0].set_ylim(-reach, reach)
    axs[0].set_xlim(-0.8, 15.8)
    axs[0].set_xticks([])
    axs[0].set_xlabel("sixteen answers")
    axs[0].set_ylabel("advantage")
    if 0 < right < 16:
        axs[0].legend(loc="lower right" if right < 9 else "upper right")
    counts = np.arange(17)
    all_rewards = (np.arange(16) < counts[:, None]).astype(float)  # a group for each count
    loud = {
        True: np.abs(group_relative.advantages(all_rewards)).mean(axis=-1),
        False: np.abs(group_relative.centre(all_rewards)).mean(axis=-1),
    }
    for kind, name in ((True, "divided"), (False, "only centred")):
        chosen = kind == divide
        axs[1].plot(
            counts,
            loud[kind] / loud[kind][8],
            color="C1" if chosen else "C3",
            linewidth=2.5 if chosen else 1.5,
            linestyle="-",
            label=name,
        )
    share = loud[divide][right] / loud[divide][8]
    axs[1].plot([right], [share], "o", color="C1")
    axs[1].set_ylim(0, max(1.3, 1.25 * max(float(pull.max() / pull[8]) for pull in loud.values())))
    axs[1].set_xticks([0, 4, 8, 12, 16])
    axs[1].set_xlabel("right answers of sixteen")
    axs[1].set_ylabel("pull; an even group = 1")
    axs[1].legend(ncols=2, loc="upper right")
    return fig, group_sentence(rewards, found, share), {"reward": rewards, "advantage": found}


def signed(value):
    """Write an advantage with its sign, and nought without one."""
    return f"{value:+.2f}".replace("-", "−") if value else "0"


def group_sentence(rewards, found, share):
    """Say what a group's answers are told."""
    right = int(rewards.sum())
    if right in (0, 16):
        every = "right" if right else "wrong"
        if np.abs(found).max() == 0:
            return f"All sixteen are {every}: nobody is better than the rest; nothing is learnt."
        return f"All sixteen are {every}, and each is told {signed(found[0])}."
    parts = [f"each of the {right} right ones" if right > 1 else "the one right answer"]
    parts.append(f"each of the {16 - right} wrong ones" if right < 15 else "the one wrong answer")
    return (
        f"With {right} of sixteen right, {parts[0]} has an advantage of {signed(found[0])} and "
        f"{parts[1]} {signed(found[-1])}. The group pulls {share:.2f} times as hard as one with "
        "eight of each."
    )


@cache
def ballots(now):
    """Return 64 answers to each of thirty sums at one checkpoint of the mixed run: `(30, 64)`."""
    return np.array([[int(digit) for digit in row] for row in run_of(MIXED)["votes"][now]])


def elected(now, k):
    """Return for each of thirty sums how often the commonest of `k` answers is right: `(30,)`."""
    answers = ballots(now)[:, : 64 // k * k]
    return scratch_votes.consensus(answers, scratch.last_digit(THIRTY), k)


@exhibit(title="Thirty sums: answer once, or let many answers vote")
def votes(
    step: Annotated[int, Slider(0, 220, step=20, label="step of training", play=True)] = 80,
    k: Annotated[int, Slider(1, 64, scale="log2", label="votes")] = 64,
):
    """Right answers to each of thirty sums, alone and by majority, at one step of training."""
    now, step = checkpoint(step)
    alone, voted = (elected(now, n) for n in (1, k))
    sizes = [2**n for n in range(7)]
    curve = [elected(now, n).mean() for n in sizes]
    fig, axs = subplots(1, 2, figsize=(6, 3.2), width_ratios=(3, 2))
    axs[0].bar(range(30), alone, width=0.8, color="C3", label="one answer")
    axs[0].plot(range(30), voted, "o", color="C1", markersize=4, label=f"vote of {k}")
    axs[0].set_ylim(-0.03, 1.3)
    axs[0].set_yticks([0, 0.5, 1])
    axs[0].set_xticks([2.5, 8.5, 14.5, 20.5, 26.5], ["2", "3", "4", "5", "6"])
    axs[0].set_xlabel("digits in the sum, six sums each")
    axs[0].set_ylabel("chance of being right")
    axs[0].legend(ncols=2, loc="upper right")
    axs[1].plot(sizes, curve, "o", color="C0", linestyle="-", markersize=4)
    axs[1].plot([k], [voted.mean()], "o", color="C1")
    axs[1].set_xscale("log")
    axs[1].set_xticks([1, 4, 16, 64], ["1", "4", "16", "64"])
    axs[1].set_ylim(0, 1.05)
    axs[1].set_xlabel("votes")
    axs[1].set_ylabel("mean of thirty")
    began = f"After {step} steps" if step else "Before the first step"
    better, worse = int((voted > alone + 1e-9).sum()), int((voted < alone - 1e-9).sum())
    if k == 1:
        end = "With a single vote there is nothing to count."
    else:
        end = (
            f"A vote of {k} is right in {voted.mean():.0%}: likelier to be right than one answer "
            f"on {some(better, 'sum')}, less likely on {worse or 'none'}."
        )
    return (
        fig,
        f"{began} on sums of two to six digits, one answer is right in {alone.mean():.0%}. {end}",
        {
            "sum": [scratch.spell(line) for line in THIRTY],
            "one answer": alone,
            f"vote of {k}": voted,
        },
    )


@exhibit(title="Answers that ramble: going on earns nothing")
def rambling(
    right: Annotated[float, Slider(0.1, 0.9, step=0.1, label="share that is right")] = 0.5,
    step: Annotated[int, Slider(0, 60, step=5, label="step", play=True)] = 40,
    divide: Annotated[bool, Toggle("divide by each answer’s length")] = True,
):
    """Mean lengths of right and wrong answers while a policy follows the expected pull."""
    means = group_relative_length.ramble(right, 60, 0.5, divide)
    others = group_relative_length.ramble(right, 60, 0.5, not divide)
    fig, ax = figure(figsize=(6, 3))
    for column in (0, 1):
        ax.plot(range(61), others[:, column], color="C4", linewidth=1, linestyle="--")
    for column, (name, colour) in enumerate((("right answers", "C0"), ("wrong answers", "C1"))):
        ax.plot(range(61), means[:, column], color=colour, linestyle="-", label=name)
        ax.plot([step], [means[step, column]], "o", color=colour)
    ax.set_yscale("log")
    ax.set_ylim(0.9, 100)
    ax.set_yticks([1, 10, 100], ["1", "10", "100"])
    ax.set_xlabel("step")
    ax.set_ylabel("mean tokens")
    ax.legend(ncols=2, loc="upper left")
    first, second = means[step]
    if abs(first - second) < 0.05:
        lengths = f"right and wrong answers are {first:.1f} tokens long on average"
    else:
        lengths = f"right answers are {first:.1f} tokens long on average, wrong ones {second:.1f}"
    began = f"After {step} steps" if step else "Before the first step"
    weigh = group_relative_length.token_weights if divide else group_relative_length.even_weights
    averaged = float(np.ptp(weigh(np.arange(1, 3)))) > 0  # said of what is done, not of the switch
    how = "averaged over its tokens" if averaged else "added up over its tokens"
    sentence = (
        f"{began}, with {right:.0%} right and each answer's pull {how}, {lengths}. "
        "Length never changed what an answer earned."
    )
    table = {"step": np.arange(61), "right": means[:, 0], "wrong": means[:, 1]}
    return fig, sentence, table


def sampled_rewards(name, questions=64, group=16, length=3):
    """Answer questions of one length in groups: rewards `(questions, group)`."""
    rng = np.random.default_rng(21)
    asked = np.repeat(scratch.draw_questions(rng, questions, length, length), group, axis=0)
    answers = scratch_model.sample(shipped(name), asked, rng).answers
    return scratch.reward(asked, answers).reshape(questions, group)


def worked_out(name, length, lines, count=1500):
    """Make a shipped model write so many lines, then answer: how often that would be right."""
    rng = np.random.default_rng([length, 22])
    asked = scratch.draw_questions(rng, count, length, length)
    line, weights = asked, shipped(name)
    for _ in range(lines):
        chances = np.exp(scratch_model.log_weights(weights, line)[:, :10])
        reached = chances.cumsum(axis=-1)
        chosen = (reached < rng.random((count, 1)) * reached[:, -1:]).sum(axis=-1)
        line = scratch.write_line(line, chosen)
    chances = np.exp(scratch_model.log_weights(weights, line)[:, 10:]).reshape(count, 2, 10).sum(1)
    wanted = np.take_along_axis(chances, scratch.last_digit(asked)[:, None], axis=-1)[:, 0]
    return float((wanted / chances.sum(axis=-1)).mean())


def taken(name, length, count=1500):
    """Take an exam with shipped weights, here: accuracy and mean lines."""
    rng = np.random.default_rng([length, 23])
    asked = scratch.draw_questions(rng, count, length, length)
    answers = scratch_model.sample(shipped(name), asked, rng).answers
    return float(scratch.accuracy_reward(asked, answers).mean()), float(answers.lines.mean())


@claim("eq. 3", rtol=0.1)  # another machine may sample a few answers otherwise
def advantages_are_standardised():
    """In a mixed group advantages have mean 0 and deviation 1; in one of equals all are 0."""
    rewards = sampled_rewards("base")
    found = group_relative.advantages(rewards)
    mixed = np.ptp(rewards, axis=-1) > 0
    assert mixed.sum() > 30, f"Only {mixed.sum()} of 64 groups are mixed."
    off = float(np.abs(found.mean(axis=-1)).max())
    assert off < 1e-12, f"A group's advantages have a mean of up to {off:.2f}, not 0."
    spread = found[mixed].std(axis=-1)
    assert np.abs(spread - 1).max() < 1e-12, f"A group's deviation is {spread.max():.2f}, not 1."
    equal = group_relative.advantages(np.full((3, 16), [[0.0], [1.0], [2.0]]))
    assert (equal == 0).all(), f"A group of equal rewards is told {equal.max():.2f}."
    return {"mixed groups of 64": int(mixed.sum()), "largest advantage": found.max()}


@claim("eqs. 1 and 2")
def pulls_are_the_slope_of_the_objective():
    """The pull on each answer is the objective's slope; beyond the clip there is none."""
    rng = np.random.default_rng(5)
    old, reference = rng.normal(-3, 1, (2, 6, 16))
    new = old + rng.normal(0, 0.3, (6, 16))
    advantage = group_relative.advantages(rng.integers(0, 3, (6, 16)))
    settings = (advantage, 0.2, 0.04)
    found = group_relative.pulls(new, old, reference, *settings)
    largest, step = 0.0, 1e-6
    for place in np.ndindex(6, 16):
        near = np.zeros_like(new)
        near[place] = step
        ahead, behind = (
            group_relative.objective(new + side, old, reference, *settings)
            for side in (near, -near)
        )
        slope = (ahead - behind) / (2 * step) * new.size
        largest = max(largest, abs(slope - found[place]))
    assert largest < 1e-6, f"A pull differs from the slope by {largest:.2g}."
    far = group_relative.pulls(np.log([1.5]), np.zeros(1), np.log([1.5]), np.ones(1), 0.2, 0.0)
    assert far[0] == 0.0
    return {"answers": new.size, "largest advantage": advantage.max()}


@claim("eq. 2")
def the_estimate_is_a_divergence():
    """The estimate r − log r − 1 is never negative, and averages to the divergence."""
    rng = np.random.default_rng(6)
    policy, reference = np.log(rng.dirichlet(np.ones(30), 2))
    each = group_relative.divergence(policy, reference)
    exact = float(np.exp(policy) @ (policy - reference))
    assert each.min() >= 0, f"An answer's estimate is {each.min():.2f}."
    mean = float(np.exp(policy) @ each)
    assert abs(mean - exact) < 1e-12, f"They average to {mean:.3f}; the divergence is {exact:.3f}."
    return {"divergence, nats": exact, "smallest estimate": each.min()}


@claim("§2.2.2; second version, eq. 4")
def rules_look_at_the_end_only():
    """A right answer between tags earns 2, right or tagged alone 1; work changes nothing."""
    question = question_of("5")
    short, long = judged(question, ["=0", "~0", "=1", "~1"]), judged(question, ["1020=0", "555=0"])
    earned = [list(map(float, sum(pair))) for pair in (short, long)]
    assert earned[0] == [2, 1, 1, 0], f"They earn {earned[0]}."
    assert earned[1] == [2, 2], f"Right work and wrong work earn {earned[1]}."
    asked = np.tile(question, (2, 1))
    pair = scratch.Answers(np.array([0, 0]), np.array([True, False]), np.array([0, 4]))
    total = scratch.reward(asked, pair)
    assert total.tolist() == [2, 1], f"In training they earn {total.tolist()}."
    return {"tagged and right": earned[0][0], "bare and right": earned[0][1]}


@claim("our training", kind="reproduced small", rtol=0.1)
def work_pays_before_any_reward():
    """The imitator gets 13% of five-digit sums; made to write all four lines it would get 70%."""
    free, lines = taken("base", 5)
    at_once, worked = worked_out("base", 5, 0), worked_out("base", 5, 4)
    assert abs(free - 0.13) < 0.02 and lines < 0.4, f"It gets {free:.1%} with {lines:.2f} lines."
    assert abs(at_once - 0.11) < 0.015, f"Answering at once it gets {at_once:.1%}."
    assert abs(worked - 0.70) < 0.03, f"Made to work it gets {worked:.1%}."
    after = worked_out("five", 5, 4)
    assert after > 0.96, f"After training it gets {after:.1%} with four lines."
    return {"left to itself": free, "at once": at_once, "four lines": worked, "trained": after}


@claim("§2.2.4, Figures 2 and 3; our training", kind="reproduced small", rtol=0.1)
def answers_grow_because_work_pays():
    """Runs on five digits go from 13% to 96% or more, and from 0.3 lines to over 3.8."""
    runs = [run_of(seed=seed) for seed in (0, 1, 2)]
    before, after = ([r["accuracy"][i] for r in runs] for i in (0, -1))
    short, long = ([r["lines"][i] for r in runs] for i in (0, -1))
    assert round(max(before), 2) == 0.13 and round(max(short), 1) == 0.3, (before, short)
    assert min(after) > 0.96, f"A run ends at {min(after):.1%}."
    assert 3.8 < min(long) <= max(long) <= 4, f"A run ends with {min(long):.2f} lines."
    pairs, large = run_of(group=2), run_of(group=64)
    assert min(pairs["accuracy"][-1], large["accuracy"][-1]) >= 0.96
    assert pairs["accuracy"][6] < 0.4 < 0.5 < min(runs[0]["accuracy"][6], large["accuracy"][6])
    here = {name: taken(name, 5) for name in ("base", "five")}
    for name, at in (("base", 0), ("five", -1)):  # the shipped weights, asked here and now
        off = abs(here[name][0] - runs[0]["accuracy"][at])
        assert off < 0.03, f"Asked here, {name} is {off:.1%} off what the job noted."
    return {
        "right before": max(before),
        "right after": min(after),
        "lines before": max(short),
        "lines after": min(long),
        "asked here, after": here["five"][0],
        "in pairs, half-way": pairs["accuracy"][6],
    }


@claim("our training", kind="reproduced small", rtol=0.1)
def tags_alone_teach_brevity():
    """On six digits three runs end at 12% or less, with a tenth of a line and 99% in tags."""
    runs = [run_of("6", seed=seed) for seed in (0, 1, 2)]
    right, lines, tagged = ([r[what][-1] for r in runs] for what in ("accuracy", "lines", "tagged"))
    assert max(right) <= 0.12 and max(lines) < 0.11 and min(tagged) > 0.985, (right, lines, tagged)
    free = [run_of("6", seed=seed, tags=False) for seed in (0, 1, 2)]
    assert min(r["accuracy"][-1] for r in free) > 0.96
    assert min(r["lines"][-1] for r in free) > 4.8
    mixed = run_of(MIXED)["accuracy"][-1]
    assert round(mixed, 2) == 0.94, f"With shorter sums it ends at {mixed:.1%}."
    carried = taken("five", 6)[0]
    assert abs(carried - 0.96) < 0.015, f"Trained on five digits it gets {carried:.1%} of six."
    return {
        "right": max(right),
        "lines": max(lines),
        "in tags": min(tagged),
        "right, no points for tags": min(r["accuracy"][-1] for r in free),
        "right, shorter sums mixed in": mixed,
        "right, trained on five digits": carried,
    }


@claim("§2.3.1; our training", kind="reproduced small", rtol=0.1)
def a_cold_start_hardly_shows_and_decides():
    """1,000 worked texts leave six digits at 12%; from there three runs end at over 96%."""
    cold = [run_of("6", seed=seed, cold=True) for seed in (0, 1, 2)]
    plain = run_of("6")
    before = (plain["accuracy"][0], cold[0]["accuracy"][0])
    assert [round(v, 2) for v in before] == [0.12, 0.12], before
    after = min(r["accuracy"][-1] for r in cold)
    assert after > 0.96, f"A run ends at {after:.1%}."
    again = taken("cold", 6)
    assert again[0] < 0.14, f"Asked here, the cold start gets {again[0]:.1%}."
    return {"before, without": before[0], "before, with": before[1], "after, with": after}


@claim("eq. 3; our training", kind="reproduced small", rtol=0.3)
def too_hard_leaves_little_to_compare():
    """0.3% of six-digit answers are right through work: one group in twenty meets one."""
    rng = np.random.default_rng(24)
    asked = scratch.draw_questions(rng, 12_000, 6, 6)
    answers = scratch_model.sample(shipped("base"), asked, rng).answers
    worked = scratch.accuracy_reward(asked, answers) * (answers.lines >= 4)
    share = float(worked.mean())
    assert 0.0015 < share < 0.0045, f"{share:.2%} are right through work."
    met = float(1 - (1 - share) ** 16)
    assert 0.025 < met < 0.07, f"{met:.1%} of groups meet one."
    assert np.isclose(group_relative.mixed_chance(0.003, 16), 0.047, atol=5e-4)
    return {"right through work": share, "groups that meet one": met}


def crowded(start, tags):
    """Follow the expected pull on three choices until a share `tags` of answers is tagged.

    The choices are to stop with tags, which earns 1, to stop without, which earns 0, and to go on,
    which earns as much as stopping does on average. Returns their chances then, and the largest
    advantage that going on ever had.
    """
    logits, largest = np.log(start), 0.0
    for _ in range(2000):
        p = np.exp(logits - logits.max())
        p /= p.sum()
        share = p[0] / (p[0] + p[1])
        if share >= tags:
            break
        rewards = np.array([1.0, 0.0, share])
        advantage = rewards - p @ rewards
        largest = max(largest, abs(float(advantage[2])))
        slopes = group_relative.softmax_slope(np.tile(p, (3, 1)), np.arange(3))
        logits = logits + (p * advantage) @ slopes
    return p, largest


@claim("our remark on eqs. 1 and 3", rtol=0.1)
def an_average_choice_is_crowded_out():
    """A choice of 25% that is always just average is down to 6% when tags are at 99%."""
    rng = np.random.default_rng(25)
    asked = scratch.draw_questions(rng, 12_000, 6, 6)
    going = float((scratch_model.sample(shipped("base"), asked, rng).answers.lines > 0).mean())
    assert abs(going - 0.25) < 0.015, f"The imitator goes on in {going:.1%}."
    p, largest = crowded(np.array([0.375, 0.375, 0.25]), 0.99)
    assert largest < 1e-12, f"Going on had an advantage of {largest:.2g}."
    assert p[0] > 0.9 and round(p[2], 2) == 0.06, p
    few_tags = np.array([0.2, 0.55, 0.25])  # while bare answers lead, the third choice gains
    assert crowded(few_tags, 0.3)[0][2] > 0.25 > crowded(few_tags, 0.99)[0][2]
    met = [run_of("6", seed=seed)["lines"][-1] for seed in (0, 1, 2)]
    assert min(met) < p[2] < max(met), f"Our runs came to {met} lines."
    return {
        "went on": going,
        "goes on": p[2],
        "fewest lines of our runs": min(met),
        "most": max(met),
    }


@claim("second version, §3.2.1; our training", kind="reproduced small")
def a_wide_clip_never_acts():
    """With ε = 10 ratios may run from −9 to 11; in no step of ours did one exceed 2."""
    low, high = 1 - 10.0, 1 + 10.0
    assert (low, high) == (-9, 11)
    largest = max(r["ratio"] for r in RUNS)
    assert 1.2 < largest < 2, f"The largest ratio is {largest:.2f}."
    ratios = np.array([1e-6, 0.5, 1.0, largest])
    for advantage in (-1.0, 1.0):
        gain = group_relative.clipped_gain(ratios, advantage, 10.0)
        assert np.allclose(gain, ratios * advantage), "The clip acts."
    assert group_relative.clipped_gain(1.5, 1.0, 0.2) == 1.2
    return {"largest ratio": largest}


@claim("eq. 3; Liu et al. 2025, §3.1")
def rare_success_is_loud():
    """One right of sixteen is told +3.87, the wrong −0.26; divided, lopsided groups pull harder."""
    rewards = (np.arange(16) < np.array([1, 8, 15])[:, None]).astype(float)
    found = group_relative.advantages(rewards)
    assert round(found[0, 0], 2) == 3.87 and round(found[0, 1], 2) == -0.26, found[0, :2]
    pull = np.abs(found).mean(axis=-1)
    plain = np.abs(group_relative.centre(rewards)).mean(axis=-1)
    assert round(pull[0] / pull[1], 2) == 0.48 and round(plain[0] / plain[1], 2) == 0.23
    assert np.isclose(pull[0], pull[2])
    return {
        "the right one": found[0, 0],
        "a wrong one": found[0, 1],
        "pull, divided": pull[0] / pull[1],
        "pull, only centred": plain[0] / plain[1],
    }


@claim("Liu et al. 2025, §3.1; our rambler")
def dividing_by_length_teaches_rambling():
    """Undivided, length stays at 10 tokens; divided, wrong answers pass 25, right ones sink."""
    still = group_relative_length.ramble(0.5, 40, 0.5, divided=False)
    assert np.abs(still - 10).max() < 1e-6, f"Undivided, a length comes to {still.max():.1f}."
    moved = group_relative_length.ramble(0.5, 40, 0.5, divided=True)[-1]
    assert moved[0] < 3 and moved[1] > 25, moved
    return {"right": moved[0], "wrong": moved[1]}


@claim("§3, evaluation setup; our training", kind="reproduced small")
def a_vote_helps_only_where_the_right_answer_leads():
    """Of thirty sums the imitator gets 34% alone, 52% by vote of 64; one of 64 is always right."""
    found = {(now, k): float(elected(now, k).mean()) for now in (0, 4, 11) for k in (1, 64)}
    rounded = {key: round(value, 2) for key, value in found.items()}
    assert (rounded[0, 1], rounded[0, 64]) == (0.34, 0.52), rounded
    assert (rounded[4, 1], rounded[4, 64]) == (0.49, 0.83), rounded
    assert (rounded[11, 1], rounded[11, 64]) == (0.98, 1.0), rounded
    any_right = (ballots(0) == scratch.last_digit(THIRTY)[:, None]).any(axis=-1)
    assert any_right.all(), f"In {any_right.sum()} of thirty one of 64 is right."
    assert 840 < 1 / 0.9**64 < 850, "Blind guesses miss a sum more often, or less."
    assert (elected(0, 64) < elected(0, 1)).any(), "No sum is lost by voting."
    return {f"step {STEPS[now]}, votes {k}": value for (now, k), value in found.items()}


@claim("§2.2.4; second version, §2.3", kind="quoted")
def aime_rose_from_15_6_percent():
    """As reported: 15.6% to 71.0%, 86.7% by vote of 64; in the second version to 77.9%."""
    alone, voted = AIME["DeepSeek-R1-Zero"]
    assert (alone, voted) == (71.0, 86.7)
    assert round(alone - 15.6, 1) == 55.4
    return {"gain in points": round(alone - 15.6, 1), "by vote": round(voted - alone, 1)}


@claim("Tables 2, 5 and 6")
def votes_count_in_thirtieths():
    """AIME 2024 has 30 questions, so votes score in thirtieths: 11 of 13 printed ones do."""
    fits = {
        name: any(round(100 * n / 30, 1) == voted for n in range(31))
        for name, (_, voted) in AIME.items()
    }
    odd = sorted(name for name, fit in fits.items() if not fit)
    assert odd == ["DeepSeek-R1-Distill-Qwen-1.5B", "GPT-4o-0513"], odd
    assert round(0.867 * 30) == 26 and all(voted > alone for alone, voted in AIME.values())
    return {"in thirtieths": sum(fits.values()), "R1-Zero, of thirty": round(0.867 * 30)}


@breaks("advantages_are_standardised", replaces=group_relative.centre)
def no_baseline(rewards):
    """Leave out the group's mean: every answer that earned anything is praised, none is blamed."""
    return np.asarray(rewards, dtype=float)


@breaks("rules_look_at_the_end_only", replaces=scratch.format_reward)
def no_format_check(answers):
    """Leave out the format check: tags earn nothing."""
    return np.zeros(len(answers.tagged))


@breaks("dividing_by_length_teaches_rambling", replaces=group_relative_length.even_weights)
def average_over_tokens(lengths):
    """Average over each answer's tokens, as GRPO does, where they should only be added up."""
    return 1.0 / np.asarray(lengths, dtype=float)


@breaks("a_vote_helps_only_where_the_right_answer_leads", replaces=scratch_votes.vote)
def any_will_do(answers, right):
    """Count a vote as won when a single answer is right: that is pass@k, not cons@k."""
    return (answers == np.asarray(right)[..., None]).any(axis=-1).astype(float)
