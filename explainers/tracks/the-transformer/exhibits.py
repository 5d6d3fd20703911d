"""Exhibits of the path through the Transformer: one block's bill, and what its mixer can recall."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, breaks, claim, exhibit, subplots

from kernels.attention import core, latent, rotary, windows
from kernels.cost import counts
from kernels.cost.configuration import Experts, Latent
from kernels.cost.models import MISTRAL_7B, MIXTRAL_8X7B
from kernels.routing import topk
from kernels.scan import linear, selective

# Every block on this page has the widths of Mistral 7B, so that switches alone make the difference.
SHAPE = replace(MISTRAL_7B, name="a block", window=None)
LAYERS, D, HEADS, D_HEAD = SHAPE.layers, SHAPE.d_model, SHAPE.heads, SHAPE.d_head
BYTES = 2  # a number in the formats that models are served in
GROUPS = {"mha": HEADS, "gqa": 8, "mqa": 1}
LATENT = Latent(d_c=4 * D_HEAD, d_cq=12 * D_HEAD, d_rope=D_HEAD // 2)  # DeepSeek-V2's, in heads
EXPERTS = {
    "dense": None,
    "8": Experts(routed=8, active=2, d_ff=SHAPE.d_ff),
    "64": Experts(routed=64, active=8, d_ff=SHAPE.d_ff // 8),
}
D_STATE, D_CONV = 16, 4  # Mamba's: states of a channel, and how many tokens its convolution sees
D_INNER, RANK = 2 * D, D // 16


def shape(positions="rotary", sharing="gqa", window=0, experts="dense"):
    """Describe the model that these switches make."""
    return replace(
        SHAPE,
        positions=SHAPE.context if positions == "learned" else 0,
        kv_heads=GROUPS.get(sharing, HEADS),
        latent=LATENT if sharing == "mla" else None,
        window=window or None,
        experts=EXPERTS[experts],
    )


def mixer_shapes(d, inner, rank):
    """Return the shape of every array of Mamba's mixer, by name."""
    return {
        "in": (d, 2 * inner),
        "convolution": (D_CONV, inner),
        "its bias": (inner,),
        "B": (inner, D_STATE),
        "C": (inner, D_STATE),
        "step, down": (inner, rank),
        "step, up": (rank, inner),
        "step's bias": (inner,),
        "A": (inner, D_STATE),
        "D": (inner,),
        "out": (inner, d),
    }


def mixer_parameters(d=D, inner=D_INNER, rank=RANK):
    """Count the parameters of one such mixer."""
    return sum(int(np.prod(size)) for size in mixer_shapes(d, inner, rank).values())


def state_numbers(inner=D_INNER):
    """Count what one mixer keeps of a text: its states, and the convolution's last inputs."""
    return inner * D_STATE + inner * (D_CONV - 1)


@dataclass(frozen=True)
class Bill:
    """What a model costs: parameters, FLOPs for a token, bytes kept of a text and bytes read."""

    stored: float
    met: float  # parameters that one token meets
    flops: float  # for one more token
    step: float  # bytes that one more token adds to what is kept
    kept: float  # bytes of one text
    weights: float  # bytes of weights read, for each token


def experts_hit(experts, texts):
    """Return how many experts a step of `texts` tokens wakes in a layer, with a random router."""
    logits = np.random.default_rng(4).standard_normal((LAYERS, texts, experts.routed))
    chosen = topk.top_k(logits, experts.active).reshape(LAYERS, -1)
    return float(np.mean([len(np.unique(row)) for row in chosen]))


