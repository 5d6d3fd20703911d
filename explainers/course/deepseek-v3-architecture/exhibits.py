"""Exhibits of chapter 2: a small block step by step, loads with a bias, texts, absorption."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, breaks, claim, exhibit, figure, subplots

from kernels.attention import latent, rotary
from kernels.attention.core import dot_products
from kernels.cost import counts
from kernels.cost.models import DEEPSEEK_V3
from kernels.norms.rms import rms_norm
from kernels.routing import balance, dispatch, topk

TEXT = ("the", "cat", "sat", "on", "the", "mat", "and", "slept")
D, HEADS, D_HEAD, D_C, D_CQ, D_R = 32, 4, 8, 8, 12, 4
EXPERTS, TAKEN, GROUPS, KEPT, D_FF = 16, 4, 4, 2, 12
THETA = rotary.frequencies(D_R, 100.0)
BIAS = np.tile([0.1, 0.0, 0.0, -0.1], EXPERTS // 4)  # as if some had been idle, some crowded


@dataclass(frozen=True)
class Block:
    """One layer's matrices: latent attention, a router, a shared expert and routed ones."""

    attention: latent.LatentWeights
    centroids: np.ndarray  # (d_model, experts)
    shared: tuple[np.ndarray, np.ndarray, np.ndarray]
    routed: list[tuple[np.ndarray, np.ndarray, np.ndarray]]


def small_block(seed=3):
    """Draw a block with everything that the published one has, and every width cut down."""
    rng = np.random.default_rng(seed)

    def expert():
        return tuple(
            rng.standard_normal(shape) / np.sqrt(shape[0])
            for shape in ((D, D_FF), (D, D_FF), (D_FF, D))
        )

    return Block(
        latent.random_weights(rng, D, HEADS, D_HEAD, D_C, D_CQ, D_R),
        rng.standard_normal((D, EXPERTS)) / np.sqrt(D),
        expert(),
        [expert() for _ in range(EXPERTS)],
    )


def embedded(words, seed=5):
    """Draw a vector for each word, the same for the same word: `(time, d_model)`."""
    rng = np.random.default_rng(seed)
    table = {word: rng.standard_normal(D) for word in sorted(set(words))}
    return np.array([table[word] for word in words])


def swiglu(x, weights):
    """Run a gated feed-forward part: `(tokens, d_model)` to the same."""
    gate, up, down = weights
    inner = x @ gate
    return inner * topk.sigmoid(inner) * (x @ up) @ down


def causal(size):
    """Return which keys a query may see: `(size, size)`, true up to itself."""
    return np.tril(np.ones((size, size), dtype=bool))


def run_block(h, block, bias=None, start=0):
    """Run one block (eqs. 1-16) on `h` `(time, d_model)`; return all arrays on the way, by name."""
    w, places = block.attention, start + np.arange(len(h))
    bias = np.zeros(EXPERTS) if bias is None else bias
    x = rms_norm(h, np.ones(D))
    c, k_r = latent.compress(x, places, w, THETA)
    c_q, q_r = latent.query_parts(x, places, w, THETA)
    content = dot_products(c_q @ latent.fold_keys(w), c)
    weights = latent.weigh(content, dot_products(q_r, k_r), D_HEAD, D_R, causal(len(h)))
    attended = latent.absorbed(x, places, w, THETA, causal(len(h)))
    u = h + attended
    y = rms_norm(u, np.ones(D))
    logits = y @ block.centroids
    routed = topk.gate_biased(logits, bias, TAKEN, GROUPS, KEPT)
    experts = [lambda x, own=own: swiglu(x, own) for own in block.routed]
    mixed = dispatch.mixture(y, experts, routed)
    return {
        "h": h, "cache": np.hstack([c, k_r]), "weights": weights, "u": u,
        "scores": topk.sigmoid(logits), "gates": balance.dense(routed, EXPERTS),
        "out": u + swiglu(y, block.shared) + mixed,
    }  # fmt: skip


