"""Whisper's decoder: the tokens so far and the encoder's vectors in, the next token's logits out.

Provenance: Radford et al. 2022 (arXiv:2212.04356), §2.2, after Vaswani et al. 2017
(arXiv:1706.03762), §3.1: each layer looks at the tokens so far, then at the sound, then works on
each vector alone. The logits are dot products with the tokens' own embeddings. Names as in
CTranslate2's file.
"""

from dataclasses import dataclass, field

import numpy as np

from kernels.attention.core import join_heads, split_heads
from kernels.pretrained.layers import attention_weights
from kernels.whisper.encoder import count, dense, feed_forward, norm, project


@dataclass
class Cache:
    """What a recording's tokens so far have left behind, a list with an entry a layer.

    `sound` holds keys and values of the encoder's vectors, `(heads, frames, d_head)` each; `keys`
    and `values` those of the tokens, `(heads, length, d_head)`.
    """

    sound: list[tuple[np.ndarray, np.ndarray]]
    keys: list[np.ndarray] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)

    @property
    def length(self) -> int:
        """How many tokens have been read."""
        return self.keys[0].shape[1] if self.keys else 0


@dataclass(frozen=True)
class Reading:
    """What came of reading some tokens."""

    logits: np.ndarray  # (new, vocabulary)
    own: np.ndarray  # (layers, heads, new, length): weights on the tokens so far
    cross: np.ndarray  # (layers, heads, new, frames): weights on the sound
    own_queries: np.ndarray  # (layers, heads, new, d_head)
    cross_queries: np.ndarray  # (layers, heads, new, d_head)


def listen(parameters, encoded):
    """Return a cache for a recording, no token read yet; `encoded` is `(frames, d)`."""
    layers, heads = count(parameters, "decoder")
    sound = []
    for number in range(layers):
        both = dense(parameters, f"decoder/layer_{number}/attention/linear_1", encoded)
        k, v = (split_heads(one, heads) for one in np.split(both, 2, axis=-1))
        sound.append((k, v))
    return Cache(sound)


def embed(parameters, tokens, start):
    """Return the vectors of tokens that stand from place `start` on: `(new, d)`.

    Raises `ValueError` where they reach beyond the model's places.
    """
    places = parameters["decoder/position_encodings/encodings"]
    if start + len(tokens) > len(places):
        raise ValueError(f"{start + len(tokens)} tokens, but the model has {len(places)} places")
    words = parameters["decoder/embeddings/weight"][np.asarray(tokens)]
    return words + places[start : start + len(tokens)]


def keep(cache, layer, k, v):
    """Put new keys and values behind a layer's old ones, and return all of them."""
    if layer == len(cache.keys):
        cache.keys.append(k)
        cache.values.append(v)
    else:
        cache.keys[layer] = np.concatenate([cache.keys[layer], k], axis=1)
        cache.values[layer] = np.concatenate([cache.values[layer], v], axis=1)
    return cache.keys[layer], cache.values[layer]


def window(length, recent, first):
    """Return which tokens each one sees: the last `recent`, and the `first` of all (Xiao et al.).

    `(length, length)` of booleans; a token counts as its own most recent.
    """
    query, key = np.arange(length)[:, None], np.arange(length)
    return (key <= query) & ((query - key < recent) | (key < first))


def look_back(parameters, cache, number, x, heads, visible=None):
    """Return what attention to the tokens so far adds to `x`, its weights, and its queries."""
    part = f"decoder/layer_{number}/self_attention"
    q, k, v = project(parameters, part, x, heads)
    k, v = keep(cache, number, k, v)  # (heads, length, d_head)
    if visible is None:
        visible = np.arange(k.shape[1]) <= k.shape[1] - len(x) + np.arange(len(x))[:, None]
    weights = attention_weights(q, k, visible)  # (heads, new, length)
    return dense(parameters, f"{part}/linear_1", join_heads(weights @ v)), weights, q


def look_across(parameters, cache, number, x, heads):
    """Return what attention to the sound adds to `x`, its weights, and its queries."""
    part = f"decoder/layer_{number}/attention"
    q = split_heads(dense(parameters, f"{part}/linear_0", norm(parameters, part, x)), heads)
    k, v = cache.sound[number]
    weights = attention_weights(q, k)  # (heads, new, frames)
    return dense(parameters, f"{part}/linear_2", join_heads(weights @ v)), weights, q


def extend(parameters, cache, tokens, visible=None):
    """Read more tokens into the cache; the first call takes the prompt, later ones a token each.

    Nothing is approximated: reading all at once gives the same logits and weights. `visible`,
    `(new, length)`, stands in for the causal mask.
    """
    layers, heads = count(parameters, "decoder")
    x = embed(parameters, tokens, cache.length)
    own, cross = [], []
    for number in range(layers):
        added, *seen = look_back(parameters, cache, number, x, heads, visible)
        x = x + added
        own.append(seen)
        added, *seen = look_across(parameters, cache, number, x, heads)
        x = x + added
        cross.append(seen)
        x = x + feed_forward(parameters, f"decoder/layer_{number}", x)
    logits = norm(parameters, "decoder", x) @ parameters["decoder/projection/weight"].T
    (weights, queries), (across, asked) = (
        map(np.stack, zip(*kept, strict=True)) for kept in (own, cross)
    )
    return Reading(logits, weights, across, queries, asked)