def bill(model, mixer="attention", tokens=8192, texts=1):
    """Count what one token after `tokens` others costs, in a batch of `texts` such texts."""
    keys = min(tokens, model.window or tokens)
    stored, met = counts.total(model), counts.total(model, active=True)
    used = counts.multiplied(model)
    if mixer == "state":
        change = LAYERS * (mixer_parameters() - counts.attention_parameters(model))
        stored, met, used = stored + change, met + change, used + change
        flops = 2 * used + 8 * LAYERS * D_INNER * D_STATE  # `selective.step`, a state's number
        step, kept = 0.0, float(BYTES * LAYERS * state_numbers())
    else:
        turned = LATENT.d_rope * (HEADS + 1) if model.latent else D_HEAD * (HEADS + model.kv_heads)
        rotating = 0 if model.positions else 3 * LAYERS * turned  # four products, two sums a pair
        flops = counts.forward_flops(model, keys, absorbed=True) + rotating
        kept = counts.cache_bytes(model, tokens, BYTES)
        step = counts.cache_bytes(model, tokens + 1, BYTES) - kept
    weights = BYTES * used
    if model.experts:
        one = BYTES * LAYERS * counts.feed_forward_parameters(model, model.experts.d_ff)
        weights += one * (experts_hit(model.experts, texts) - model.experts.active)
    return Bill(stored, met, flops, step, kept, weights / texts)


PLAIN = shape(sharing="mha")
SHARING = {"mha": "MHA", "gqa": "GQA, 8 groups", "mqa": "MQA", "mla": "MLA"}


@exhibit(title="Build a block, and read its bill against the plain one")
def block(
    positions: Annotated[str, Choice("rotary", "learned", labels=("turned", "a learned table"))] = (
        "rotary"
    ),
    mixer: Annotated[
        str, Choice("attention", "state", labels=("softmax attention", "a state space"))
    ] = "attention",
    sharing: Annotated[
        str,
        Choice("mha", "gqa", "mqa", "mla", labels=tuple(SHARING.values()), label="keys and values"),
    ] = "gqa",
    window: Annotated[
        int, Choice(0, 1024, 4096, labels=("everything", "1,024 tokens", "4,096 tokens"))
    ] = 0,
    experts: Annotated[
        str,
        Choice(
            "dense", "8", "64", label="feed-forward",
            labels=("dense", "8 experts, 2 run", "64 small ones, 8 run"),
        ),
    ] = "8",
    tokens: Annotated[
        int, Slider(1024, 2**18, scale="log2", label="text so far", unit="tokens", play=True)
    ] = 32_768,
    texts: Annotated[int, Slider(1, 128, scale="log2", label="texts written at once")] = 1,
):  # fmt: skip
    """Four costs of a 32-layer model with this block, beside those of the plain one."""
    model = shape(positions, sharing, window, experts)
    ours, plain = bill(model, mixer, tokens, texts), bill(PLAIN, "attention", tokens, texts)
    fig, axs = subplots(2, 2, figsize=(6, 3.6))
    panels = (
        ("parameters, billions", 1e9, "met", "stored", ("met", "only stored")),
        ("read for a token, GB", 1e9, "weights", "kept", ("weights", "cache")),
        ("FLOPs for a token, billions", 1e9, "flops", None, None),
        ("kept of one text, GB", 1e9, "kept", None, None),
    )
    for ax, (title, unit, first, second, names) in zip(axs.ravel(), panels, strict=True):
        ends = []
        for row, (one, colour) in enumerate(((plain, "C3"), (ours, "C1"))):
            left = getattr(one, first) / unit
            more = getattr(one, second) / unit if second else 0.0
            more -= left if second == "stored" else 0.0
            label = dict(label=names[0]) if names and row else {}
            ax.barh([row], [left], color=colour, height=0.5, **label)
            if second:
                label = dict(label=names[1]) if row else {}
                ax.barh([row], [more], left=[left], color="C5", height=0.5, **label)
            ends.append(left + more)
        for row, end in enumerate(ends):
            ax.text(end + 0.02 * max(ends), row, short(end), fontsize=11, va="center")
        ax.set_xlim(0, 1.3 * max(ends))
        ax.set_ylim(1.5, -0.5)
        ax.set_yticks([0, 1], ["plain", "yours"])
        ax.set_xticks([])
        ax.set_title(title)
        if names:
            ax.legend()
    rows = [
        ["parameters stored", plain.stored, ours.stored],
        ["parameters that a token meets", plain.met, ours.met],
        ["FLOPs for one more token", plain.flops, ours.flops],
        ["bytes that one more token adds", plain.step, ours.step],
        ["bytes kept of one text", plain.kept, ours.kept],
        ["bytes read for one more token", plain.weights + plain.kept, ours.weights + ours.kept],
    ]
    return fig, say_bill(model, mixer, tokens, texts, ours), Table(["cost", "plain", "yours"], rows)