STEPS = (
    ("h", "what comes in", "number"),
    ("cache", "what is cached", "8 latent, 4 turned"),
    ("weights", "where a head looks", "key"),
    ("u", "attention added", "number"),
    ("scores", "affinity to experts", "expert"),
    ("gates", "weights of the chosen", "expert"),
    ("out", "what goes out", "number"),
)


@exhibit(title="Walk through one block, an array at a time")
def block(
    step: Annotated[int, Slider(1, 7, label="step", play=True)] = 6,
    head: Annotated[int, Slider(0, 3, label="head (step 3)")] = 0,
):
    """Each array of a small block in turn, tokens downwards; beside it the sizes of all seven."""
    made = run_block(embedded(TEXT), small_block(), BIAS)
    name, title, across = STEPS[step - 1]
    array = made[name][head] if name == "weights" else made[name]
    fig, (steps, picture) = subplots(1, 2, figsize=(6, 3.7), width_ratios=(1, 1.5))
    for row, (key, words, _) in enumerate(STEPS):
        colour = "C1" if row == step - 1 else "C0"
        size = made[key].shape
        steps.text(0, 6 - row + 0.15, f"{row + 1} {words}", color=colour, va="center")
        steps.text(0.06, 6 - row - 0.25, " × ".join(map(str, size)), color=colour, va="center")
    steps.set_xlim(0, 1)
    steps.set_ylim(-0.7, 6.6)
    steps.set_axis_off()
    shown = np.abs(array)
    picture.imshow(shown, cmap="Greys", vmin=0, vmax=shown.max(), aspect="auto")
    picture.set_yticks(range(len(TEXT)), TEXT)
    picture.set_xlabel(across)
    picture.set_title("size of each number" if name in ("h", "cache", "u", "out") else title)
    return fig, block_sentence(name, made, head), {
        "token": [word for word in TEXT for _ in range(array.shape[1])],
        across: list(range(array.shape[1])) * len(TEXT),
        "value": array.ravel(),
    }  # fmt: skip


