"""The selective scan in one launch: states live in registers, and no state is ever written but one.

Provenance: Gu and Dao 2023, Mamba (arXiv:2312.00752), §3.3, whose point is that the states
`(batch, time, d_inner, d_state)` needn't be in memory. This one goes step by step; the authors' own
works in chunks of time with a parallel scan. The reference is `kernels.scan.selective`.

Arrays are contiguous: `x`, `delta`, `z` and `y` `(batch, time, d_inner)`, `a` `(d_inner, N)`, `b`
and `c` `(batch, time, N)`, `d` `(d_inner,)`, the last state `h` `(batch, d_inner, N)` in float32.
"""

import triton
import triton.language as tl


@triton.jit
def selective_scan(
    x_ptr, delta_ptr, a_ptr, b_ptr, c_ptr, d_ptr, z_ptr, y_ptr, h_ptr, time, d_inner,
    N: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """Give a program `BLOCK_D` channels of one batch entry, for the whole of time."""
    entry = tl.program_id(1).to(tl.int64)
    channel = tl.program_id(0) * BLOCK_D + tl.arange(0, BLOCK_D)  # (BLOCK_D,)
    state = tl.arange(0, N)  # (N,)
    real = channel < d_inner
    own = channel[:, None] * N + state[None, :]  # (BLOCK_D, N)
    a = tl.load(a_ptr + own, mask=real[:, None], other=0.0).to(tl.float32)
    d = tl.load(d_ptr + channel, mask=real, other=0.0).to(tl.float32)
    h = tl.zeros((BLOCK_D, N), tl.float32)

    for t in range(0, time):
        row = entry * time + t
        here = row * d_inner + channel  # (BLOCK_D,)
        x = tl.load(x_ptr + here, mask=real, other=0.0).to(tl.float32)
        delta = tl.load(delta_ptr + here, mask=real, other=0.0).to(tl.float32)
        z = tl.load(z_ptr + here, mask=real, other=0.0).to(tl.float32)
        b = tl.load(b_ptr + row * N + state).to(tl.float32)  # (N,), the same for every channel
        c = tl.load(c_ptr + row * N + state).to(tl.float32)

        decay = tl.exp(delta[:, None] * a)  # (BLOCK_D, N)
        h = decay * h + (delta * x)[:, None] * b[None, :]
        y = tl.sum(h * c[None, :], axis=1) + d * x  # (BLOCK_D,)
        y *= z / (1.0 + tl.exp(-z))  # the gate, SiLU
        tl.store(y_ptr + here, y.to(y_ptr.dtype.element_ty), mask=real)

    tl.store(h_ptr + entry * d_inner * N + own, h, mask=real[:, None])