def short(value):
    """Write a number to three places, or fewer."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def size(value):
    """Say a number of bytes, 1000 to the KB."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value:.0f} bytes"


def say_bill(model, mixer, tokens, texts, cost):
    """Say what the bill comes to, and what a switch has nothing to act on."""
    run = f", {cost.met / 1e9:.3g} billion of them met by a token" if model.experts else ""
    adds = f"one more adds {size(cost.step)}" if cost.step else "one more adds nothing"
    text = f"{tokens:,} tokens keep {size(cost.kept)} and {adds}"
    share = cost.kept / (cost.kept + cost.weights)
    at_once = f"with {texts} texts at once" if texts > 1 else "for a lone text"
    part = f"{share:.0%} of it" if share >= 0.005 else "hardly any of it"
    part = "nearly all of it" if share >= 0.995 else part
    sentence = (
        f"{cost.stored / 1e9:.3g} billion parameters{run}; {text}. Writing a token {at_once} reads "
        f"{size(cost.weights + cost.kept)}, {part} "
        f"{'state' if mixer == 'state' else 'cache'}."
    )
    if mixer == "state":
        sentence += " Shared keys, windows and rotation have nothing to act on here."
    if model.positions and tokens >= model.positions:
        sentence += f" The learned table ends at {model.positions:,} places."
    return sentence


