"""Exhibits of MLA: two routes to one output, a rotation in the way, caches, and what work costs."""

from dataclasses import fields, replace
from typing import Annotated

import numpy as np
from workings import Choice, Slider, Table, breaks, claim, exhibit, figure, subplots

from kernels.attention import grouped, latent, rotary
from kernels.attention.core import causal_mask, dot_products, join_heads
from kernels.cost import counts, devices, roofline
from kernels.cost.configuration import Latent
from kernels.cost.models import (
    DEEPSEEK_V2,
    DEEPSEEK_V3,
    GPT3,
    LLAMA_2_13B,
    LLAMA_3_70B,
    LLAMA_3_405B,
    PALM,
    QWEN3_235B,
    llama,
)

SAME = 1e-12  # what counts as equal: the noise of float64 is far below it
D_MODEL, D_HEAD, D_CQ = 32, 8, 12  # of the small layer that runs here


def small_layer(tokens, heads, d_c, d_r, seed=0):
    """Draw a layer of latent attention and a text; return the arguments that both routes take."""
    rng = np.random.default_rng(seed)
    w = latent.random_weights(rng, D_MODEL, heads, D_HEAD, d_c, D_CQ, d_r)
    h = rng.standard_normal((tokens, D_MODEL))
    theta = rotary.frequencies(d_r, 100.0)
    return h, np.arange(tokens), w, theta, causal_mask(tokens)


def apart(one, other):
    """Say how far two results are from each other."""
    gap = float(np.abs(one - other).max())
    return "by less than 10⁻¹²" if gap < SAME else f"by up to {gap:.2g}"


@exhibit(title="Attend twice: with every key rebuilt, and with none")
def routes(
    d_c: Annotated[int, Slider(2, 64, scale="log2", label="latent width", play=True)] = 16,
    heads: Annotated[int, Slider(1, 16, scale="log2", label="heads")] = 8,
    pairs: Annotated[int, Slider(1, 8, label="rotated pairs")] = 2,
    tokens: Annotated[int, Slider(4, 48, step=4, label="tokens")] = 24,
):
    """The outputs of both routes against each other, and the numbers that each has to hold."""
    d_r = 2 * pairs
    given = small_layer(tokens, heads, d_c, d_r)
    one, other = latent.rebuilt(*given), latent.absorbed(*given)
    cached = tokens * (d_c + d_r)
    made = 2 * tokens * heads * D_HEAD
    fig, axs = subplots(1, 2, figsize=(6, 3.4), width_ratios=(6, 5))
    axs[0].barh([1, 0], [cached, cached], color="C1", height=0.5, label="kept in the cache")
    axs[0].barh([1], [made], left=[cached], color="C3", height=0.5, label="made of it, each time")
    axs[0].set_yticks([1, 0], ["rebuilt", "absorbed"])
    axs[0].set_ylim(-0.5, 2.3)
    axs[0].set_xlim(0, 1.08 * (cached + made))
    axs[0].set_xlabel("numbers")
    axs[0].legend(loc="upper left")
    shown = (slice(None, None, 2), slice(None, None, 4))
    edge = 1.1 * max(float(np.abs(one).max()), float(np.abs(other).max()))
    axs[1].plot([-edge, edge], [-edge, edge], color="C3", linewidth=1, linestyle="-")
    axs[1].scatter(one[shown].ravel(), other[shown].ravel(), s=10, color="C1")
    axs[1].set_xlim(-edge, edge)
    axs[1].set_ylim(-edge, edge)
    axs[1].set_xlabel("output, rebuilt")
    axs[1].set_ylabel("output, absorbed")
    plain = 2 * heads * D_HEAD
    least = "as many numbers as" if plain == d_c + d_r else f"{d_c + d_r} numbers, not"
    sentence = (
        f"The two outputs differ {apart(one, other)}. Each token leaves {least} the {plain} of "
        f"{heads} {'heads' if heads > 1 else 'head'}; rebuilding makes {made:,} again for the "
        f"{tokens} tokens, absorbing makes none."
    )
    table = Table(
        ["what", "numbers"],
        [
            ["cached for a token", d_c + d_r],
            ["cached by multi-head attention", plain],
            ["cached in all", cached],
            ["keys and values rebuilt", made],
        ],
    )
    return fig, sentence, table


DISTANCES = np.arange(49)


