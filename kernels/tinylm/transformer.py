"""A decoder-only Transformer: tokens in, one logit for every token that may follow out.

Provenance: Vaswani et al. 2017 (arXiv:1706.03762) with what decoders of today changed: a norm
before each part (Radford et al. 2019, GPT-2, §2.3), RMSNorm (Zhang & Sennrich 2019,
arXiv:1910.07467, eq. 4), rotary positions (Su et al. 2021, arXiv:2104.09864, eq. 14), shared key
heads (Ainslie et al. 2023, arXiv:2305.13245) and SwiGLU (Shazeer 2020, arXiv:2002.05202, eq. 6).

Parameters are a mapping from name to array, as `configuration.shapes` says: a layer is `x @ w.T`.
Numbers are of the parameters' type throughout; angles and softmax are always float64.
"""

import numpy as np

from kernels.attention.core import attention_weights, causal_mask, join_heads, split_heads
from kernels.attention.grouped import grouped_attention
from kernels.attention.rotary import encode_key, encode_query, frequencies
from kernels.autodiff.elementwise import logistic


def rms_norm(x, gain, epsilon):
    """Bring each vector to root mean square one, then scale each feature: `(..., d)`."""
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + x.dtype.type(epsilon)) * gain


def silu(x):
    """Return `x * sigmoid(x)`: Swish with its slope at one."""
    return x * logistic(x)


def gelu(x):
    """Return `x / 2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x³)))`, GPT-2's form of GELU."""
    return 0.5 * x * (1.0 + np.tanh(float(np.sqrt(2.0 / np.pi)) * (x + 0.044715 * x * x * x)))


def feed_forward(configuration, parameters, layer, x):
    """Widen, bend and narrow every vector on its own: `(time, d_model)`.

    SwiGLU multiplies two projections, one bent by SiLU (eq. 6); GELU bends the only one.
    """
    normed = rms_norm(x, parameters[f"{layer}.norm_2"], configuration.epsilon)
    wide = normed @ parameters[f"{layer}.up"].T  # (time, d_ff)
    if configuration.activation == "swiglu":
        wide = silu(normed @ parameters[f"{layer}.gate"].T) * wide
    else:
        wide = gelu(wide)
    return wide @ parameters[f"{layer}.down"].T


def project(configuration, parameters, layer, x, positions):
    """Return queries `(heads, time, d_head)`, keys and values `(groups, time, d_head)`.

    Queries and keys are turned to their `positions` `(time,)`.
    """
    c, theta = configuration, frequencies(configuration.d_head, configuration.base)
    normed = rms_norm(x, parameters[f"{layer}.norm_1"], c.epsilon)
    q = split_heads(normed @ parameters[f"{layer}.q"].T, c.heads)
    k = split_heads(normed @ parameters[f"{layer}.k"].T, c.groups)
    v = split_heads(normed @ parameters[f"{layer}.v"].T, c.groups)
    q, k = encode_query(q, positions, theta), encode_key(k, positions, theta)
    return q.astype(x.dtype), k.astype(x.dtype), v


def mix(parameters, layer, q, k, v, visible):
    """Attend and project once more: `(time, d_model)`; `visible` is `(time, keys)` or `None`."""
    mixed = grouped_attention(q, k, v, visible)  # (heads, time, d_head)
    return join_heads(mixed).astype(q.dtype) @ parameters[f"{layer}.o"].T


def embed(configuration, parameters, tokens):
    """Look up each token's vector: `(time, d_model)`.

    Raises `ValueError` for no tokens at all, or one that the vocabulary lacks.
    """
    tokens = np.asarray(tokens, np.int64)
    if not len(tokens):
        raise ValueError("there is no token to read")
    if tokens.min() < 0 or tokens.max() >= configuration.vocabulary:
        raise ValueError(f"tokens must be from 0 to {configuration.vocabulary - 1}")
    return parameters["embedding"][tokens]


def to_logits(configuration, parameters, x):
    """Compare each vector `(time, d_model)` with every token's: `(time, vocabulary)`."""
    table = parameters["embedding" if configuration.tied else "output"]
    return rms_norm(x, parameters["norm"], configuration.epsilon) @ table.T


def stream(configuration, parameters, tokens):
    """Yield for each layer its `q`, `k`, `v` and the vectors `(time, d_model)` that leave it."""
    x = embed(configuration, parameters, tokens)  # (time, d_model)
    positions, visible = np.arange(len(x)), causal_mask(len(x))
    for layer in range(configuration.layers):
        q, k, v = project(configuration, parameters, layer, x, positions)
        x = x + mix(parameters, layer, q, k, v, visible)
        x = x + feed_forward(configuration, parameters, layer, x)
        yield q, k, v, x


def forward(configuration, parameters, tokens):
    """Return the logits of what follows each token: `(time, vocabulary)` from `(time,)`.

    Rotary positions have no end: a text longer than the context is read, but not what was trained.
    Raises `ValueError` as `embed` does.
    """
    *_, (_, _, _, x) = stream(configuration, parameters, tokens)
    return to_logits(configuration, parameters, x)


def attention_maps(configuration, parameters, tokens):
    """Return every head's weights: `(layers, heads, time, time)`, rows sum to one."""
    maps, shared = [], configuration.heads // configuration.groups
    for q, k, _, _ in stream(configuration, parameters, tokens):
        maps.append(attention_weights(q, np.repeat(k, shared, axis=0), causal_mask(q.shape[1])))
    return np.stack(maps)
