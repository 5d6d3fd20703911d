"""Exhibits of the Transformer: one look step by step, saturation, order, and the price of n²."""

import itertools
from typing import Annotated

import numpy as np
from workings import (
    Choice,
    Slider,
    Table,
    Text,
    Toggle,
    asset,
    breaks,
    claim,
    exhibit,
    subplots,
)

from kernels.attention import core
from kernels.cost import layers

# A trained encoder, MiniLM, over 276 tokens of Hamlet: what its heads do, some queries and keys.
TRAINED = asset("minilm-attention/heads.json")
TRAINED_QK = asset("minilm-attention/crop.npz")
BY_LENGTH = asset("minilm-attention/lengths.json")

# Made words: 26 numbers for letters, one that is always 1, one for the length, four that stay 0,
# and 32 for the place. No number is learnt, so that each head has a meaning one can check.
D_MODEL, D_K = 64, 32
LETTERS, ONE, LENGTH, PLACE = slice(0, 26), 26, 27, slice(32, 64)


def embed(words):
    """Make a vector of every word: `(words, D_MODEL)`."""
    x = np.zeros((len(words), D_MODEL))
    for row, word in zip(x, words, strict=True):
        counts = np.bincount([ord(letter) - ord("a") for letter in word], minlength=26)
        row[LETTERS] = counts / np.linalg.norm(counts)
        row[ONE], row[LENGTH] = 1.0, len(word)
    x[:, PLACE] = core.sinusoids(range(len(words)), D_K)
    return x


def projections(head):
    """Make the matrices `W_Q`, `W_K` and `W_V` of a head by hand: `(D_MODEL, D_K)` each."""
    w_q, w_k, w_v = np.zeros((3, D_MODEL, D_K))
    w_v[LETTERS, :26] = np.eye(26)
    if head == "letters":  # asks for its own letters
        w_q[LETTERS, :26], w_k[LETTERS, :26] = 28.0 * np.eye(26), np.eye(26)
    elif head == "previous":  # asks for its own place, moved back by one
        w_q[PLACE], w_k[PLACE] = 28.0 * core.shift_matrix(-1, D_K).T, np.eye(D_K)
    else:  # asks every word how long it is
        w_q[ONE, 0], w_k[LENGTH, 0] = 8.0, 1.0
    return w_q, w_k, w_v


def look(words, head, masked):
    """Go through one head: scores, scaled scores, who is visible, weights, outputs."""
    x = embed(words)
    q, k, v = (x @ w for w in projections(head))
    scores = core.dot_products(q, k)
    scaled = core.scale_scores(scores, D_K)
    visible = core.causal_mask(len(x)) if masked else np.ones_like(scores, dtype=bool)
    weights = core.softmax(core.hide(scaled, visible))
    return scores, scaled, visible, weights, weights @ v


STEPS = (
    "1. dot products q·k",
    "2. divided by √32",
    "3. later words hidden",
    "4. softmax: the weights",
    "5. values, mixed by weight",
)