def folded_for(distance, w, theta):
    """Fold one head's keys into its queries as if every key were `distance` away: `(d_cq, d_c)`.

    The rotation of that distance lies between the two matrices, so it is folded in with them.
    """
    return rotary.encode_query(w.w_uq[0], distance, theta) @ w.w_uk[0].T


def one_pair(seed=3):
    """Return a layer, the latents of a query and of a key, the key's token, and rotation rates."""
    rng = np.random.default_rng(seed)
    w = latent.random_weights(rng, D_MODEL, 1, D_HEAD, 16, D_CQ, D_HEAD)
    c_q, h = rng.standard_normal(D_CQ), rng.standard_normal(D_MODEL)
    return w, c_q, h @ w.w_dkv, h, rotary.frequencies(D_HEAD, 60.0)


@exhibit(title="Fold the keys away although they turn: right at one distance, wrong at the others")
def across(
    turns: Annotated[
        str,
        Choice(
            "keys",
            "own",
            labels=("the rebuilt keys", "a small key of their own"),
            label="what turns",
        ),
    ] = "keys",
    fold: Annotated[int, Slider(0, 48, label="fold for a distance of", play=True)] = 8,
):
    """One score against the distance of its two tokens, with keys rebuilt and folded away."""
    w, c_q, c, h, theta = one_pair()
    q, k = c_q @ w.w_uq[0], c @ w.w_uk[0]
    if turns == "keys":
        true = rotary.scores(q, k, DISTANCES, np.zeros(1), theta)[:, 0]
        here = np.full(len(DISTANCES), c_q @ folded_for(fold, w, theta) @ c)
    else:
        own_q, own_k = c_q @ w.w_qr, h @ w.w_kr
        position = rotary.scores(own_q, own_k, DISTANCES, np.zeros(1), theta)[:, 0]
        true = q @ k + position
        here = c_q @ latent.fold_keys(w)[0] @ c + position
    fig, ax = figure(figsize=(6, 3.4))
    ax.fill_between(DISTANCES, true, here, color="C5")
    ax.plot(DISTANCES, true, color="C0", label="keys rebuilt")
    ax.plot(DISTANCES, here, color="C1", linestyle="--", label="keys folded away")
    if turns == "keys":
        ax.plot([fold], [true[fold]], "o", color="C1")
    ax.set_xlim(0, 48)
    low, high = min(true.min(), here.min()), max(true.max(), here.max())
    ax.set_ylim(low - 0.1 * (high - low), high + 0.35 * (high - low))
    ax.set_xlabel("distance between query and key, tokens")
    ax.set_ylabel("score")
    ax.legend(loc="upper right")
    wrong = np.abs(true - here)
    if turns == "keys":
        level = f"{here[0]:.2f}".replace("-", "−")
        bad = int((wrong > 1e-6).sum())
        sentence = (
            f"Folded for a distance of {fold}, the score is {level} whatever the distance: "
            f"off by less than 10⁻¹² there, and by up to {wrong.max():.2f} elsewhere. "
            f"It is wrong at {bad} of {len(DISTANCES)} distances."
        )
    else:
        sentence = (
            f"With positions in a key of their own the two scores differ {apart(true, here)} at "
            f"all {len(DISTANCES)} distances: what was folded away does not turn."
        )
    table = {"distance": DISTANCES[::4], "rebuilt": true[::4], "folded": here[::4]}
    return fig, sentence, table


DEEPSEEK_67B = llama("DeepSeek 67B", "DeepSeek-AI 2024, DeepSeek LLM, Table 2", 95, 8192, 64, 8,
                     22_016, 102_400, 4096, 67e9)  # fmt: skip
SHOWN = (
    GPT3,
    LLAMA_2_13B,
    PALM,
    LLAMA_3_405B,
    LLAMA_3_70B,
    QWEN3_235B,
    DEEPSEEK_V3,
    DEEPSEEK_V2,
)


