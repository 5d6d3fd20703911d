"""Routing on a GPU: choose, count, work out where everything goes, and copy it there.

Provenance: Gale et al. 2022, MegaBlocks (arXiv:2211.15841), for the order by expert without a
capacity. The references are `kernels.routing.topk.gate_chosen` and `kernels.routing.dispatch.plan`.

Four launches. Each block of tokens counts for itself and gets its places in advance, so nothing is
added by atomics and the result is always the same, that of a stable sort.
"""

import triton
import triton.language as tl


@triton.jit
def choose(
    logits_ptr, experts_ptr, weights_ptr, counts_ptr, tokens, experts,
    K: tl.constexpr, CHOICES: tl.constexpr, BLOCK_T: tl.constexpr, BLOCK_E: tl.constexpr,
):  # fmt: skip
    """Take the `K` best of a block's `logits` `(tokens, experts)`, and weigh them by their softmax.

    Writes `experts` int32 and `weights`, both `(tokens, K)`, and `counts` int32 `(blocks,
    experts)`. `CHOICES` and `BLOCK_E` are powers of two that cover `K` and `experts`.
    """
    block = tl.program_id(0)
    token = (block * BLOCK_T + tl.arange(0, BLOCK_T))[:, None]  # (T, 1)
    expert, slot = tl.arange(0, BLOCK_E)[None, :], tl.arange(0, CHOICES)[None, :]
    real = (token < tokens) & (expert < experts)  # (T, E)
    logits = tl.load(logits_ptr + token * experts + expert, mask=real, other=0.0).to(tl.float32)
    left = tl.where(expert < experts, logits, float("-inf"))
    best = tl.max(left, axis=1)[:, None]  # (T, 1)
    chosen = tl.zeros((BLOCK_T, CHOICES), tl.int32)
    raised = tl.zeros((BLOCK_T, CHOICES), tl.float32)
    taken = tl.zeros((BLOCK_T, BLOCK_E), tl.int32)
    for choice in tl.static_range(K):
        top = tl.max(left, axis=1)[:, None]  # (T, 1)
        which = tl.min(tl.where(left == top, expert, BLOCK_E), axis=1)[:, None]  # the lowest number
        chosen = tl.where(slot == choice, which, chosen)
        raised = tl.where(slot == choice, tl.exp(top - best), raised)
        taken += (expert == which).to(tl.int32)
        left = tl.where(expert == which, float("-inf"), left)
    weights = raised / tl.sum(raised, axis=1)[:, None]  # (T, CHOICES)
    place, inside = token * K + slot, (token < tokens) & (slot < K)
    tl.store(experts_ptr + place, chosen, mask=inside)
    tl.store(weights_ptr + place, weights.to(weights_ptr.dtype.element_ty), mask=inside)
    count = tl.sum(tl.where(real, taken, 0), axis=0)  # (E,)
    number = tl.arange(0, BLOCK_E)
    tl.store(counts_ptr + block * experts + number, count, mask=number < experts)


@triton.jit
def reserve(counts_ptr, starts_ptr, offsets_ptr, blocks, experts, BLOCK_E: tl.constexpr):
    """Say where each expert begins, and in it each block: one program.

    Writes `offsets` `(experts + 1,)` and `starts` `(blocks, experts)`; `BLOCK_E` exceeds `experts`.
    """
    expert = tl.arange(0, BLOCK_E)
    real = expert < experts
    total = tl.zeros((BLOCK_E,), tl.int32)
    for block in range(0, blocks):
        total += tl.load(counts_ptr + block * experts + expert, mask=real, other=0)
    start = tl.cumsum(total, axis=0) - total  # what comes before, and at `experts` the whole
    tl.store(offsets_ptr + expert, start, mask=expert <= experts)
    for block in range(0, blocks):
        tl.store(starts_ptr + block * experts + expert, start, mask=real)
        start += tl.load(counts_ptr + block * experts + expert, mask=real, other=0)


@triton.jit
def place(
    experts_ptr, starts_ptr, order_ptr, inverse_ptr, assignments, experts, each,
    BLOCK_A: tl.constexpr, BLOCK_E: tl.constexpr,
):  # fmt: skip
    """Put each of a block's `each` assignments into its place: `order` and its inverse."""
    block, number = tl.program_id(0), tl.arange(0, BLOCK_A)
    assignment = block * each + number  # (A,)
    mine = (number < each) & (assignment < assignments)
    wanted = tl.load(experts_ptr + assignment, mask=mine, other=-1)  # (A,)
    expert = tl.arange(0, BLOCK_E)  # (E,)
    hot = (wanted[:, None] == expert[None, :]).to(tl.int32)  # (A, E): all zero where not mine
    start = tl.load(starts_ptr + block * experts + expert, mask=expert < experts, other=0)
    before = tl.cumsum(hot, axis=0) - hot + start[None, :]  # (A, E)
    target = tl.sum(hot * before, axis=1)  # (A,)
    tl.store(order_ptr + target, assignment, mask=mine)
    tl.store(inverse_ptr + assignment, target, mask=mine)


@triton.jit
def send(
    x_ptr, order_ptr, out_ptr, assignments, d,
    K: tl.constexpr, BLOCK_A: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """Copy tokens `(tokens, d)` into the order of the experts: `(tokens * K, d)`."""
    row = tl.program_id(0) * BLOCK_A + tl.arange(0, BLOCK_A)  # (A,)
    feature = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)[None, :]  # (1, D)
    token = tl.load(order_ptr + row, mask=row < assignments, other=0)[:, None] // K  # (A, 1)
    inside = (row[:, None] < assignments) & (feature < d)
    x = tl.load(x_ptr + token.to(tl.int64) * d + feature, mask=inside, other=0.0)
    tl.store(out_ptr + row[:, None].to(tl.int64) * d + feature, x, mask=inside)
