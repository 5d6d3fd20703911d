"""Decode attention through a block table, with a sequence's blocks split among programs.

Provenance: Kwon et al. 2023, PagedAttention (arXiv:2309.06180), §4; the split along the keys as in
Dao et al. 2023, Flash-Decoding for long-context inference. The reference is
`kernels.attention.paged.paged_attention_by_block`, and `online.merge` for the splits.

Arrays are contiguous: `q` `(sequences, heads, D)`, one token's queries for each sequence; `k` and
`v` `(blocks, SIZE, groups, D)`; `table` `(sequences, most)` and `lengths` `(sequences,)` int32.
"""

import triton
import triton.language as tl


@triton.jit
def paged_decode(
    q_ptr, k_ptr, v_ptr, table_ptr, lengths_ptr, mixed_ptr, lse_ptr, heads, most, scale,
    D: tl.constexpr, SIZE: tl.constexpr, SHARED: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    """Give a program one head of one sequence, and one part of its blocks.

    `SHARED` heads read the same group. `mixed` `(sequences, heads, SPLITS, D)` and `lse`
    `(sequences, heads, SPLITS)`, to base 2, are float32; `merge_splits` joins them.
    """
    sequence, head, split = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    group, groups = head // SHARED, heads // SHARED
    feature, place = tl.arange(0, D), tl.arange(0, SIZE)  # (D,), (SIZE,)
    q = tl.load(q_ptr + (sequence * heads + head) * D + feature).to(tl.float32)  # (D,)
    length = tl.load(lengths_ptr + sequence)
    held = tl.cdiv(length, SIZE)
    each = tl.cdiv(held, SPLITS)

    maximum = tl.full((), float("-inf"), tl.float32)
    total = tl.zeros((), tl.float32)
    mixed = tl.zeros((D,), tl.float32)
    for number in range(split * each, tl.minimum((split + 1) * each, held)):
        block = tl.load(table_ptr + sequence * most + number).to(tl.int64)  # where it really is
        row = (block * SIZE + place) * groups + group  # (SIZE,)
        filled = number * SIZE + place < length  # never none
        where = row[:, None] * D + feature[None, :]  # (SIZE, D)
        k = tl.load(k_ptr + where, mask=filled[:, None], other=0.0).to(tl.float32)
        scores = tl.sum(q[None, :] * k, axis=1) * scale * 1.4426950408889634  # (SIZE,), log2(e)
        scores = tl.where(filled, scores, float("-inf"))

        new = tl.maximum(maximum, tl.max(scores, axis=0))
        weights = tl.exp2(scores - new)  # (SIZE,), not yet divided
        factor = tl.exp2(maximum - new)  # at most 1: rescales what was summed so far
        total = factor * total + tl.sum(weights, axis=0)
        v = tl.load(v_ptr + where, mask=filled[:, None], other=0.0).to(tl.float32)  # (SIZE, D)
        mixed = factor * mixed + tl.sum(weights[:, None] * v, axis=0)  # (D,)
        maximum = new

    part = (sequence * heads + head) * SPLITS + split
    safe = tl.where(total == 0.0, 1.0, total)  # a part without blocks: zeros, and -inf
    tl.store(mixed_ptr + part * D + feature, mixed / safe)
    tl.store(lse_ptr + part, maximum + tl.log2(safe))


@triton.jit
def merge_splits(
    mixed_ptr, lse_ptr, out_ptr, D: tl.constexpr, SPLITS: tl.constexpr, WIDTH: tl.constexpr
):
    """Join the parts of one sequence and head, each by its share of the sum of exponentials.

    `WIDTH` is the power of two that covers `SPLITS`. No key at all gives zeros.
    """
    row = tl.program_id(0)
    split, feature = tl.arange(0, WIDTH), tl.arange(0, D)
    part = row * SPLITS + split  # (WIDTH,)
    lse = tl.load(lse_ptr + part, mask=split < SPLITS, other=float("-inf"))
    largest = tl.max(lse, axis=0)
    weights = tl.exp2(lse - tl.where(largest == float("-inf"), 0.0, largest))  # (WIDTH,)
    where = part[:, None] * D + feature[None, :]  # (WIDTH, D)
    mixed = tl.load(mixed_ptr + where, mask=split[:, None] < SPLITS, other=0.0)
    total = tl.sum(weights, axis=0)
    out = tl.sum(weights[:, None] * mixed, axis=0) / tl.where(total == 0.0, 1.0, total)
    tl.store(out_ptr + row * D + feature, out.to(out_ptr.dtype.element_ty))
