"""The list's entries for decode attention, four-bit products, routing and selective scans."""

import numpy as np

from kernels.attention import paged
from kernels.attention.grouped import grouped_attention
from kernels.gpu.registry import Build, Inputs, Kernel
from kernels.numerics import weight_only
from kernels.routing import dispatch, topk
from kernels.scan import selective

SHARES = ((4, 4), (4, 2), (6, 2), (3, 1))
LENGTHS = (0, 1, 7, 16, 31, 33, 48)


def pick(rng: np.random.Generator, values: tuple[int, ...]) -> int:
    """Return one of some numbers."""
    return int(rng.choice(values))


def fill(rng: np.random.Generator, pool: paged.Pool, lengths: list[int]) -> list[paged.Sequence]:
    """Append random tokens to as many sequences, in turns, so that their blocks are mixed up."""
    rng.shuffle(pool.free)
    sequences = [paged.Sequence() for _ in lengths]
    for token in range(max(lengths)):
        for sequence, length in zip(sequences, lengths, strict=True):
            if token < length:
                paged.append(pool, sequence, *rng.standard_normal((2, *pool.k.shape[2:])))
    return sequences


def draw_paged(rng: np.random.Generator) -> Inputs:
    """Draw a pool with sequences of several lengths; what they don't fill isn't a number."""
    (heads, groups), size, d = SHARES[rng.integers(len(SHARES))], pick(rng, (4, 8, 16)), 16
    lengths = [pick(rng, LENGTHS), 23]
    pool = paged.Pool(sum(-(-length // size) for length in lengths) + 3, size, groups, d)
    pool.k[:], pool.v[:] = np.nan, np.nan
    table, filled = paged.tables(fill(rng, pool, lengths))
    arrays = {"k": pool.k, "v": pool.v, "table": table, "lengths": filled}
    return {"q": rng.standard_normal((2, heads, d)), **arrays, "splits": pick(rng, (1, 2, 3))}


def paged_decode(q, k, v, table, lengths, splits=1):
    """Attend sequence by sequence, block by block; a sequence without tokens gets zeros."""
    pool = paged.Pool(*k.shape)
    pool.k, pool.v = k, v
    held = -(-lengths // pool.size)
    sequences = [
        paged.Sequence(list(row[:many]), int(length))
        for row, many, length in zip(table, held, lengths, strict=True)
    ]
    both = zip(q, sequences, strict=True)
    return np.stack([paged.paged_attention_by_block(one, pool, its) for one, its in both])


def draw_grouped(rng: np.random.Generator) -> Inputs:
    """Draw two caches of several lengths; the room for more holds what isn't a number."""
    (heads, groups), d, most = SHARES[rng.integers(len(SHARES))], 16, 50
    k, v = rng.standard_normal((2, 2, groups, most, d))
    lengths = np.array([pick(rng, LENGTHS), 23], dtype=np.int32)
    for entry, length in enumerate(lengths):
        k[entry, :, length:], v[entry, :, length:] = np.nan, np.nan
    q = rng.standard_normal((2, heads, d))
    return {"q": q, "k": k, "v": v, "lengths": lengths, "block_n": pick(rng, (16, 32))}


def grouped_decode(q, k, v, lengths, block_n=0):
    """Attend to what is filled; an empty cache gives zeros."""
    out = np.zeros_like(q)
    for entry, length in enumerate(lengths):
        if length:
            kept = k[entry, :, :length], v[entry, :, :length]
            out[entry] = grouped_attention(q[entry][:, None], *kept)[:, 0]
    return out


def draw_int4(rng: np.random.Generator) -> Inputs:
    """Draw activations and packed weights, of odd numbers of samples and outputs."""
    m, n, block_k = pick(rng, (1, 7, 17, 33)), pick(rng, (1, 31, 48)), 32
    group = block_k * pick(rng, (1, 2))
    k = group * pick(rng, (1, 3))
    packed = weight_only.pack_weights(rng.standard_normal((n, k)), group)._asdict()
    sizes = {"block_m": 16, "block_n": pick(rng, (16, 32)), "block_k": block_k}
    packed["scales"] = packed["scales"].astype(float)
    return {"x": rng.standard_normal((m, k)), **packed, **sizes}


def int4_matmul(x, codes, scales, zeros, block_m=0, block_n=0, block_k=0):
    """Multiply group by group, even inputs apart from odd ones."""
    packed = weight_only.Packed(codes, scales, zeros)
    return weight_only.matmul_by_halves(x, packed, x.shape[1] // scales.shape[1])


def draw_route(rng: np.random.Generator) -> Inputs:
    """Draw logits with some that are equal, and tokens."""
    tokens, experts = pick(rng, (1, 15, 16, 37)), pick(rng, (5, 8, 13))
    logits = np.rint(rng.standard_normal((tokens, experts)) * 8.0) / 4.0
    x = rng.standard_normal((tokens, pick(rng, (3, 65))))
    return {"logits": logits, "x": x, "k": pick(rng, (2, 3, 5)), "block_t": pick(rng, (4, 16))}


def route(logits, x, k, block_t=0):
    """Choose, plan and dispatch."""
    chosen = topk.gate_chosen(logits, k)
    plan = dispatch.plan(chosen.experts, logits.shape[1])
    return *chosen, *plan, dispatch.dispatch(x, plan, k)


def draw_scan(rng: np.random.Generator) -> Inputs:
    """Draw what a Mamba layer's scan is given."""
    batch, time, d_inner = pick(rng, (1, 2)), pick(rng, (1, 7, 33)), pick(rng, (1, 5, 19))
    states = pick(rng, (1, 4, 16))
    x, z = rng.standard_normal((2, batch, time, d_inner))
    b, c = rng.standard_normal((2, batch, time, states))
    delta = selective.softplus(rng.standard_normal(x.shape))
    a = -np.exp(rng.standard_normal((d_inner, states)))
    numbers = {"x": x, "delta": delta, "a": a, "b": b, "c": c, "d": rng.standard_normal(d_inner)}
    return {**numbers, "z": z, "block_d": pick(rng, (4, 16))}


def scan(x, delta, a, b, c, d, z, block_d=0):
    """Scan in chunks of another kind than the kernel's single steps; and the last state."""
    h = selective.selective_states(x, delta, a, b, chunk=5)
    return selective.read(h, x, c, d, z), h[:, -1]


POINTERS = {"q_ptr": "*fp16", "k_ptr": "*fp16", "v_ptr": "*fp16"}
HEAD_SIZES, SHARED = (64, 128), (1, 4, 8)
NUMBERS = {"tokens": "i32", "experts": "i32"}

KERNELS = (
    Kernel(
        "paged-decode",
        ("kernels.attention.paged_triton",),
        "kernels.gpu.launch_serving:paged_decode",
        paged_decode,
        draw_paged,
        {"float32": 2e-6, "float16": 2e-3},
        builds=(
            Build(
                "paged_decode",
                {
                    **POINTERS,
                    "table_ptr": "*i32",
                    "lengths_ptr": "*i32",
                    "mixed_ptr": "*fp32",
                    "lse_ptr": "*fp32",
                    "heads": "i32",
                    "most": "i32",
                    "scale": "fp32",
                },
                {"D": HEAD_SIZES, "SIZE": (16, 32), "SHARED": SHARED, "SPLITS": (1, 8)},
                divisible=(*POINTERS, "table_ptr", "lengths_ptr", "mixed_ptr", "lse_ptr"),
            ),
            Build(
                "merge_splits",
                {"mixed_ptr": "*fp32", "lse_ptr": "*fp32", "out_ptr": "*fp16"},
                {"D": HEAD_SIZES, "SPLITS": (8,), "WIDTH": (8,)},
                divisible=("mixed_ptr", "lse_ptr", "out_ptr"),
            ),
        ),
    ),
    Kernel(
        "grouped-decode",
        ("kernels.attention.grouped_decode_triton",),
        "kernels.gpu.launch_serving:grouped_decode",
        grouped_decode,
        draw_grouped,
        {"float32": 2e-6, "float16": 3e-3},
        builds=(
            Build(
                "grouped_decode",
                {
                    **POINTERS,
                    "lengths_ptr": "*i32",
                    "out_ptr": "*fp16",
                    "groups": "i32",
                    "most": "i32",
                    "scale": "fp32",
                },
                {"D": HEAD_SIZES, "SHARED": SHARED, "ROWS": (16,), "BLOCK_N": (32, 64, 128)},
                stages=(2, 3),
                divisible=(*POINTERS, "lengths_ptr", "out_ptr", "most"),
            ),
        ),
    ),
    Kernel(
        "int4-matmul",
        ("kernels.numerics.int4_matmul_triton",),
        "kernels.gpu.launch_serving:int4_matmul",
        int4_matmul,
        draw_int4,
        {"float32": 1e-5, "float16": 2e-2},
        builds=(
            Build(
                "int4_matmul",
                {
                    "x_ptr": "*fp16",
                    "codes_ptr": "*u8",
                    "scales_ptr": "*fp16",
                    "zeros_ptr": "*u8",
                    "out_ptr": "*fp16",
                    "m": "i32",
                    "n": "i32",
                    "k": "i32",
                    "group": "i32",
                },
                {"BLOCK_M": (16, 64), "BLOCK_N": (64, 128), "BLOCK_K": (32, 64, 128)},
                stages=(2, 3),
                divisible=("x_ptr", "codes_ptr", "scales_ptr", "zeros_ptr", "out_ptr", "n", "k"),
            ),
        ),
    ),
    Kernel(
        "top-k-routing",
        ("kernels.routing.topk_triton",),
        "kernels.gpu.launch_serving:route",
        route,
        draw_route,
        {"float32": 1e-6, "float16": 1e-3},
        builds=(
            Build(
                "choose",
                {
                    "logits_ptr": "*fp16",
                    "experts_ptr": "*i32",
                    "weights_ptr": "*fp16",
                    "counts_ptr": "*i32",
                    **NUMBERS,
                },
                {"K": (2, 8), "CHOICES": (2, 8), "BLOCK_T": (16,), "BLOCK_E": (16, 128, 512)},
                divisible=("logits_ptr", "experts_ptr", "weights_ptr", "counts_ptr"),
                keep=lambda configuration: configuration["K"] == configuration["CHOICES"],
            ),
            Build(
                "reserve",
                {
                    "counts_ptr": "*i32",
                    "starts_ptr": "*i32",
                    "offsets_ptr": "*i32",
                    "blocks": "i32",
                    "experts": "i32",
                },
                {"BLOCK_E": (16, 128, 512)},
                divisible=("counts_ptr", "starts_ptr", "offsets_ptr"),
            ),
            Build(
                "place",
                {
                    "experts_ptr": "*i32",
                    "starts_ptr": "*i32",
                    "order_ptr": "*i32",
                    "inverse_ptr": "*i32",
                    "assignments": "i32",
                    "experts": "i32",
                    "each": "i32",
                },
                {"BLOCK_A": (32, 128), "BLOCK_E": (16, 128)},
                divisible=("experts_ptr", "starts_ptr", "order_ptr", "inverse_ptr"),
            ),
            Build(
                "send",
                {
                    "x_ptr": "*fp16",
                    "order_ptr": "*i32",
                    "out_ptr": "*fp16",
                    "assignments": "i32",
                    "d": "i32",
                },
                {"K": (2, 8), "BLOCK_A": (16,), "BLOCK_D": (64, 256)},
                divisible=("x_ptr", "order_ptr", "out_ptr", "d"),
            ),
        ),
    ),
    Kernel(
        "selective-scan",
        ("kernels.scan.selective_triton",),
        "kernels.gpu.launch_serving:selective_scan",
        scan,
        draw_scan,
        {"float32": 2e-5, "float16": 2e-2},
        builds=(
            Build(
                "selective_scan",
                {
                    **{f"{name}_ptr": "*fp16" for name in ("x", "delta", "a", "b", "c", "d", "z")},
                    "y_ptr": "*fp16",
                    "h_ptr": "*fp32",
                    "time": "i32",
                    "d_inner": "i32",
                },
                {"N": (16, 64), "BLOCK_D": (32, 64, 128)},
                divisible=(
                    *(f"{name}_ptr" for name in ("x", "delta", "a", "b", "c", "d", "z", "y", "h")),
                    "d_inner",
                ),
            ),
        ),
    ),
)