# The probe: made texts of 192 tokens, each a random key with one of eight symbols. Every eighth
# token is marked, and only those are asked for.
LENGTH, SYMBOLS, TEXTS, EVERY = 192, 8, 4, 8
DISTANCES = np.arange(EVERY, LENGTH // 2 + 1, EVERY)
ASKING = np.arange(LENGTH // 2 + EVERY - 1, LENGTH, EVERY)  # places with a marked token k back
MARKED = np.arange(LENGTH) % EVERY == EVERY - 1
SHARP = 16.0  # how much a query prefers a key that is its own to one at a right angle
MIXERS = ("full", "windowed", "state")


def made_texts(width):
    """Return unit keys `(texts, time, width)` and one-hot values `(texts, time, symbols)`."""
    rng = np.random.default_rng(11)
    keys = rng.standard_normal((TEXTS, LENGTH, width))
    symbols = rng.integers(SYMBOLS, size=(TEXTS, LENGTH))
    return keys / np.linalg.norm(keys, axis=-1, keepdims=True), np.eye(SYMBOLS)[symbols]


def kept_share(half_life, written):
    """Return what is kept of the state at each token: `(time,)`; an unwritten one costs nothing."""
    decay = 0.5 ** (1.0 / half_life) if half_life else 1.0
    return np.where(written, decay, 1.0)


def linear_states(keys, values, half_life, written):
    """Run `S = a S + k vᵀ` over every text: the state where the questions are asked.

    Returns `(asking, texts, width, symbols)`.
    """
    pairs = np.einsum("btk,btv->tbkv", keys, values) * written[:, None, None, None]
    return linear.sequential(kept_share(half_life, written), pairs)[ASKING]


def answers(width, window, half_life, written):
    """Ask every mixer for each token `DISTANCES` back: right or not, `(mixers, distances, …)`.

    The last two axes are the texts and the places that ask.
    """
    keys, values = made_texts(width)
    asked = ASKING - DISTANCES[:, None]  # (distances, asking)
    q = np.swapaxes(keys[:, asked], 0, 1)  # (distances, texts, asking, width)
    truth = np.swapaxes(values[:, asked], 0, 1).argmax(axis=-1)
    loud = SHARP * np.sqrt(width) * q
    full = core.attention(loud, keys, values, core.causal_mask(LENGTH)[ASKING])
    near = core.attention(loud, keys, values, windows.window_mask(LENGTH, window)[ASKING])
    states = linear_states(keys, values, half_life, written)
    read = np.einsum("dbak,abkv->dbav", q, states)
    return np.stack([out.argmax(axis=-1) == truth for out in (full, near, read)])


def recall_curves(width=32, window=64, half_life=16, written=None):
    """Return the share of right answers by mixer and distance: `(mixers, distances)`."""
    written = np.ones(LENGTH, dtype=bool) if written is None else written
    return answers(width, window, half_life, written).mean(axis=(2, 3))


def looks(distance, width, window, half_life, written):
    """Return what each mixer's last answer is made of, largest 1: `(mixers, last 97 tokens)`."""
    keys = made_texts(width)[0][0]
    q, last = keys[LENGTH - 1 - distance], LENGTH - 1
    loud = SHARP * np.sqrt(width) * q[None]
    full = core.attention_weights(loud, keys, core.causal_mask(LENGTH)[last:])[0]
    near = core.attention_weights(loud, keys, windows.window_mask(LENGTH, window)[last:])[0]
    left = np.append(np.cumprod(kept_share(half_life, written)[:0:-1])[::-1], 1.0)
    held = np.abs(keys @ q) * left * written
    rows = np.stack([full, near, held])[:, -97:]
    return rows / rows.max(axis=1, keepdims=True)


def numbers_kept(width, window):
    """Count what each mixer has to keep of a text of `LENGTH` tokens."""
    pair = width + SYMBOLS
    return LENGTH * pair, windows.cached_tokens(LENGTH, window) * pair, width * SYMBOLS


@exhibit(title="Ask three mixers for a word some steps back")
def recall(
    distance: Annotated[
        int, Slider(8, 96, step=8, label="asked for", unit="steps back", play=True)
    ] = 72,
    window: Annotated[int, Choice(16, 32, 64, label="window, tokens")] = 64,
    half_life: Annotated[
        int,
        Choice(0, 64, 16, 4, labels=("nothing", "half in 64", "half in 16", "half in 4"),
               label="the state forgets"),
    ] = 16,
    writes: Annotated[
        str,
        Choice("all", "marked", labels=("every token", "marked ones (1 in 8)"),
               label="the state writes"),
    ] = "all",
    width: Annotated[int, Choice(8, 16, 32, 64, 128, label="numbers a key")] = 32,
):  # fmt: skip
    """Share of right answers by distance, and what one answer is made of, for three mixers."""
    place = int(np.abs(DISTANCES - distance).argmin())  # marked words are eight apart
    distance = int(DISTANCES[place])
    written = MARKED if writes == "marked" else np.ones(LENGTH, dtype=bool)
    curves = recall_curves(width, window, half_life, written)
    fig, axs = subplots(2, 1, figsize=(6, 4.4), height_ratios=(5, 2))
    styles = (("C5", "-", 7.0), ("C0", "--", 2.0), ("C1", "-", 2.4))
    for curve, name, (colour, dash, thick) in zip(curves, MIXERS, styles, strict=True):
        axs[0].plot(DISTANCES, curve, color=colour, linestyle=dash, linewidth=thick, label=name)
    axs[0].axhline(1 / SYMBOLS, color="C3", linewidth=1, linestyle=":")
    axs[0].axvline(distance, color="C3", linewidth=1, linestyle="-")
    axs[0].set_xlim(0, 100)
    axs[0].set_ylim(0, 1.06)
    axs[0].set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axs[0].set_ylabel("right answers")
    axs[0].set_xlabel("steps back (dotted: guessing)")
    axs[0].legend()
    seen = looks(distance, width, window, half_life, written)
    axs[1].imshow(seen[:, ::-1], cmap="Greys", vmin=0, vmax=1, aspect="auto")
    axs[1].set_yticks(range(3), MIXERS)
    axs[1].set_xlabel("one answer's ingredients, by steps back")
    kept = numbers_kept(width, window)
    got = [f"{curve[place]:.0%}" for curve in curves]
    state = "the state, writing marked tokens only," if writes == "marked" else "the state"
    sentence = (
        f"Asked for the token {distance} steps back in a text of {LENGTH}, full attention is right "
        f"{got[0]} of the time and keeps {kept[0]:,} numbers; the window is right {got[1]} of the "
        f"time and keeps {kept[1]:,}; {state} is right {got[2]} of the time and keeps "
        f"{kept[2]:,}. Guessing gives about 13%."
    )
    table = {"steps back": DISTANCES, **dict(zip(MIXERS, curves, strict=True))}
    return fig, sentence, table


@claim("Mistral 7B, Table 1; Mixtral of Experts, Table 1 and §2.1")
def one_switch_makes_mixtral():
    """Switch to 8 experts of which 2 run, and Mistral 7B has Mixtral's 46.7 billion parameters."""
    one, many = bill(shape(window=4096)), bill(shape(experts="8"))
    assert one.stored == MISTRAL_7B.reported, f"It has {one.stored:,} parameters."
    assert many.stored == MIXTRAL_8X7B.reported, f"It has {many.stored:,} parameters."
    assert round(many.met / 1e9, 1) == 12.9, f"A token meets {many.met / 1e9:.1f} billion."
    assert round(many.stored / 1e9, 1) == 46.7 and round(one.stored / 1e9, 2) == 7.24
    return {"dense": one.stored, "with experts": many.stored, "met by a token": many.met}


@claim("GQA §2.2; DeepSeek-V2 Table 1")
def sharing_shrinks_the_cache():
    """A token leaves 524, 131, 37 or 16 KB: all heads, eight groups, a latent, or one head."""
    x, found = np.ones((1, D)), {}
    for name, groups in GROUPS.items():
        k = v = core.split_heads(x[:, : groups * D_HEAD], groups)
        found[name] = BYTES * LAYERS * (k.size + v.size)
    rng = np.random.default_rng(0)
    small = latent.random_weights(rng, 16, 2, 8, LATENT.d_c, 4, LATENT.d_rope)
    theta = rotary.frequencies(LATENT.d_rope)
    c, turned = latent.compress(np.ones((1, 16)), np.zeros(1), small, theta)
    found["mla"] = BYTES * LAYERS * (c.size + turned.size)
    for name, number in found.items():
        counted = bill(shape(sharing=name)).step
        assert counted == number, f"{SHARING[name]}: {counted:,.0f} bytes, the arrays {number:,}."
    kilobytes = [round(found[name] / 1e3) for name in ("mha", "gqa", "mla", "mqa")]
    assert kilobytes == [524, 131, 37, 16], kilobytes
    return {f"bytes, {SHARING[name]}": float(number) for name, number in found.items()}


@claim("Mamba §3.4, Figure 3")
def two_mixers_weigh_one_layer():
    """Two of Mamba's mixers have the 12 D² parameters of a plain layer, to within 5%."""
    small = mixer_shapes(16, 32, 4)
    rng = np.random.default_rng(1)
    a = {name: rng.standard_normal(form) for name, form in small.items()}
    x = rng.standard_normal((1, 6, 16)) @ a["in"][:, :32]
    chosen = selective.select(x, a["B"], a["C"], a["step, down"], a["step, up"], a["step's bias"])
    y = selective.selective_scan(x, chosen.delta, -np.exp(a["A"]), chosen.B, chosen.C, a["D"])
    assert (y @ a["out"]).shape == (1, 6, 16), "These arrays don't make a layer."
    ratio = 2 * mixer_parameters() / (12 * D * D)
    assert 1 < ratio < 1.05, f"It is {ratio:.3f} times as many."
    return {"parameters of one mixer": float(mixer_parameters()), "of 12 D²": ratio}


@claim("Mamba §3.1; our count")
def a_state_stays_as_it_is():
    """A state is as large after 4 tokens as after 40; a window stops growing, a full cache not."""
    rng, width = np.random.default_rng(2), 6
    h, rolling, grown = np.zeros((1, width, D_STATE)), windows.RollingCache(8, width, width), {}
    A = selective.real_start(width, D_STATE)
    for token in range(1, 41):
        x, delta = rng.standard_normal((1, width)), np.full((1, width), 0.1)
        b, c = rng.standard_normal((2, 1, D_STATE))
        h, _ = selective.step(h, x, delta, A, b, c)
        rolling.append(x[0], x[0])
        grown[token] = (h.size, len(rolling.in_order()))
    assert grown[4] == (width * D_STATE, 4) and grown[40] == (width * D_STATE, 8), grown
    short_text, long_text = (bill(shape(sharing="mha"), tokens=n) for n in (4096, 131_072))
    assert long_text.kept == 32 * short_text.kept
    state = bill(shape(), "state")
    assert bill(shape(), "state", 131_072).kept == state.kept and round(state.kept / 1e6) == 10
    assert round(long_text.kept / 1e9, 1) == 68.7, f"{long_text.kept / 1e9:.1f} GB"
    windowed = [bill(shape(window=4096), tokens=n).kept for n in (4096, 131_072)]
    assert windowed[0] == windowed[1] == bill(shape(), tokens=4096).kept
    return {"bytes of a state": state.kept, "bytes of a full cache, 131,072": long_text.kept}


@claim("Mixtral §2.1; our count", kind="reproduced small")
def a_batch_wakes_every_expert():
    """Of 8 experts a lone token reads 2; with a random router, 16 at once wake nearly all."""
    few, many = (experts_hit(EXPERTS["8"], texts) for texts in (1, 16))
    expected = 8 * (1 - 0.75**16)
    assert few == 2 and abs(many - expected) < 0.1, f"They wake {few:.2f} and {many:.2f}."
    assert many > 7.7
    model = shape(experts="8")
    flops = [bill(model, texts=texts).flops for texts in (1, 16)]
    assert flops[0] == flops[1], "A batch changes nothing about a token's own arithmetic."
    return {"experts, one token": few, "experts, 16 tokens": many, "expected": expected}


@claim("our probe", kind="reproduced small")
def a_window_forgets_at_its_edge():
    """Full attention recalls 96 steps back; a window of 64 is perfect to step 56, then guesses."""
    full, near, _ = recall_curves()
    inside = DISTANCES < 64
    assert full.min() == 1, f"Full attention is right only {full.min():.0%} of the time."
    assert near[inside].min() == 1, f"Inside the window, {near[inside].min():.0%} are right."
    beyond = float(near[~inside].mean())
    assert beyond < 0.25, f"Beyond its edge the window is still right {beyond:.0%} of the time."
    return {"full, worst": full.min(), "inside": near[inside].min(), "beyond": beyond}


@claim("Mamba §3.1; our probe", kind="reproduced small")
def a_state_pays_for_near_with_far():
    """A state that forgets recalls near words better, far ones worse; choosing words helps both."""
    ever, soon = (recall_curves(half_life=h)[2] for h in (0, 16))
    near, far = DISTANCES <= 16, DISTANCES >= 64
    assert soon[near].mean() > ever[near].mean() + 0.2, "Forgetting buys nothing."
    assert soon[far].mean() < ever[far].mean() - 0.1, "Forgetting costs nothing."
    assert 0.45 < ever.min() < ever.max() < 0.65, "Without forgetting, distance matters after all."
    picky = recall_curves(half_life=0, written=MARKED)[2]
    assert picky.min() > ever.max(), "Choosing what to write buys nothing."
    return {
        "near, kept": ever[near].mean(), "near, forgetting": soon[near].mean(),
        "far, kept": ever[far].mean(), "far, forgetting": soon[far].mean(),
        "marked only, worst": picky.min(),
    }  # fmt: skip


@breaks("a_window_forgets_at_its_edge", replaces=windows.window_mask)
def window_without_an_edge(n, window):
    """Hide the future and forget to hide what has left the window."""
    return np.tril(np.ones((n, n), dtype=bool))


@breaks("sharing_shrinks_the_cache", replaces=counts.cache_numbers)
def heads_kept_apart(model):
    """Store every head's keys and values, as if none were shared."""
    return 2 * model.layers * model.heads * model.d_head