def block_sentence(name, made, head):
    """Say what one step shows."""
    repeated = [np.flatnonzero(made["gates"][token]) for token in (0, 4)]
    common = len(np.intersect1d(*repeated))
    busiest = int((made["gates"] > 0).sum(axis=0).max())
    groups = max(len({expert // 4 for expert in np.flatnonzero(row)}) for row in made["gates"])
    row = made["weights"][head][-1]
    return {
        "h": "8 tokens come in, 32 numbers each; the two “the” are the same vector.",
        "cache": (
            f"Of each token {made['cache'].shape[1]} numbers are cached, "
            f"{D_C} of latent and {D_R} that its position has turned; whole keys and values of 4 "
            f"heads would be {2 * HEADS * D_HEAD}."
        ),
        "weights": (
            f"In head {head}, “slept” looks most at “{TEXT[int(row.argmax())]}”, with a weight of "
            f"{row.max():.0%}; nobody looks ahead."
        ),
        "u": "What attention found is added; the two “the” are no longer the same.",
        "scores": (
            f"Every token has an affinity between 0 and 1 to each of 16 experts; they sum to "
            f"{made['scores'].sum(axis=1).min():.1f} or more, not to 1."
        ),
        "gates": (
            f"Each token takes 4 experts from at most {groups} of 4 groups, with weights that sum "
            f"to 1; the two “the” share {common} of 4, and the busiest expert serves {busiest} of "
            "8 tokens."
        ),
        "out": (
            "The shared expert and the weighted sum of the chosen ones are added; again 8 tokens "
            "of 32 numbers, ready for the next block."
        ),
    }[name]


COUNT, CHOSEN, BATCH, ROUNDS = 16, 2, 384, 61


def skewed(skew, rounds=ROUNDS, seed=11):
    """Draw batches of logits in which some experts are liked more: `(rounds, tokens, experts)`."""
    rng = np.random.default_rng(seed)
    liking = round(skew, 3) * np.linspace(1, -1, COUNT)
    return rng.standard_normal((rounds, BATCH, COUNT)) + liking


def kept_affinity(logits, bias):
    """Return what part of the best affinity the chosen experts still have, on average."""
    scores = topk.sigmoid(logits)
    own = np.take_along_axis(scores, topk.gate_biased(logits, bias, CHOSEN).experts, axis=-1)
    return float((own.sum(axis=-1) / np.sort(scores, axis=-1)[:, -CHOSEN:].sum(axis=-1)).mean())


def lacking_words(logits, bias):
    """Send ones through experts that return them, and say how many tokens get back less."""
    routed = topk.gate_biased(logits, bias, CHOSEN)
    back = dispatch.mixture(np.ones((BATCH, 1)), [np.copy] * COUNT, routed)
    lacking = int((back < 1 - 1e-9).sum())
    return f"{lacking} of {BATCH} tokens lack an expert" if lacking else "none is"


@exhibit(title="Let the bias work, and watch the crowd spread")
def load(
    steps: Annotated[int, Slider(0, 60, step=10, label="after", unit="steps", play=True)] = 40,
    speed: Annotated[
        str,
        Choice(
            "0", "0.001", "0.01", "0.1", labels=("off", "0.001", "0.01", "0.1"), label="speed γ"
        ),
    ] = "0.01",
    skew: Annotated[float, Slider(0, 2, step=0.5, label="skew")] = 1.0,
):
    """Tokens of every expert without and with the bias, and how uneven each step was."""
    batches = skewed(skew)
    biases, loads = balance.balance_by_bias(batches, CHOSEN, float(speed))
    plain = np.array(
        [
            dispatch.loads(topk.gate_biased(logits, np.zeros(COUNT), CHOSEN).experts, COUNT)
            for logits in batches[[0, steps]]
        ]
    )
    even = BATCH * CHOSEN / COUNT
    uneven = balance.violation(loads)
    fig, (top, low) = subplots(2, 1, figsize=(6, 4.6))
    top.bar(range(COUNT), plain[1] / even, color="C5", width=0.9, label="without the bias")
    top.bar(range(COUNT), loads[steps] / even, color="C1", width=0.45, label="with it")
    top.axhline(1, color="C0", linewidth=1)
    top.set_ylim(0, 1.15 * max(2.0, plain[1].max() / even))
    top.set_xlabel("expert")
    top.set_ylabel("of an even share")
    top.legend(loc="upper right")
    low.plot(range(ROUNDS), uneven, color="C1")
    low.plot([steps], [uneven[steps]], "o", color="C1")
    low.axhline(balance.violation(plain[1]), color="C3", linestyle="--")
    low.set_xlim(0, ROUNDS - 1)
    low.set_ylim(0, 1.15 * max(uneven.max(), balance.violation(plain[1])))
    low.set_xlabel("step")
    low.set_ylabel("fullest, above even")
    kept = kept_affinity(batches[steps], biases[steps])
    away = [np.maximum(seen - even, 0).sum() / seen.sum() for seen in (plain[1], loads[steps])]
    sentence = (
        f"After {steps} steps the fullest expert has {1 + uneven[steps]:.2f} times an even share, "
        f"without the bias {1 + balance.violation(plain[1]):.2f}; what is chosen keeps {kept:.1%} "
        f"of the best affinity. Room for an even share would turn away {away[1]:.0%} of "
        f"the assignments, without the bias {away[0]:.0%}; "
        f"{lacking_words(batches[steps], biases[steps])}."
    )
    table = Table(
        ["expert", "without", "with", "bias"],
        [[e, int(plain[1][e]), int(loads[steps][e]), biases[steps][e]] for e in range(COUNT)],
    )
    return fig, sentence, table


def sequence_loss(scores, k):
    """Return `Σ f_i P_i` of one text (eqs. 17-20, without `α`): 1 where load and affinity are even.

    `scores` `(tokens, experts)` are affinities between 0 and 1.
    """
    count = scores.shape[-1]
    p = (scores / scores.sum(axis=-1, keepdims=True)).mean(axis=0)
    return float(count * balance.shares(topk.top_k(scores, k), count) @ p)


def two_texts(apart, tokens=128, experts=16, seed=2):
    """Draw logits of two texts that prefer the two halves of the experts, by `apart`."""
    rng = np.random.default_rng(seed)
    half = np.where(np.arange(experts) < experts // 2, 1.0, -1.0)
    drawn = rng.standard_normal((2, tokens, experts))
    return drawn + round(apart, 3) * np.array([half, -half])[:, None, :]


@exhibit(title="Two texts, each with experts of its own: even together, uneven apart")
def texts(
    apart: Annotated[
        float, Slider(0, 3, step=0.25, label="how far the texts differ", play=True)
    ] = 1.0,
):
    """Load of each text and of both, as parts of an even share, with the sequence-wise loss."""
    logits = two_texts(apart)
    experts = [topk.top_k(text, 2) for text in logits]
    load = np.array([dispatch.loads(own, 16) for own in experts])
    losses = [sequence_loss(topk.sigmoid(text), 2) for text in logits]
    even = 128 * 2 / 16
    fig, ax = figure(figsize=(6, 3.2))
    place = np.arange(16)
    ax.bar(place, load.sum(axis=0) / 2 / even, color="C5", width=0.92, label="both texts")
    ax.bar(place - 0.2, load[0] / even, color="C0", width=0.36, label="a text of code")
    ax.bar(place + 0.2, load[1] / even, color="C1", width=0.36, label="a text of prose")
    ax.axhline(1, color="C0", linewidth=1)
    ax.set_ylim(0, 3.4)
    ax.set_xlabel("expert")
    ax.set_ylabel("of an even share")
    ax.legend(ncols=3)
    both = balance.violation(load.sum(axis=0))
    alone = balance.violation(load).max()
    sentence = (
        f"The fullest expert is {both:.0%} above an even share over both texts, and {alone:.0%} "
        f"within one of them; the sequence-wise loss is {np.mean(losses):.2f}α, where even is 1α."
    )
    columns = {"expert": place, "code": load[0], "prose": load[1], "both": load.sum(axis=0)}
    return fig, sentence, columns


def ways(queries, context):
    """Return FLOPs and bytes of attending for `queries` tokens at once, in all layers, three ways.

    Every query sees `context` keys; bytes are those of the cache, two a number, read once.
    """
    model = DEEPSEEK_V3
    straight = queries * counts.attention_flops(model, context)
    whole = 4 * model.layers * model.heads * model.d_head * context
    own = counts.cache_bytes(model, context)
    return {
        "keep keys and values": (straight, whole),
        "rebuild them": (straight + counts.rebuilding_flops(model, context), own),
        "absorb": (queries * counts.attention_flops(model, context, absorbed=True), own),
    }


@exhibit(title="One token at a time or many: what absorbing saves, and when it no longer does")
def absorbing(
    queries: Annotated[int, Slider(1, 4096, scale="log2", label="tokens at once", play=True)] = 1,
    context: Annotated[int, Slider(1024, 131072, scale="log2", label="tokens in the cache")] = 4096,
):
    """Arithmetic for each token against how many are read at once, and the cache that is read."""
    many = 2 ** np.arange(13)
    fig, (top, low) = subplots(2, 1, figsize=(6, 4.6), height_ratios=(2, 1))
    now = ways(queries, context)
    colours = {"keep keys and values": "C3", "rebuild them": "C0", "absorb": "C1"}
    for name, colour in colours.items():
        curve = [ways(int(q), context)[name][0] / q / 1e9 for q in many]
        top.plot(many, curve, color=colour, label=name)
        top.plot([queries], [now[name][0] / queries / 1e9], "o", color=colour)
    top.set_xscale("log")
    top.set_yscale("log")
    top.set_xlim(1, 4096)
    top.set_xlabel("tokens at once")
    top.set_ylabel("GFLOPs a token")
    top.legend(loc="upper right")
    rows = [2, 1, 0]
    low.barh(rows, [now[n][1] / 1e9 for n in now], color=list(colours.values()), height=0.6)
    for row, (_, size) in zip(rows, now.values(), strict=True):
        low.text(
            size / 1e9 + now["keep keys and values"][1] / 5e10,
            row,
            f"{size / 1e9:,.2f} GB",
            va="center",
            ha="left",
        )
    low.set_yticks(rows, list(now))
    low.set_xlim(0, 1.25 * now["keep keys and values"][1] / 1e9)
    low.set_xlabel("cache read, GB")
    rebuilt, folded = now["rebuild them"][0], now["absorb"][0]
    if rebuilt >= folded:
        verdict = f"rebuilding takes {rebuilt / folded:.3g} times the arithmetic of absorbing"
    else:
        verdict = f"absorbing takes {folded / rebuilt:.3g} times the arithmetic of rebuilding"
    word = "token" if queries == 1 else "tokens"
    sentence = (
        f"For {queries:,} {word} at once over {context:,} cached ones, {verdict}; both read "
        f"{now['absorb'][1] / 1e9:.2f} GB of cache where whole keys and values are "
        f"{now['keep keys and values'][1] / 1e9:.1f} GB."
    )
    table = Table(["way", "GFLOPs", "GB"], [[n, f / 1e9, b / 1e9] for n, (f, b) in now.items()])
    return fig, sentence, table


def attention_inputs(time=24, seed=1):
    """Draw tokens and a small layer of latent attention."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((time, D)), small_block().attention


@claim("§2.1.1, eqs. 1-11; V2, §2.1.2")
def absorbing_changes_nothing():
    """Attention on latents equals attention on rebuilt keys and values, to twelve decimals."""
    h, w = attention_inputs()
    places = np.arange(len(h))
    explicit = latent.rebuilt(h, places, w, THETA, causal(len(h)))
    folded = latent.absorbed(h, places, w, THETA, causal(len(h)))
    assert np.abs(explicit).mean() > 0.1, "There is nothing to compare."
    apart = float(np.abs(explicit - folded).max())
    assert apart < 1e-12, f"They differ by up to {apart:.2g}."
    return {"largest difference": apart}


@claim("§2.1.1, eqs. 3 and 8")
def only_distances_count():
    """Moved along together, tokens attend as before; stood further apart, they do not."""
    h, w = attention_inputs()
    places, seen = np.arange(len(h)), causal(len(h))
    usual = latent.absorbed(h, places, w, THETA, seen)
    shifted = float(np.abs(latent.absorbed(h, places + 500, w, THETA, seen) - usual).max())
    spread = float(np.abs(latent.absorbed(h, 3 * places, w, THETA, seen) - usual).max())
    assert shifted < 1e-10, f"Moving all tokens changes outputs by up to {shifted:.2g}."
    assert spread > 0.01, "Positions make no difference at all."
    return {"moved along": shifted, "stood apart": spread}


@claim("§2.1.1; §4.2")
def a_layer_caches_576_numbers():
    """A layer caches 512 + 64 numbers a token, however many heads it has."""
    shape = DEEPSEEK_V3.latent
    rng = np.random.default_rng(0)
    sizes = set()
    for heads in (2, 8):
        w = latent.random_weights(rng, 16, heads, 4, shape.d_c, 8, shape.d_rope)
        theta = rotary.frequencies(shape.d_rope)
        kept = latent.compress(rng.standard_normal((3, 16)), np.arange(3), w, theta)
        sizes.add(tuple(array.shape[1] for array in kept))
    assert sizes == {(512, 64)}, f"It caches {sizes}."
    whole = 2 * DEEPSEEK_V3.heads * DEEPSEEK_V3.d_head
    assert whole == 32_768
    return {"numbers": 576.0, "whole keys and values": float(whole)}


@claim("§2.1.2, eqs. 13-16")
def the_bias_only_chooses():
    """Moved by a bias, a token takes other experts, and weighs them by their affinities alone."""
    rng = np.random.default_rng(4)
    logits = rng.standard_normal((64, EXPERTS))
    bias = 0.3 * rng.standard_normal(EXPERTS)
    with_bias = topk.gate_biased(logits, bias, TAKEN)
    without = topk.gate_biased(logits, np.zeros(EXPERTS), TAKEN)
    changed = float((np.sort(with_bias.experts) != np.sort(without.experts)).any(axis=1).mean())
    assert changed > 0.5, f"Only {changed:.0%} of tokens choose otherwise."
    own = np.take_along_axis(topk.sigmoid(logits), with_bias.experts, axis=-1)
    wrong = float(np.abs(with_bias.weights - own / own.sum(axis=-1, keepdims=True)).max())
    assert wrong < 1e-12, f"Weights are up to {wrong:.3f} off the affinities' shares."
    return {"tokens that choose otherwise": changed, "weights off by": wrong}


@claim("§2.1.2; our construction")
def the_bias_evens_the_load():
    """Within 60 steps at γ = 0.01 the fullest expert falls from 2.9 even shares to below 1.1."""
    batches = skewed(1.0)
    _, loads = balance.balance_by_bias(batches, CHOSEN, 0.01)
    _, still = balance.balance_by_bias(batches, CHOSEN, 0.0)
    end, before = (float(1 + balance.violation(seen[-20:].sum(axis=0))) for seen in (loads, still))
    assert round(before, 1) == 2.9, f"Without the bias the fullest has {before:.2f} shares."
    assert end < 1.1, f"With the bias the fullest still has {end:.2f} shares."
    return {"without": before, "with": end}


@claim("§2.1.2, “No Token-Dropping”")
def no_token_is_dropped():
    """Every assignment of a skewed router is served; room for an even share would drop half."""
    rng = np.random.default_rng(6)
    x = rng.standard_normal((96, D))
    block = small_block()
    logits = x @ block.centroids + np.linspace(3, -3, EXPERTS)
    routed = topk.gate_biased(logits, np.zeros(EXPERTS), TAKEN)
    experts = [lambda x, own=own: swiglu(x, own) for own in block.routed]
    got = dispatch.mixture(x, experts, routed)
    by_hand = sum(
        balance.dense(routed, EXPERTS)[:, [e]] * swiglu(x, block.routed[e]) for e in range(EXPERTS)
    )
    apart = float(np.abs(got - by_hand).max())
    assert apart < 1e-12, f"Some token lacks an expert's part: outputs differ by {apart:.2f}."
    room = dispatch.capacity(len(x), EXPERTS, TAKEN)
    lost = float(1 - dispatch.within_capacity(routed.experts, EXPERTS, room).mean())
    assert round(100 * lost) == 52, f"Room for an even share would drop {lost:.0%}."
    return {"dropped": 0.0, "an even share's room would drop": lost, "difference": apart}


@claim("§2.1.2, “Node-Limited Routing”; §4.2")
def a_token_reaches_four_nodes():
    """With 256 experts on 8 nodes, 8 chosen ones lie on at most 4; unlimited, on 5.3 on average."""
    logits = np.random.default_rng(8).standard_normal((2000, 256))
    reached = []
    for groups, kept in ((8, 4), (1, 1)):
        chosen = topk.gate_biased(logits, np.zeros(256), 8, groups, kept).experts
        reached.append(np.array([len(set(row)) for row in (chosen // 32).tolist()]))
    assert reached[0].max() <= 4, f"A token reaches {reached[0].max()} nodes."
    free = float(reached[1].mean())
    assert 5 < free < 5.6, f"Unlimited, a token reaches {free:.2f} nodes."
    return {"most with the limit": float(reached[0].max()), "mean without": free}


@claim("§2.1.2, eqs. 17-20")
def the_batch_hides_what_a_text_does():
    """Two texts, even together, each load one half double; the sequence-wise loss sees it."""
    seen = []
    for apart in (0.0, 1.0, 3.0):
        logits = two_texts(apart)
        load = np.array([dispatch.loads(topk.top_k(text, 2), 16) for text in logits])
        halves = load.reshape(2, 2, 8).sum(axis=2) / 128
        loss = np.mean([sequence_loss(topk.sigmoid(text), 2) for text in logits])
        seen.append((float(balance.violation(load.sum(axis=0))), float(halves[0, 0]), float(loss)))
    assert all(both < 0.35 for both, _, _ in seen), "The batch isn't even."
    assert seen[2][1] > 1.9, f"A text's own half gets {seen[2][1]:.2f} shares."
    assert seen[0][2] < 1.1 < seen[1][2] < seen[2][2], "The loss doesn't grow."
    even = sequence_loss(np.full((16, 16), 0.5) + 1e-9 * np.eye(16), 1)
    assert abs(even - 1) < 1e-6, f"At an even load it is {even:.3f}."
    return {"together": seen[2][0], "own half, shares": seen[2][1], "loss / α": seen[2][2]}


@claim("V2, §2.1.2; §4.2; our construction")
def rebuilding_pays_from_171_tokens():
    """Absorbing is 121 times cheaper for one token; from 171 at once, rebuilding is cheaper."""
    one = ways(1, 4096)
    ratio = one["rebuild them"][0] / one["absorb"][0]
    assert round(ratio) == 121, f"It is {ratio:.1f} times."
    many = {q: ways(q, 4096) for q in range(1, 1000)}
    pays = min(q for q, way in many.items() if way["rebuild them"][0] < way["absorb"][0])
    assert pays == 171, f"It pays from {pays} tokens."
    size = one["keep keys and values"][1] / one["absorb"][1]
    return {"rebuilt / absorbed, one token": ratio, "pays from": float(pays), "cache": size}


@claim("eqs. 10 and 14; our construction")
def the_block_never_looks_ahead():
    """Another last token changes no earlier output of the whole block, experts included."""
    h = embedded(TEXT)
    usual = run_block(h, small_block())["out"]
    other = h.copy()
    other[-1] = embedded(("dog",), seed=9)[0]
    changed = np.abs(run_block(other, small_block())["out"] - usual).max(axis=1)
    assert changed[:-1].max() < 1e-12, f"An earlier output moved by {changed[:-1].max():.2g}."
    assert changed[-1] > 0.1
    return {"earlier tokens": float(changed[:-1].max()), "the last": float(changed[-1])}


@breaks("only_distances_count", replaces=latent.compress)
def turn_the_latent_as_well(h, positions, w, theta):
    """Let the position turn the latent too, from which keys and values are rebuilt."""
    c = h @ w.w_dkv
    turn = rotary.frequencies(c.shape[-1], 100.0)
    return rotary.encode_key(c, positions, turn), rotary.encode_key(h @ w.w_kr, positions, theta)


@breaks("absorbing_changes_nothing", replaces=latent.fold_values)
def fold_values_of_one_head(w):
    """Give all heads the first head's value matrix, since they share a latent anyway."""
    by_head = w.w_o.reshape(w.heads, -1, w.w_o.shape[-1])
    return w.w_uv[:1] @ by_head


@breaks("the_bias_only_chooses", replaces=topk.gate_biased)
def bias_in_the_weights(logits, bias, k, groups=1, kept=1, factor=1.0):
    """Weigh the chosen experts by what chose them, bias included."""
    scores = topk.sigmoid(logits) + bias
    experts = topk.top_k(topk.in_best_groups(scores, groups, kept, -(-k // kept)), k)
    weights = np.take_along_axis(scores, experts, axis=-1)
    return topk.Routed(experts, factor * topk.renormalise(weights))


@breaks("the_bias_evens_the_load", replaces=balance.bias_step)
def reward_the_crowded(bias, load, rate):
    """Raise the bias of crowded experts and lower that of idle ones."""
    return bias - rate * np.sign(np.mean(load) - load)


@breaks("no_token_is_dropped", replaces=dispatch.combine)
def drop_what_finds_no_room(results, weights, plan):
    """Give every expert room for an even share, and leave out what comes after."""
    tokens, k = weights.shape
    experts = np.searchsorted(plan.offsets, np.arange(tokens * k), side="right") - 1
    place = np.arange(tokens * k) - plan.offsets[experts]
    room = tokens * k / (len(plan.offsets) - 1)
    own = np.where((place < room)[:, None], results, 0.0)[plan.inverse].reshape(tokens, k, -1)
    return np.einsum("tk,tkd->td", weights, own)


@breaks("a_token_reaches_four_nodes", replaces=topk.in_best_groups)
def go_wherever_experts_are(scores, groups, kept, best):
    """Let a token's experts lie on any machine."""
    return scores