@exhibit(title="Every word looks at every other, in one step")
def look_up(
    sentence: Annotated[
        str,
        Text(
            r"[a-z]{1,10}( [a-z]{1,10}){0,6}",
            max_length=76,
            examples=("she sells sea shells", "time flies like an arrow"),
        ),
    ] = "the cat sat on the mat",
    head: Annotated[
        str,
        Choice(
            "letters",
            "previous",
            "long",
            labels=("same letters", "previous word", "long words"),
            label="head looks for",
        ),
    ] = "letters",
    masked: Annotated[bool, Toggle("hide later words")] = True,
    step: Annotated[int, Slider(1, 5, play=True)] = 5,
):
    """One head of attention on a short sentence, one step of the formula at a time."""
    words = sentence.split(" ")
    scores, scaled, visible, weights, mixed = look(words, head, masked)
    shown = [scores, scaled, np.where(visible, scaled, np.nan), weights, weights][step - 1]
    fig, (left, right) = subplots(1, 2, figsize=(6, 3.5), width_ratios=(1.25, 1))
    draw_matrix(left, shown, words, step)
    if step < 5:
        draw_last_row(right, shown[-1], words, step)
    else:
        used = sorted(set("".join(words)))
        draw_last_row(right, mixed[-1, [ord(letter) - ord("a") for letter in used]], used, step)
    if step == 2:  # on the axis of step 1, so that one sees the scores shrink
        right.set_xlim(min(0.0, float(scores[-1].min())), 1.25 * max(1.0, float(scores[-1].max())))
    right.set_ylabel("key" if step < 5 else "letter")
    left.set_title(STEPS[step - 1] if masked or step != 3 else "3. nothing hidden")
    right.set_title("the framed row" if step < 5 else "what it hands on")
    table = Table(
        ["key", "dot product", "divided", "visible", "weight"],
        [
            [word, scores[-1, j], scaled[-1, j], "yes" if visible[-1, j] else "no", weights[-1, j]]
            for j, word in enumerate(words)
        ],
    )
    return fig, say_step(step, words, (scores, scaled, visible, weights, mixed)), table


def draw_matrix(ax, shown, words, step):
    """Draw queries down and keys across; a frame marks the last query."""
    n = len(words)
    seen = shown[np.isfinite(shown)]
    low = 0.0 if step >= 4 else min(0.0, float(seen.min()))
    high = 1.0 if step >= 4 else float(seen.max())
    cells = np.where(np.isfinite(shown), shown, low)
    ax.imshow(cells, cmap="Reds" if step >= 4 else "Greys", vmin=low, vmax=high, aspect="auto")
    for i, j in np.argwhere(~np.isfinite(shown)):
        ax.text(j, i, "−∞", color="C3", fontsize=9, ha="center", va="center")
    left, right, top, bottom = -0.5, n - 0.5, n - 1.5, n - 0.5
    frame = [left, right, right, left, left], [top, top, bottom, bottom, top]
    ax.plot(*frame, color="C0", linewidth=1.5, linestyle="-")
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, -0.5)
    ax.set_xticks(range(n), words)
    ax.set_yticks(range(n), words)
    ax.set_xlabel("key")
    ax.set_ylabel("query")


def draw_last_row(ax, row, names, step):
    """Draw what the last word has at this step as bars; at step 5 its eight strongest letters."""
    if step == 5:
        strongest = np.sort(largest_first(row)[:8])
        row, names = row[strongest], [names[j] for j in strongest]
    lengths = np.where(np.isfinite(row), row, 0.0)
    top = 1.0 if step >= 4 else max(1.0, float(lengths.max()))
    places = range(len(lengths))
    ax.barh(places, lengths, color="C1" if step == 4 else "C2", height=0.7)
    ax.set_yticks(places, names)
    ax.set_xlim(min(0.0, float(lengths.min())), 1.25 * top)
    if step >= 4:
        ax.set_xticks([0, 0.5, 1])
    ax.set_ylim(len(lengths) - 0.4, -0.6)
    for place, value in enumerate(row):
        words = "−∞" if not np.isfinite(value) else f"{value:.0%}" if step == 4 else f"{value:.1f}"
        start = max(0.0, float(lengths[place]))
        ax.text(start + 0.03 * top, place, words, color="C0", fontsize=11, va="center")
    ax.set_xlabel({4: "weight", 5: "how much of the letter"}.get(step, "score"))


