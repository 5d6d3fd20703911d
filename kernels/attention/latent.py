"""Multi-head latent attention: keep one short vector a token and rebuild keys and values from it.

Provenance: DeepSeek-AI 2024, DeepSeek-V2 (arXiv:2405.04434), §2.1.2 and §2.1.3, eqs. 9-19.

Positions would stop the up-projection of keys from being folded into the queries, so a few numbers
of their own carry them: one rotated key for all heads, one rotated query for each. DeepSeek's
models also normalise the two latents (§3.1.2), before they are cached: nothing here would change.
"""

from dataclasses import dataclass

import numpy as np

from kernels.attention.core import dot_products, hide, join_heads, softmax, split_heads
from kernels.attention.rotary import encode_key, encode_query


@dataclass(frozen=True)
class LatentWeights:
    """One layer's matrices, in the paper's names; vectors are rows, so they multiply from the left.

    `d_c` is the keys' and values' latent width, `d_cq` the queries', `d_r` the rotated part's.
    """

    w_dkv: np.ndarray  # (d_model, d_c)
    w_uk: np.ndarray  # (heads, d_c, d_head)
    w_uv: np.ndarray  # (heads, d_c, d_v)
    w_kr: np.ndarray  # (d_model, d_r)
    w_dq: np.ndarray  # (d_model, d_cq)
    w_uq: np.ndarray  # (heads, d_cq, d_head)
    w_qr: np.ndarray  # (d_cq, heads * d_r)
    w_o: np.ndarray  # (heads * d_v, d_model)

    @property
    def heads(self):
        """How many heads there are."""
        return len(self.w_uk)

    @property
    def d_head(self):
        """How wide a head's keys are, without their rotated part."""
        return self.w_uk.shape[-1]

    @property
    def d_r(self):
        """How wide the rotated part is."""
        return self.w_kr.shape[-1]


def random_weights(rng, d_model, heads, d_head, d_c, d_cq, d_r):
    """Draw a layer whose outputs have about the size of its inputs (`d_v` is `d_head`)."""

    def draw(*shape):
        return rng.standard_normal(shape) / np.sqrt(shape[-2])

    up = (heads, d_c, d_head)
    return LatentWeights(
        w_dkv=draw(d_model, d_c),
        w_uk=draw(*up),
        w_uv=draw(*up),
        w_kr=draw(d_model, d_r),
        w_dq=draw(d_model, d_cq),
        w_uq=draw(heads, d_cq, d_head),
        w_qr=draw(d_cq, heads * d_r),
        w_o=draw(heads * d_head, d_model),
    )


def compress(h, positions, w, theta):
    """Return all that is cached: latents and rotated keys (eqs. 9, 15).

    `h` is `(time, d_model)`, `positions` `(time,)`, `theta`
    `(d_r/2,)`; returns `(time, d_c)` and `(time, d_r)`.
    """
    return h @ w.w_dkv, encode_key(h @ w.w_kr, positions, theta)


def query_parts(h, positions, w, theta):
    """Return the queries' latent and rotated part (eqs. 12, 14).

    `(time, d_cq)` and `(heads, time, d_r)`, from tokens as in
    `compress`.
    """
    latent = h @ w.w_dq  # (time, d_cq)
    rotated = split_heads(latent @ w.w_qr, w.heads)
    return latent, encode_query(rotated, positions, theta)


def weigh(content, position, d_head, d_r, visible=None):
    """Turn the two parts' scores into weights (eq. 18).

    They add up, and are divided by the root of both widths together:
    `(heads, queries, keys)`.
    """
    scores = (content + position) / np.sqrt(d_head + d_r)
    return softmax(scores if visible is None else hide(scores, visible))


def rebuilt(h, positions, w, theta, visible=None):
    """Attend as written down: rebuild all keys and values (eqs. 10-19).

    `h` is `(time, d_model)`, `visible` `(time, time)` or `None`;
    returns `(time, d_model)`.
    """
    c, rotated_k = compress(h, positions, w, theta)
    c_q, rotated_q = query_parts(h, positions, w, theta)
    k, v = c @ w.w_uk, c @ w.w_uv  # (heads, time, d_head)
    content = dot_products(c_q @ w.w_uq, k)  # (heads, time, time)
    position = dot_products(rotated_q, rotated_k)
    weights = weigh(content, position, w.d_head, w.d_r, visible)
    return join_heads(weights @ v) @ w.w_o


def fold_keys(w):
    """Fold the keys' matrix into the queries': `(heads, d_cq, d_c)`."""
    return w.w_uq @ np.swapaxes(w.w_uk, -1, -2)


def fold_values(w):
    """Fold the values' matrix into the output's: `(heads, d_c, d_model)`."""
    by_head = w.w_o.reshape(w.heads, -1, w.w_o.shape[-1])
    return w.w_uv @ by_head


def absorbed(h, positions, w, theta, visible=None):
    """Attend on the latents: no key and no value is ever rebuilt.

    Arguments are as in `rebuilt`, and the result is equal but for
    rounding. All heads read one latent, as if it were the key and the
    value of multi-query attention.
    """
    c, rotated_k = compress(h, positions, w, theta)
    c_q, rotated_q = query_parts(h, positions, w, theta)
    content = dot_products(c_q @ fold_keys(w), c)  # (heads, time, time)
    position = dot_products(rotated_q, rotated_k)
    weights = weigh(content, position, w.d_head, w.d_r, visible)
    out = weights @ c @ fold_values(w)  # (heads, time, d_model)
    return out.sum(axis=0)


def cache_elements(tokens, layers, d_c, d_r):
    """Return how many numbers are kept of `tokens` positions, however many heads there are."""
    return tokens * layers * (d_c + d_r)


def as_groups(d_c, d_r, d_head):
    """Return with how many groups grouped-query attention would keep as much (Table 1)."""
    return (d_c + d_r) / (2 * d_head)