def with_cache(model, kind):
    """Return the model with another cache: of all heads, of groups, of one head, or latent.

    A latent gets the widths that DeepSeek-V2 gives it, in heads: four for keys and values together
    and half a one for the rotated key.
    """
    if kind == "released":
        return model
    if kind == "mla":
        d = model.d_head
        return replace(model, latent=Latent(4 * d, 12 * d, d // 2))
    groups = {"mha": model.heads, "gqa": 8, "mqa": 1}[kind]
    return replace(model, latent=None, kv_heads=groups)


def gigabytes(number):
    """Write an amount to three places, or whole where it is a large one."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


@exhibit(title="Give every model the same cache, and see what one text would weigh")
def caches(
    kind: Annotated[
        str,
        Choice(
            "released", "gqa", "mqa", "mla",
            labels=("as released", "8 groups (GQA)", "one head (MQA)", "a latent (MLA)"),
            label="cache",
        ),
    ] = "released",
    tokens: Annotated[
        int, Slider(1024, 2**19, scale="log2", label="text", unit="tokens", play=True)
    ] = 131_072,
):  # fmt: skip
    """The memory that one text's keys and values take in seven models, at two bytes a number."""
    rows = np.arange(len(SHOWN))[::-1]
    whole, kept = (
        np.array([counts.cache_bytes(with_cache(m, name), tokens) for m in SHOWN]) / 1e9
        for name in ("mha", kind)
    )
    fig, ax = figure(figsize=(6, 3.8))
    for row, one, most in zip(rows, kept, whole, strict=True):
        ax.plot([one, most], [row, row], color="C3", linewidth=1.5, linestyle="-")
    ax.plot(whole, rows, "o", color="C3", label="all heads (MHA)")
    ax.plot(kept, rows, "o", color="C1", label="this cache")
    for row, value in zip(rows, kept, strict=True):
        ax.text(value / 1.25, row, gigabytes(value), ha="right", va="center")
    ax.set_xscale("log")
    ax.set_xlim(kept.min() / 8, 8 * whole.max())
    ax.set_ylim(-0.6, len(SHOWN) + 0.9)
    ax.set_yticks(rows, [model.name for model in SHOWN])
    ax.set_xlabel("cache of one text, GB")
    ax.legend(loc="upper right")
    best, worst = int(kept.argmin()), int(kept.argmax())
    sentence = (
        f"For {tokens:,} tokens {SHOWN[worst].name} keeps {gigabytes(kept[worst])} GB and "
        f"{SHOWN[best].name} {gigabytes(kept[best])} GB, {whole[best] / kept[best]:.3g} times "
        "less than if all of its heads kept keys and values."
    )
    table = Table(
        ["model", "numbers a token", "this cache, GB", "all heads, GB"],
        [
            [m.name, counts.cache_numbers(with_cache(m, kind)), one, most]
            for m, one, most in zip(SHOWN, kept, whole, strict=True)
        ],
    )
    return fig, sentence, table


QUERIES = np.unique(np.round(np.geomspace(1, 4096, 37)))


def route_flops(model, queries, keys):
    """Return the FLOPs of both routes in one layer, for `queries` new tokens that see `keys` each.

    Rebuilding makes all keys and values once and then attends in heads. Absorbing lifts each query
    into the latent's width and brings each result back, and attends there.
    """
    one = replace(model, layers=1)
    made = counts.rebuilding_flops(one, keys)
    rebuilt = made + queries * counts.attention_flops(one, keys)
    lifted = counts.rebuilding_flops(one, 1)  # the same two matrices, met from the other side
    absorbed = queries * (lifted + counts.attention_flops(one, keys, absorbed=True))
    return rebuilt, absorbed


@exhibit(title="Ask more questions at once, and rebuilding begins to pay")
def work(
    queries: Annotated[
        int, Slider(1, 4096, scale="log2", label="new tokens at once", play=True)
    ] = 1,
    keys: Annotated[int, Slider(512, 131_072, scale="log2", label="cached tokens")] = 16_384,
    d_c: Annotated[int, Slider(192, 1024, step=64, label="latent width")] = 512,
):
    """The FLOPs of both routes in one layer of DeepSeek-V2 against the new tokens in a step."""
    low = DEEPSEEK_V2.latent
    model = replace(DEEPSEEK_V2, latent=Latent(d_c, low.d_cq, low.d_rope))
    rebuilt, absorbed = route_flops(model, QUERIES, keys)
    here, there = route_flops(model, queries, keys)
    crossing = crossover(model, keys)
    fig, ax = figure(figsize=(6, 3.6))
    ax.plot(QUERIES, rebuilt / 1e12, color="C0", label="keys rebuilt")
    ax.plot(QUERIES, absorbed / 1e12, color="C1", label="keys absorbed")
    ax.plot([queries, queries], [here / 1e12, there / 1e12], color="C3", linewidth=1)
    ax.plot([queries], [here / 1e12], "o", color="C0")
    ax.plot([queries], [there / 1e12], "o", color="C1")
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set_xticks([1, 8, 64, 512, 4096], ["1", "8", "64", "512", "4096"])
    ax.set_xlim(1, 4096)
    ax.set_xlabel("new tokens in one step")
    ax.set_ylabel("TFLOPs in a layer")
    ax.legend(loc="upper left")
    less, by = ("absorbing", here / there) if there < here else ("rebuilding", there / here)
    many = f"{queries:,} new tokens" if queries > 1 else "one new token"
    sentence = (
        f"With {many} and {keys:,} in the cache, {less} takes {by:.3g} times less arithmetic. "
        f"Rebuilding is cheaper from {crossing:,} new tokens on."
    )
    table = {
        "new tokens": QUERIES[::4],
        "rebuilt, TFLOPs": rebuilt[::4] / 1e12,
        "absorbed, TFLOPs": absorbed[::4] / 1e12,
    }
    return fig, sentence, table


def crossover(model, keys):
    """Return from how many new tokens on rebuilding takes less arithmetic than absorbing."""
    made, _ = route_flops(model, 0, keys)
    rebuilt, absorbed = route_flops(model, 1, keys)
    return int(np.floor(made / (absorbed - (rebuilt - made)))) + 1


@claim("§2.1.2, eqs. 9-19")
def both_routes_agree():
    """With keys rebuilt and with none, outputs differ by under 10⁻¹², in layers of any width."""
    largest = 0.0
    for heads, d_c, d_r, tokens in ((1, 2, 2, 4), (8, 16, 4, 24), (16, 64, 16, 48), (4, 5, 8, 31)):
        h, positions, w, theta, mask = small_layer(tokens, heads, d_c, d_r, seed=heads)
        for visible in (mask, None):
            given = (h, positions, w, theta, visible)
            one, other = latent.rebuilt(*given), latent.absorbed(*given)
            gap = np.abs(one - other).max()
            assert gap < SAME, f"With {heads} heads they differ by {gap:.2g}."
            largest = max(largest, float(np.abs(one).max()))
        later = latent.absorbed(h[:-1], positions[:-1], w, theta, mask[:-1, :-1])
        assert not np.allclose(one[:-1], later)  # without the mask, later tokens count
    return {"largest output": largest}


class Watched(np.ndarray):
    """An array that notes the shape of every product of matrices that comes of it."""

    made = []  # noqa: RUF012

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        """Compute as usual, and note products."""
        result = getattr(ufunc, method)(*(np.asarray(x) for x in inputs), **options)
        if ufunc is np.matmul:
            Watched.made.append(result.shape)
        return np.asarray(result).view(Watched)


def products(route, given):
    """Return the shapes of all products of matrices that a route makes."""
    h, positions, w, theta, mask = given
    watched = {f.name: getattr(w, f.name).view(Watched) for f in fields(w)}
    Watched.made = []
    route(h.view(Watched), positions, replace(w, **watched), theta, mask)
    return Watched.made


@claim("§2.1.2, after eq. 11")
def no_key_is_formed():
    """The absorbed route makes no array of a head's width: no query, no key and no value."""
    heads, tokens = 5, 11  # no two widths are equal, so that shapes tell what an array is
    given = small_layer(tokens, heads, 7, 6)
    wide = (heads, tokens, D_HEAD)
    rebuilt, absorbed = (products(way, given) for way in (latent.rebuilt, latent.absorbed))
    assert rebuilt.count(wide) == 4, f"The rebuilt route makes {rebuilt.count(wide)} of them."
    assert wide not in absorbed, "The absorbed route makes one."
    assert (heads, tokens, 7) in absorbed
    return {"rebuilt: arrays of a head's width": 4.0, "products, absorbed": float(len(absorbed))}


@claim("§2.1.4, Table 1")
def a_token_keeps_576_numbers():
    """In each layer a token leaves 576 numbers, 57 times fewer than 128 heads' 32,768."""
    low, heads, d = DEEPSEEK_V2.latent, DEEPSEEK_V2.heads, DEEPSEEK_V2.d_head
    numbers = counts.cache_numbers(DEEPSEEK_V2) / DEEPSEEK_V2.layers
    assert numbers == 576, f"It leaves {numbers:g}."
    h, positions, w, theta, _ = small_layer(3, 2, low.d_c, low.d_rope)
    assert sum(part.size for part in latent.compress(h, positions, w, theta)) == 3 * numbers
    assert (2 * heads * d, round(2 * heads * d / numbers)) == (32_768, 57)
    groups = latent.as_groups(low.d_c, low.d_rope, d)
    assert groups == 2.25
    return {"numbers": numbers, "times fewer": 2 * heads * d / numbers, "groups": groups}


@claim("abstract; §3.2.3")
def quantising_is_in_the_93_percent():
    """At 16 bits DeepSeek-V2's cache is 82.2% below DeepSeek 67B's; 93.3% takes 6 bits a number."""
    old, new = counts.cache_numbers(DEEPSEEK_67B), counts.cache_numbers(DEEPSEEK_V2)
    plain, packed = 1 - new / old, 1 - 6 * new / (16 * old)
    assert round(100 * plain, 1) == 82.2, f"At 16 bits it is {plain:.1%} below."
    assert round(100 * packed, 1) == 93.3, f"At 6 bits it is {packed:.1%} below."
    return {"at 16 bits": plain, "at 6 bits": packed}


@claim("§2.1.3")
def one_matrix_serves_one_distance():
    """If rebuilt keys turn, a folded matrix is right at its own distance and at no other of 49."""
    w, c_q, c, _, theta = one_pair()
    true = rotary.scores(c_q @ w.w_uq[0], c @ w.w_uk[0], DISTANCES, np.zeros(1), theta)[:, 0]
    nearest = np.inf
    for distance in DISTANCES:
        wrong = np.abs(true - c_q @ folded_for(distance, w, theta) @ c)
        assert wrong[distance] < SAME
        nearest = min(nearest, float(np.delete(wrong, distance).min()))
    assert nearest > 1e-4, f"Two distances share a score to {nearest:.2g}."
    family = np.array([folded_for(distance, w, theta).ravel() for distance in DISTANCES])
    independent = int(np.linalg.matrix_rank(family))
    assert independent == D_HEAD, f"The matrices span {independent} directions."
    return {"nearest miss": nearest, "independent matrices": float(independent)}


@claim("§2.1.3, eqs. 14-18")
def a_key_of_its_own_knows_positions():
    """With a rotated key beside the latent both routes agree, and scores still know distances."""
    h, positions, w, theta, mask = small_layer(24, 8, 16, 4)
    near = latent.absorbed(h, positions, w, theta, mask)
    for shift in (1, 1000):
        moved = latent.absorbed(h, positions + shift, w, theta, mask)
        assert np.abs(near - moved).max() < 1e-10, "Moving the whole text changes the output."
    apart_ = latent.absorbed(h, 2 * positions, w, theta, mask)
    gap = float(np.abs(near - apart_).max())
    assert gap > 0.01, "Twice the distances change nothing."
    assert np.abs(apart_ - latent.rebuilt(h, 2 * positions, w, theta, mask)).max() < SAME
    return {"twice the distances change an output by": gap}


@claim("§2.1.2; Shazeer 2019, §3")
def absorbed_is_one_wide_head():
    """Absorbed, it is multi-query attention with one key of 576 numbers and one value of 512."""
    h, positions, w, theta, mask = small_layer(24, 8, 16, 4)
    c, turned = latent.compress(h, positions, w, theta)
    c_q, own = latent.query_parts(h, positions, w, theta)
    wide = np.concatenate([c_q @ latent.fold_keys(w), own], axis=-1)
    key = np.concatenate([c, turned], axis=-1)
    scale = np.sqrt(key.shape[-1] / (w.d_head + w.d_r))  # this kernel divides by the key's width
    mixed = grouped.grouped_attention(scale * wide, key[None], c[None], mask)
    out = (mixed @ latent.fold_values(w)).sum(axis=0)
    gap = np.abs(out - latent.absorbed(h, positions, w, theta, mask)).max()
    assert gap < SAME, f"They differ by {gap:.2g}."
    low = DEEPSEEK_V2.latent
    assert (low.d_c + low.d_rope, low.d_c) == (576, 512)
    return {"key's width": float(low.d_c + low.d_rope), "value's width": float(low.d_c)}


@claim("our construction")
def decoding_absorbs_and_reading_rebuilds():
    """For one new token absorbing takes 120 times less work; from 169 on, rebuilding takes less."""
    rebuilt, absorbed = route_flops(DEEPSEEK_V2, 1, 16_384)
    assert round(rebuilt / absorbed) == 120, f"It takes {rebuilt / absorbed:.1f} times less."
    found = crossover(DEEPSEEK_V2, 16_384)
    assert found == 169, f"Rebuilding takes less from {found} on."
    before, after = (route_flops(DEEPSEEK_V2, n, 16_384) for n in (found - 1, found))
    assert before[0] >= before[1]
    assert after[0] < after[1]
    d_c, d = DEEPSEEK_V2.latent.d_c, DEEPSEEK_V2.d_head
    limit = d_c * d / (d_c - d)
    assert round(limit) == 171
    all_at_once = np.divide(*route_flops(DEEPSEEK_V2, 4096, 4096)[::-1])
    assert round(all_at_once, 1) == 3.2, f"Reading a text, {all_at_once:.2f} times."
    return {"one token": rebuilt / absorbed, "limit": limit, "reading 4,096": all_at_once}


@claim("our construction")
def absorbing_fills_the_arithmetic():
    """Decoding, all heads read one cache: 242 FLOPs a byte, where multi-head attention has 1."""
    keys = 4096.0
    one = replace(DEEPSEEK_V2, layers=1)
    flops = counts.attention_flops(one, keys, absorbed=True)
    latent_read = roofline.intensity(flops, counts.cache_bytes(one, int(keys)))
    plain = replace(one, latent=None)
    each = roofline.intensity(
        counts.attention_flops(plain, keys), counts.cache_bytes(plain, int(keys))
    )
    assert round(latent_read) == 242, f"It is {latent_read:.1f}."
    assert each == 1.0, f"Multi-head attention has {each:.2f}."
    ridges = [
        roofline.ridge_point(chip.rate("bf16"), chip.bandwidth)
        for chip in (devices.A100, devices.H100)
    ]
    assert ridges[0] < latent_read < ridges[1]
    assert [round(ridge) for ridge in ridges] == [153, 295]
    return {"absorbed": latent_read, "multi-head": each, "A100": ridges[0], "H100": ridges[1]}


@claim("§2.1.2, after eq. 11")
def folding_in_advance_triples_the_matrices():
    """Multiplied out beforehand, DeepSeek-V2's query and key matrices are three times as large."""
    low, d = DEEPSEEK_V2.latent, DEEPSEEK_V2.d_head
    parts = [width // 8 for width in (d, low.d_c, low.d_cq, low.d_rope)]  # an eighth of each
    d_head, d_c, d_cq, d_r = parts
    w = latent.random_weights(np.random.default_rng(0), 16, 2, d_head, d_c, d_cq, d_r)
    folded = latent.fold_keys(w)
    ratio = folded.size / (w.w_uq.size + w.w_uk.size)
    assert ratio == 3.0, f"They are {ratio:.2f} times as large."
    c_q = np.random.default_rng(1).standard_normal((9, d_cq))
    in_turn = (c_q @ w.w_uq) @ np.swapaxes(w.w_uk, -1, -2)
    assert np.abs(in_turn - c_q @ folded).max() < SAME
    return {"times as large": ratio}


@breaks("both_routes_agree", replaces=latent.rebuilt)
def turn_the_rebuilt_keys(h, positions, w, theta, visible=None):
    """Turn the rebuilt keys and their queries too, as RoPE would, and absorb as before."""
    c, rotated_k = latent.compress(h, positions, w, theta)
    c_q, rotated_q = latent.query_parts(h, positions, w, theta)
    rates = rotary.frequencies(w.d_head)
    k = rotary.encode_key(c @ w.w_uk, positions, rates)
    q = rotary.encode_query(c_q @ w.w_uq, positions, rates)
    position = dot_products(rotated_q, rotated_k)
    weights = latent.weigh(dot_products(q, k), position, w.d_head, w.d_r, visible)
    return join_heads(weights @ (c @ w.w_uv)) @ w.w_o


@breaks("both_routes_agree", replaces=latent.fold_values)
def fold_into_the_wrong_head(w):
    """Fold each head's values into its neighbour's share of the output matrix."""
    by_head = w.w_o.reshape(w.heads, -1, w.w_o.shape[-1])
    return w.w_uv @ np.roll(by_head, 1, axis=0)


@breaks("a_token_keeps_576_numbers", replaces=counts.cache_numbers)
def forget_the_rotated_key(model):
    """Count only the latent: the rotated key that carries positions isn't in it."""
    if model.latent:
        return model.layers * model.latent.d_c
    return 2 * model.layers * model.kv_heads * model.d_head