def say_step(step, words, numbers):
    """Say what the last word does at this step, in the numbers of this step."""
    scores, scaled, visible, weights, mixed = numbers
    n, last = len(words), f"“{words[-1]}”"
    best = int(largest_first(scores[-1])[0])
    if step == 1:
        equals = [j for j in largest_first(scores[-1]) if scores[-1, j] > scores[-1, best] - 1e-9]
        whom = name_words(words, equals)
        return f"As a query, {last} scores highest with {whom}: {scores[-1, best]:.1f}."
    if step == 2:
        if scaled[-1, best] == scores[-1, best]:
            return f"Nothing is divided: the highest score of {last} stays {scores[-1, best]:.1f}."
        return (
            f"Divided by √{D_K}, the highest score of {last} goes from {scores[-1, best]:.1f} "
            f"to {scaled[-1, best]:.1f}."
        )
    if step == 3:
        hidden, ahead = int((~visible).sum()), int(np.triu(visible, 1).sum())
        if n == 1:
            return "One word alone has nobody to hide from."
        if hidden == 0:
            return f"Nothing is hidden: all {n * n} scores stay, those with later words too."
        leaks = f", but {ahead} looks at later words are let through" if ahead else ""
        return f"{hidden} of {n * n} scores are set to minus infinity{leaks}."
    told = say_weights(words, weights[-1])
    if step == 5:
        strongest = largest_first(mixed[-1])[:3]
        letters = [chr(ord("a") + j) for j in strongest if mixed[-1, j] > 0.01]
        told += f"; mixed, that is mostly {listed(letters)}"
    total, leaks = weights[-1].sum(), int(np.triu(visible, 1).sum())
    if abs(total - 1) > 1e-9:
        return f"{told}. Its weights add up to {total:.2f}, not to 1."
    if leaks and not visible.all():
        return f"{told}. Earlier words look ahead {leaks} times, past the mask."
    return f"{told}."


def say_weights(words, row):
    """Say to whom the last word gives its weight."""
    last, ties = f"“{words[-1]}”", int((row > row.max() - 1e-9).sum())
    first, *others = largest_first(row)[:2]
    if ties > 2:
        return f"{last} has no favourite: {ties} words get {row[first]:.0%} each"
    told = f"{last} gives {row[first]:.0%} of its weight to {name_word(words, first)}"
    for second in (j for j in others if row[j] > 0.005):
        equals = [j for j in largest_first(row)[1:] if row[j] > row[second] - 1e-9]
        each = f"{row[second]:.0%}{' each' * (len(equals) > 1)}"
        told += f" and {each} to {name_words(words, equals)}"
    return told


def largest_first(row):
    """Order by size; what is equal but for rounding stays in the order of the sentence."""
    return np.argsort(-np.round(row, 9), kind="stable")


def name_words(words, chosen):
    """Name two of the chosen words and count the others."""
    names = [name_word(words, j) for j in chosen[:2]]
    return listed([*names, f"{len(chosen) - 2} more"] if len(chosen) > 2 else names)


def listed(names):
    """Write names one after another: “a, b and c”."""
    return " and ".join(", ".join(names).rsplit(", ", 1))


def name_word(words, j):
    """Name a word of the sentence: the last is “itself”, repeated ones have their number."""
    if j == len(words) - 1:
        return "itself"
    return f"“{words[j]}”" + (f" (word {j + 1})" if words.count(words[j]) > 1 else "")


KEYS, DRAWS, WIDEST, SHOWN = 16, 32, 512, 0  # SHOWN is the draw whose weights are bars
Q = np.random.default_rng(0).standard_normal((DRAWS, 1, WIDEST))
K = np.random.default_rng(1).standard_normal((DRAWS, KEYS, WIDEST))
WIDTHS = 2 ** np.arange(10)
DOTS = np.stack([core.dot_products(Q[..., :d], K[..., :d])[:, 0] for d in WIDTHS])


def sensitivity(weights):
    """Return the size of the softmax's Jacobian, its Frobenius norm: `(...)`."""
    return np.sqrt(np.square(core.softmax_jacobian(weights)).sum(axis=(-2, -1)))


def median_sensitivity(divided):
    """Return the median sensitivity over the draws at each of `WIDTHS`: `(10,)`."""
    scores = DOTS  # (widths, draws, keys)
    if divided:
        scores = np.stack([core.scale_scores(s, d) for s, d in zip(scores, WIDTHS, strict=True)])
    return np.median(sensitivity(core.softmax(scores)), axis=-1)


