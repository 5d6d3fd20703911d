"""The list's entries for attention, softmax, normalisation and the matrix product."""

import numpy as np

from kernels.attention import core, flash_backward
from kernels.gpu.registry import Build, Inputs, Kernel
from kernels.matmul.tiled import tiled_matmul
from kernels.norms.rms import rms_norm

LENGTHS = (1, 7, 16, 31, 33, 48, 65)
BLOCKS = (16, 32)
HEADS = {"q_ptr": "*fp16", "k_ptr": "*fp16", "v_ptr": "*fp16"}
SIZES = {"queries": "i32", "keys": "i32", "scale": "fp32"}
ALIGNED = ("q_ptr", "k_ptr", "v_ptr", "queries", "keys")


def pick(rng: np.random.Generator, values: tuple[int, ...]) -> int:
    """Return one of some numbers."""
    return int(rng.choice(values))


def draw_heads(rng: np.random.Generator) -> Inputs:
    """Draw queries, keys and values of one or two heads, of odd lengths too."""
    heads, queries, keys, d = pick(rng, (1, 2)), pick(rng, LENGTHS), pick(rng, LENGTHS), 16
    shapes = {"q": (heads, queries, d), "k": (heads, keys, d), "v": (heads, keys, d)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def draw_attention(rng: np.random.Generator) -> Inputs:
    """Draw heads, a mask or none, and block sizes."""
    chosen: Inputs = {"causal": bool(rng.integers(2))}
    chosen |= {"block_m": pick(rng, BLOCKS), "block_n": pick(rng, BLOCKS)}
    return {**draw_heads(rng), **chosen}


def draw_flash1(rng: np.random.Generator) -> Inputs:
    """Draw heads and block sizes."""
    return {**draw_heads(rng), "block_r": pick(rng, BLOCKS), "block_c": pick(rng, BLOCKS)}


def draw_backward(rng: np.random.Generator) -> Inputs:
    """Draw heads, and what a forward pass in float64 leaves of them."""
    inputs = draw_attention(rng)
    q, k, v = inputs["q"], inputs["k"], inputs["v"]
    out, lse = flash_backward.flash_forward(q, k, v, 32, 32, inputs["causal"])
    return {**inputs, "out": out, "lse": lse, "dout": rng.standard_normal(out.shape)}


def draw_softmax(rng: np.random.Generator) -> Inputs:
    """Draw rows of scores, some of them hidden, some large."""
    rows, columns = pick(rng, (1, 3, 8)), pick(rng, LENGTHS)
    x = rng.standard_normal((rows, columns)) * 10.0
    hidden = rng.random((rows, columns)) < 0.2
    hidden[:, 0] = False
    return {"x": np.where(hidden, -np.inf, x)}


def draw_norm(rng: np.random.Generator) -> Inputs:
    """Draw rows of features and their gains."""
    rows, features = pick(rng, (1, 3, 8)), pick(rng, LENGTHS)
    x = rng.standard_normal((rows, features))
    return {"x": x, "gain": rng.standard_normal(features)}


def draw_matmul(rng: np.random.Generator) -> Inputs:
    """Draw two matrices, block sizes and the height of a group."""
    m, n, k = (pick(rng, LENGTHS) for _ in range(3))
    a, b = rng.standard_normal((m, k)), rng.standard_normal((k, n))
    sizes = {name: pick(rng, BLOCKS) for name in ("block_m", "block_n", "block_k")}
    return {"a": a, "b": b, **sizes, "group": pick(rng, (1, 2, 3))}


def attention(q, k, v, causal=False, block_m=0, block_n=0):
    """Attend as `core` does, whatever the blocks; a query that sees no key gets zeros."""
    queries, keys = q.shape[-2], k.shape[-2]
    if not causal:
        return core.attention(q, k, v)
    visible = np.tril(np.ones((queries, keys), dtype=bool), keys - queries)
    out, seeing = np.zeros_like(q), visible.any(axis=-1)
    out[..., seeing, :] = core.attention(q[..., seeing, :], k, v, visible[seeing])
    return out


def attention_with_sums(q, k, v, causal=False, block_m=0, block_n=0):
    """Return attention and its log-sum-exp."""
    lse = flash_backward.flash_forward(q, k, v, len(q[0]), k.shape[-2], causal)[1]
    return attention(q, k, v, causal), lse


def softmax(x):
    """Turn rows into weights."""
    return core.softmax(x)


def flash1(q, k, v, block_r=0, block_c=0):
    """Attend without a mask."""
    return core.attention(q, k, v)


def backward(q, k, v, out, lse, dout, causal=False, block_m=0, block_n=0):
    """Return the gradients tile by tile, in tiles of another size than the kernel's."""
    tile = (24, 40)
    return flash_backward.flash_attention_backward(q, k, v, out, lse, dout, *tile, causal)


def matmul(a, b, block_m=0, block_n=0, block_k=0, group=0):
    """Multiply in tiles of another size than the kernel's."""
    return tiled_matmul(a, b, 24, 40, 17)


def fits(configuration) -> bool:
    """Leave out matrix tiles that no one would use: tall ones with few warps."""
    numbers = configuration["BLOCK_M"] * configuration["BLOCK_N"]
    return numbers <= 128 * 32 * configuration["num_warps"]


HEAD_SIZES, TILES = (64, 128), (32, 64, 128)
PASS = {"D": HEAD_SIZES, "BLOCK_M": (64, 128), "BLOCK_N": TILES, "CAUSAL": (False, True)}
BACK = {"D": HEAD_SIZES, "BLOCK_M": (32, 64), "BLOCK_N": (32, 64), "CAUSAL": (False, True)}
BACK_TYPES = {**HEADS, "dout_ptr": "*fp16", "lse_ptr": "*fp32", "delta_ptr": "*fp32"}

KERNELS = (
    Kernel(
        "softmax",
        ("kernels.attention.softmax_triton",),
        "kernels.gpu.launch_attention:softmax",
        softmax,
        draw_softmax,
        {"float32": 1e-6, "float16": 1e-3},
        builds=(
            Build(
                "softmax_rows",
                {"x_ptr": "*fp16", "out_ptr": "*fp16", "columns": "i32"},
                {"BLOCK": (64, 128, 256, 512, 1024, 2048, 4096, 8192)},
                divisible=("x_ptr", "out_ptr", "columns"),
            ),
        ),
    ),
    Kernel(
        "naive-attention",
        ("kernels.attention.naive_triton", "kernels.attention.softmax_triton"),
        "kernels.gpu.launch_attention:naive_attention",
        attention,
        draw_attention,
        {"float32": 2e-6, "float16": 4e-3},
        builds=(
            Build(
                "scores_tile",
                {"q_ptr": "*fp16", "k_ptr": "*fp16", "scores_ptr": "*fp16", **SIZES},
                {"D": HEAD_SIZES, "BLOCK_M": (128,), "BLOCK_N": (128,), "CAUSAL": (False, True)},
                divisible=("q_ptr", "k_ptr", "scores_ptr", "queries", "keys"),
            ),
            Build(
                "mix_values",
                {
                    "weights_ptr": "*fp16",
                    "v_ptr": "*fp16",
                    "out_ptr": "*fp16",
                    "queries": "i32",
                    "keys": "i32",
                },
                {"D": HEAD_SIZES, "BLOCK_M": (128,), "BLOCK_N": (128,)},
                divisible=("weights_ptr", "v_ptr", "out_ptr", "queries", "keys"),
            ),
        ),
    ),
    Kernel(
        "flash-attention",
        ("kernels.attention.flash_triton",),
        "kernels.gpu.launch_attention:flash_attention",
        attention_with_sums,
        draw_attention,
        {"float32": 2e-6, "float16": 3e-3},
        builds=(
            Build(
                "flash_forward",
                {**HEADS, "out_ptr": "*fp16", "lse_ptr": "*fp32", **SIZES},
                PASS,
                warps=(4, 8),
                stages=(1, 2, 3),
                divisible=(*ALIGNED, "out_ptr", "lse_ptr"),
            ),
        ),
    ),
    Kernel(
        "flash-attention-1",
        ("kernels.attention.flash1_triton",),
        "kernels.gpu.launch_attention:flash1_attention",
        flash1,
        draw_flash1,
        {"float32": 2e-6, "float16": 4e-3},
        builds=(
            Build(
                "flash1_forward",
                {
                    **HEADS,
                    "out_ptr": "*fp16",
                    "total_ptr": "*fp32",
                    "maximum_ptr": "*fp32",
                    **SIZES,
                },
                {"D": HEAD_SIZES, "BLOCK_R": (64,), "BLOCK_C": (64,)},
                divisible=(*ALIGNED, "out_ptr", "total_ptr", "maximum_ptr"),
            ),
        ),
    ),
    Kernel(
        "flash-attention-backward",
        ("kernels.attention.flash_backward_triton",),
        "kernels.gpu.launch_attention:flash_attention_backward",
        backward,
        draw_backward,
        {"float32": 1e-5, "float16": 1e-2},
        single=("lse",),
        builds=(
            Build(
                "row_delta",
                {"out_ptr": "*fp16", "dout_ptr": "*fp16", "delta_ptr": "*fp32", "rows": "i32"},
                {"D": HEAD_SIZES, "BLOCK": (64,)},
                divisible=("out_ptr", "dout_ptr", "delta_ptr", "rows"),
            ),
            Build(
                "flash_backward_keys",
                {**BACK_TYPES, "dk_ptr": "*fp16", "dv_ptr": "*fp16", **SIZES},
                BACK,
                warps=(4, 8),
                divisible=(*ALIGNED, "dout_ptr", "lse_ptr", "delta_ptr", "dk_ptr", "dv_ptr"),
            ),
            Build(
                "flash_backward_queries",
                {**BACK_TYPES, "dq_ptr": "*fp16", **SIZES},
                BACK,
                warps=(4, 8),
                divisible=(*ALIGNED, "dout_ptr", "lse_ptr", "delta_ptr", "dq_ptr"),
            ),
        ),
    ),
    Kernel(
        "rms-norm",
        ("kernels.norms.rms_triton",),
        "kernels.gpu.launch_attention:rms_norm",
        rms_norm,
        draw_norm,
        {"float32": 5e-6, "float16": 1e-2},
        builds=(
            Build(
                "rms_norm_rows",
                {
                    "x_ptr": "*fp16",
                    "gain_ptr": "*fp16",
                    "out_ptr": "*fp16",
                    "features": "i32",
                    "epsilon": "fp32",
                },
                {"BLOCK": (1024, 2048, 4096, 8192)},
                warps=(4, 8),
                divisible=("x_ptr", "gain_ptr", "out_ptr", "features"),
            ),
        ),
    ),
    Kernel(
        "matmul",
        ("kernels.matmul.tiled_triton",),
        "kernels.gpu.launch_attention:matmul",
        matmul,
        draw_matmul,
        {"float32": 1e-5, "float16": 1e-2},
        builds=(
            Build(
                "matmul_tile",
                {
                    "a_ptr": "*fp16",
                    "b_ptr": "*fp16",
                    "out_ptr": "*fp16",
                    "m": "i32",
                    "n": "i32",
                    "k": "i32",
                },
                {"BLOCK_M": TILES, "BLOCK_N": TILES, "BLOCK_K": (32, 64), "GROUP": (8,)},
                warps=(4, 8),
                stages=(2, 3),
                divisible=("a_ptr", "b_ptr", "out_ptr", "m", "n", "k"),
                keep=fits,
            ),
        ),
    ),
)