@exhibit(title="Widen the vectors: undivided, one key takes everything")
def saturation(
    d_k: Annotated[int, Slider(1, 512, scale="log2", label="d_k", play=True)] = 512,
    divide: Annotated[bool, Toggle("divide the scores")] = False,
):
    """Weights of 16 random keys for one random query, and how far they still answer the scores."""
    scores = core.dot_products(Q[SHOWN, :, :d_k], K[SHOWN, :, :d_k])[0]
    if divide:
        scores = core.scale_scores(scores, d_k)
    weights = core.softmax(scores)
    fig, (left, right) = subplots(1, 2, figsize=(6, 3.4))
    left.bar(range(1, KEYS + 1), weights, color="C1", width=0.75)
    left.set_ylim(0, 1)
    left.set_xlabel("key")
    left.set_ylabel("weight")
    left.set_title("who gets the weight")
    plain, divided = median_sensitivity(False), median_sensitivity(True)
    right.plot(WIDTHS, divided, color="C0", linestyle="-", label="divided")
    right.plot(WIDTHS, plain, color="C1", linestyle="-", label="not divided")
    right.text(512, 1.35 * divided[-1], "divided by √$d_k$", color="C0", ha="right", va="bottom")
    right.text(40, 0.02, "not divided", color="C1", ha="right", va="center")
    curve, colour = (divided, "C0") if divide else (plain, "C1")
    here = float(np.interp(np.log2(d_k), np.log2(WIDTHS), np.log(curve)))
    right.plot([d_k], [np.exp(here)], "o", color=colour, markersize=8)
    right.set_xscale("log", base=2)
    right.set_yscale("log")
    right.set_ylim(3e-4, 1.5)
    right.set_xlabel("$d_k$")
    right.set_ylabel("size of the gradient")
    right.set_title("what learning can still feel")
    how = f"divided by √{d_k}" if divide else "not divided"
    if divide and d_k > 1 and np.ptp(core.scale_scores(scores, d_k) - scores) == 0:
        how = f"to be divided by √{d_k} but left as they are"
    top = weights.max()
    share = f"{top:.0%}" if top < 0.995 else "more than 99%"
    sentence = (
        f"Vectors of {d_k} number{'s' * (d_k > 1)}, scores {how}: the {KEYS} scores have a "
        f"standard deviation of {scores.std():.1f}, and the largest weight is {share}."
    )
    columns = {"key": np.arange(1, KEYS + 1), "score": scores, "weight": weights}
    return fig, sentence, columns


TRIO = ("dog", "bites", "man")
ARRANGEMENTS = tuple(itertools.permutations(range(3)))
TOY = 8  # numbers a word, in two heads
MEANING = np.random.default_rng(3).standard_normal((3, TOY))
TOY_MATRICES = np.random.default_rng(4).standard_normal((4, TOY, TOY)) / np.sqrt(TOY / 2)


def toy_layer(order, positions, masked):
    """Send the three words in this order through two heads: `(3, TOY)`, rows as arranged."""
    x = MEANING[list(order)]
    if positions:
        x = x + core.sinusoids(range(3), TOY)
    return core.multi_head(x, *TOY_MATRICES, 2, core.causal_mask(3) if masked else None)


@exhibit(title="Dog bites man, man bites dog: attention alone can't tell")
def order(
    arrangement: Annotated[int, Slider(0, 5, play=True)] = 5,
    positions: Annotated[bool, Toggle("add positions")] = False,
    masked: Annotated[bool, Toggle("causal mask")] = False,
):
    """Show what two heads hand on for the same three words in two orders."""
    now = ARRANGEMENTS[arrangement]
    written = toy_layer(ARRANGEMENTS[0], positions, masked)
    arranged = toy_layer(now, positions, masked)
    size = np.linalg.norm(written, axis=1)[list(now)]
    moved = np.round(np.linalg.norm(arranged - written[list(now)], axis=1) / size, 12)
    names = [TRIO[j] for j in now]
    fig, axs = subplots(1, 3, figsize=(6, 2.5), width_ratios=(1, 1, 0.7))
    top = float(max(np.abs(written).max(), np.abs(arranged).max()))
    for ax, values, labels in ((axs[0], written, TRIO), (axs[1], arranged, names)):
        ax.imshow(values, cmap="RdBu_r", vmin=-top, vmax=top, aspect="auto")
        ax.set_yticks(range(3), labels)
        ax.set_xticks([])
        ax.set_title(" ".join(labels))
    axs[2].barh(range(3), moved, color="C1", height=0.6)
    for place, share in enumerate(moved):
        axs[2].text(share + 0.05, place, f"{share:.0%}", color="C0", fontsize=11, va="center")
    axs[2].set_yticks([])
    axs[2].set_xticks([])
    axs[2].set_ylim(2.5, -0.5)
    axs[2].set_xlim(0, max(1.0, 1.8 * float(moved.max())))
    axs[2].set_title("changed by")
    return (
        fig,
        say_order(now, names, moved, (positions, masked)),
        {"word": names, "changed by (relative)": moved},
    )


def say_order(now, names, moved, told):
    """Say whether the order of the words left a trace."""
    words = " ".join(names)
    if now == ARRANGEMENTS[0]:
        return f"“{words}”, as written; move the slider to rearrange the words."
    if moved.max() < 1e-12:
        return (
            f"“{words}” gives every word the vector that it had in “{' '.join(TRIO)}”: "
            "the rows have moved and nothing else has."
        )
    most = int(largest_first(moved)[0])
    why = {
        (True, False): "the words know their places",
        (False, True): "the causal mask alone tells first from last",
        (True, True): "places and mask both tell first from last",
    }.get(told, "the layer is no longer blind to order")
    change = f"changes by {moved[most]:.0%} of its length"
    return f"In “{words}” the vector of “{names[most]}” {change}: {why}."


KINDS = ("attention", "recurrent", "convolution", "neighbours")
HEADS = 8


def counts(n, d):
    """Return the multiplications of each kind of layer."""
    return (
        layers.self_attention(n, d),
        layers.recurrent(n, d),
        layers.convolutional(n, d, 3),
        layers.restricted_attention(n, d, 64),
    )


def paths(n):
    """Return the longest path of each kind of layer."""
    return (
        layers.attention_path(n),
        layers.recurrent_path(n),
        layers.convolutional_path(n, 3),
        layers.restricted_path(n, 64),
    )


@exhibit(title="The bargain: no waiting and short paths, for a square")
def cost(
    n: Annotated[int, Slider(16, 65536, scale="log2", label="words n", play=True)] = 512,
    d: Annotated[int, Choice(128, 512, 2048, label="numbers a word d")] = 512,
):
    """Multiplications of four kinds of layer by length, and the longest path between two words."""
    lengths = 2 ** np.arange(4, 17)
    fig, (left, right) = subplots(1, 2, figsize=(6, 3.7), width_ratios=(1.2, 1))
    looks = (("C1", "-", 2.6), ("C0", "-", 1.6), ("C2", "--", 1.6), ("C3", "-", 3.0))
    work, far = counts(n, d), paths(n)
    for i, (colour, dash, width) in enumerate(looks):
        line = [counts(int(m), d)[i] for m in lengths]
        left.plot(lengths, line, color=colour, linestyle=dash, linewidth=width, label=KINDS[i])
    left.axvline(n, color="C5", linestyle="-")
    left.plot([n], [work[0]], "o", color="C1", markersize=8)
    left.set_xscale("log", base=2)
    left.set_yscale("log")
    left.set_xlabel("words n")
    left.set_title("multiplications")
    left.legend(ncols=2)
    right.barh(range(4), far, color=["C1", "C0", "C2", "C3"], height=0.65)
    right.set_yticks(range(4), KINDS)
    right.set_ylim(3.5, -0.5)
    right.set_xscale("log")
    right.set_xlim(0.5, 3e6)
    for place, steps in enumerate(far):
        right.text(1.3 * steps, place, f"{steps:,}", color="C0", fontsize=11, va="center")
    right.set_xlabel("steps between two words")
    right.set_title("longest path")
    ratio = work[0] / work[1]
    against = "as many as" if ratio == 1 else f"{ratio:,.3g} times as many as"
    if ratio < 1:
        against = f"{1 / ratio:,.4g} times fewer than"
    sentence = (
        f"For {n:,} words of {d:,} numbers, attention does {amount(work[0])} multiplications, "
        f"{against} a recurrent layer with its {layers.waits('recurrent', n):,} steps; "
        f"the scores fill {storage(layers.score_bytes(n, HEADS))} in {HEADS} heads."
    )
    rows = [[kind, w, p] for kind, w, p in zip(KINDS, work, far, strict=True)]
    return fig, sentence, Table(["layer", "multiplications", "longest path"], rows)


def amount(count):
    """Say a large number in words."""
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if count >= size:
            return f"{count / size:,.3g} {name}" if count < 1000 * size else f"{count:.2g}"
    return f"{count:,}"


def storage(size):
    """Say a number of bytes, 1000 to the KB."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if size >= unit:
            return f"{size / unit:,.3g} {name}"
    return f"{size} bytes"


@claim("§3.2.1, footnote 4")
def dot_products_have_variance_d_k():
    """Components with mean 0 and variance 1 give dot products with mean 0 and variance d_k."""
    measured = {}
    for d in (1, 2, 3, 4, 5):  # every pair of vectors of signs, so that nothing is left to chance
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=d)))  # (2^d, d)
        every = core.dot_products(signs, signs)  # (2^d, 2^d)
        assert every.mean() == 0 and every.var() == d
        measured[f"variance at d_k = {d}"] = every.var()
    return measured


@claim("§3.2.1", kind="reproduced small")
def scaled_scores_have_variance_one():
    """Divided by the square root of d_k, scores vary by about 1 at every width from 16 to 512."""
    rng, measured = np.random.default_rng(5), {}
    for d in (16, 64, 512):
        q, k = rng.standard_normal((2, 100, d))
        variance = float(core.scale_scores(core.dot_products(q, k), d).var())
        assert abs(variance - 1) < 0.1, f"At d_k = {d} the variance is {variance:.1f}."
        measured[f"variance at d_k = {d}"] = variance
    return measured


@claim("§3.2.1", kind="reproduced small")
def undivided_softmax_saturates():
    """At d_k = 512 undivided scores leave a gradient a hundred times smaller than divided ones."""
    plain, divided = median_sensitivity(False)[-1], median_sensitivity(True)[-1]
    assert divided > 100 * plain, f"Divided it is {divided / plain:.1f} times as large."
    return {"divided": divided, "not divided": plain, "ratio": divided / plain}


@claim("eq. 1", rtol=10)  # a rounding error is not the same on every machine
def weights_sum_to_one():
    """Every query shares out one whole weight: no weight is negative and each row sums to 1."""
    q, k = np.random.default_rng(6).standard_normal((2, 3, 12, 16))
    weights = core.attention_weights(q, k, core.causal_mask(12))
    worst = float(np.abs(weights.sum(axis=-1) - 1).max())
    assert weights.min() >= 0 and worst < 1e-12, f"A row sums to 1 with an error of {worst:.2g}."
    return {"largest error of a sum": worst}


@claim("§3.2.3")
def masked_rows_ignore_the_future():
    """Under the causal mask later words change no earlier output, not by a single bit."""
    rng, mask = np.random.default_rng(7), core.causal_mask(9)
    for seen in range(1, 9):
        first = rng.standard_normal((3, 9, 16))
        second = first.copy()
        second[:, seen:] = 10 * rng.standard_normal((3, 9 - seen, 16))
        one, two = core.attention(*first, mask), core.attention(*second, mask)
        same = np.array_equal(one[:seen], two[:seen])
        assert same, f"New words after word {seen} change what came before."
        assert not np.any(one[seen:] == two[seen:]), "New words don't even change their own output."
    return {"sentences compared": 8.0}


@claim("§3.5; our remark", rtol=10)
def order_leaves_no_trace():
    """Without mask and positions, shuffled words give the same outputs shuffled, to 12 decimals."""
    rng = np.random.default_rng(8)
    x, matrices = rng.standard_normal((20, 32)), rng.standard_normal((4, 32, 32)) / np.sqrt(32)
    straight, worst = core.multi_head(x, *matrices, 4), 0.0
    assert np.ptp(straight, axis=0).min() > 0.1, "The words are not told apart to begin with."
    for _ in range(10):
        shuffle = rng.permutation(20)
        shuffled = core.multi_head(x[shuffle], *matrices, 4)
        worst = max(worst, float(np.abs(shuffled - straight[shuffle]).max()))
    assert worst < 1e-12, f"An output changes by {worst:.2g}."
    return {"largest change": worst}


@claim("§3.2.3; our remark", kind="reproduced small")
def a_mask_tells_first_from_last():
    """Under the causal mask a shuffled sentence gives other outputs even without positions."""
    straight = toy_layer(ARRANGEMENTS[0], positions=False, masked=True)
    shuffled = toy_layer(ARRANGEMENTS[5], positions=False, masked=True)[::-1]
    change = float(np.linalg.norm(shuffled - straight) / np.linalg.norm(straight))
    assert change > 0.1, f"The outputs change by {change:.2g} of their length."
    return {"change, of their length": change}


@claim("§3.5", rtol=10)
def one_matrix_moves_all_places():
    """For each offset one matrix takes the encoding of any place to that of the place beyond."""
    places, worst = np.arange(200), 0.0
    for offset in (1, 2, 10, 100):
        moved = core.sinusoids(places, 512) @ core.shift_matrix(offset, 512).T
        worst = max(worst, float(np.abs(moved - core.sinusoids(places + offset, 512)).max()))
    assert worst < 1e-12, f"An encoding is off by {worst:.2g}."
    return {"largest difference": worst}


@claim("Table 1")
def table_1_holds():
    """Work grows as n²d, nd², knd² and rnd; attention and recurrence are level at n = d."""
    n, d, k, r = 256, 512, 3, 64
    attends, recurs = layers.self_attention, layers.recurrent
    assert attends(40, 16) == multiplications(*np.ones((3, 40, 16))), (
        "It is not what attention does."
    )
    assert attends(2 * n, d) == 4 * attends(n, d), "Twice the words is not four times the work."
    assert attends(n, 2 * d) == 2 * attends(n, d)
    assert recurs(2 * n, d) == 2 * recurs(n, d) and recurs(n, 2 * d) == 4 * recurs(n, d)
    assert layers.convolutional(n, d, k) == k * layers.convolutional(n, d, 1)
    assert layers.convolutional(2 * n, 2 * d, k) == 8 * layers.convolutional(n, d, k)
    assert layers.restricted_attention(2 * n, d, r) == 2 * layers.restricted_attention(n, d, r)
    assert layers.restricted_attention(n, d, 2 * r) == 2 * layers.restricted_attention(n, d, r)
    assert attends(d - 1, d) < recurs(d - 1, d) and attends(d, d) == recurs(d, d)
    return {"attention, n = 256, d = 512": attends(n, d), "recurrent": recurs(n, d)}


@claim("Table 1")
def paths_of_table_1():
    """Between the ends of 4,096 words lie 1, 4,096, 8 and 128 steps in the four kinds of layer."""
    found = paths(4096)
    assert found == (1, 4096, 8, 128), found
    assert paths(4096 * 3)[2] == found[2] + 1  # a logarithm: three times as far, one layer more
    return dict(zip(KINDS, map(float, found), strict=True))


@claim("§3.2.2")
def heads_share_the_work():
    """Eight heads of 64 numbers do the same number of multiplications as one head of 512."""
    x = np.ones((50, 512))
    heads = core.split_heads(x, 8)  # (8, 50, 64)
    one, eight = multiplications(x, x, x), multiplications(heads, heads, heads)
    assert one == eight == layers.multi_head_attention(50, 512, 8), f"{one:,} against {eight:,}"
    return {"multiplications for 50 words": one}


def multiplications(q, k, v):
    """Count the products behind every score and every output, from the arrays that hold them."""
    return core.dot_products(q, k).size * q.shape[-1] + core.attention(q, k, v).size * k.shape[-2]


@claim("§3.3 and Table 1; our count")
def the_square_takes_half_at_3072():
    """At d = 512 the square is 14% of a layer's work for 512 words and 50% for 3,072."""
    short, long = (layers.quadratic_share(n, 512, 2048) for n in (512, 3072))
    assert round(100 * short) == 14 and long == 0.5
    return {"share at 512 words": short, "share at 3,072 words": long}


@claim("Table 1; our count")
def scores_fill_the_memory():
    """In eight heads of 32-bit numbers the scores fill 34 MB for 1,024 words, 137 GB for 65,536."""
    short, long = layers.score_bytes(1024, HEADS), layers.score_bytes(65536, HEADS)
    assert storage(short) == "33.6 MB" and storage(long) == "137 GB"
    return {"bytes for 1,024 words": short, "bytes for 65,536 words": long}


@claim("eq. 1; MiniLM, our measurement")
def a_learnt_head_is_the_same_formula():
    """From its queries and keys, equation 1 gives a trained head's map of 276 tokens again."""
    previous = TRAINED["previous"][0][2]  # layer and head, counted from 0
    weights = core.attention_weights(TRAINED_QK["q 0 2"].astype(float), TRAINED_QK["k 0 2"])
    looked_back = np.diagonal(weights, offset=-1)  # each token's weight on the one before it
    assert weights.shape == (276, 276) and abs(looked_back.mean() - previous) < 0.02
    return {"mean weight on the previous token": looked_back.mean(), "as recorded": previous}


@claim("MiniLM, our measurement")
def a_learnt_head_looks_one_token_back():
    """MiniLM's head 2 of layer 0 gives the token before 76% of its weight; in 64 tokens, 99.9%."""
    share = {row["tokens"]: row["previous"] for row in BY_LENGTH["rows"]}
    assert round(100 * share[276]) == 76 and share[64] > 0.999
    assert TRAINED["previous"][0][2] == max(max(layer) for layer in TRAINED["previous"])
    return {"weight at 64 tokens": share[64], "weight at 276 tokens": share[276]}


@claim("abstract; §5.2", kind="quoted")
def translates_better_for_less():
    """As reported: 28.4 BLEU into German, and 41.8 into French after 3.5 days on eight GPUs."""
    days = 300_000 * 1.0 / 86_400  # steps of the big model and seconds a step, §5.2
    assert round(days, 1) == 3.5
    return {"BLEU, German": 28.4, "BLEU, French": 41.8, "days": days, "GPU-days": 8 * days}


@breaks("scaled_scores_have_variance_one", replaces=core.scale_scores)
def no_scaling(scores, d_k):
    """Leave out the division: scores grow with the width, and the softmax saturates."""
    return scores


@breaks("masked_rows_ignore_the_future", replaces=core.causal_mask)
def leaked_mask(n):
    """Draw the mask one place too far to the right: every word sees the next one, the answer."""
    return np.tril(np.ones((n, n), dtype=bool), k=1)


@breaks("weights_sum_to_one", replaces=core.softmax)
def wrong_axis(scores):
    """Take the softmax down the columns: keys share out their queries, not queries their keys."""
    axis = max(-2, -np.ndim(scores))
    raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


@breaks("table_1_holds", replaces=layers.self_attention)
def one_query_only(n, d):
    """Count the scores of one query and forget that every word asks: the square is gone."""
    return 2 * n * d
