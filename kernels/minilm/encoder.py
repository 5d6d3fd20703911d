"""BERT's encoder, forward: tokens in, one vector for each and every layer's attention out.

Provenance: Devlin et al. 2019, BERT (arXiv:1810.04805), §3, after Vaswani et al. 2017
(arXiv:1706.03762), §3.1: each part's output is added to its input and then normalised. The weights
are all-MiniLM-L6-v2's: Wang et al. 2020, MiniLM (arXiv:2002.10957), trained on further for sentence
vectors by the sentence-transformers project; names as in its `model.safetensors`.
"""

from dataclasses import dataclass

import numpy as np

from kernels.attention.core import join_heads, split_heads
from kernels.pretrained.layers import attention_weights, gelu, layer_norm, linear


@dataclass(frozen=True)
class Shape:
    """How large the model is, and the number that keeps a norm from dividing by zero."""

    layers: int = 6
    heads: int = 12
    epsilon: float = 1e-12


def embed(parameters, ids, epsilon):
    """Add a token's vector, its place's and its segment's (always the first): `(time, d)`.

    Raises `ValueError` for more tokens than the model has places.
    """
    table = parameters["embeddings.position_embeddings.weight"]  # (places, d)
    if len(ids) > len(table):
        raise ValueError(f"{len(ids)} tokens, but the model has only {len(table)} places")
    x = parameters["embeddings.word_embeddings.weight"][ids] + table[: len(ids)]
    x = x + parameters["embeddings.token_type_embeddings.weight"][0]
    return norm(parameters, "embeddings.LayerNorm", x, epsilon)


def norm(parameters, name, x, epsilon):
    """Normalise with the gain and shift called `name`."""
    return layer_norm(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], epsilon)


def dense(parameters, name, x):
    """Project with the weight and bias called `name`."""
    return linear(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"])


def heads_of(parameters, layer, x, heads):
    """Return a layer's queries, keys and values: three times `(heads, time, d_head)`."""
    own = f"encoder.layer.{layer}.attention.self"
    return tuple(
        split_heads(dense(parameters, f"{own}.{part}", x), heads)
        for part in ("query", "key", "value")
    )


def attend(parameters, layer, x, shape):
    """Return what a layer's attention makes of `x` `(time, d)`, and its weights.

    The weights are `(heads, time, time)`: every token sees every other one.
    """
    own = f"encoder.layer.{layer}.attention.output"
    q, k, v = heads_of(parameters, layer, x, shape.heads)
    weights = attention_weights(q, k)  # (heads, queries, keys)
    mixed = dense(parameters, f"{own}.dense", join_heads(weights @ v))
    return norm(parameters, f"{own}.LayerNorm", x + mixed, shape.epsilon), weights


def feed_forward(parameters, layer, x, shape):
    """Widen, bend and narrow every vector on its own: `(time, d)`."""
    own = f"encoder.layer.{layer}"
    wide = gelu(dense(parameters, f"{own}.intermediate.dense", x))  # (time, 4 d)
    narrow = dense(parameters, f"{own}.output.dense", wide)
    return norm(parameters, f"{own}.output.LayerNorm", x + narrow, shape.epsilon)


def forward(parameters, ids, shape):
    """Return what every layer reads, and every layer's attention.

    `ids` is `(time,)`; the first is `(layers + 1, time, d)`, its last the model's output, the
    second `(layers, heads, time, time)`.
    """
    x = embed(parameters, ids, shape.epsilon)
    states, maps = [x], []
    for layer in range(shape.layers):
        x, weights = attend(parameters, layer, x, shape)
        x = feed_forward(parameters, layer, x, shape)
        states.append(x)
        maps.append(weights)
    return np.stack(states), np.stack(maps)


def sentence_vector(states):
    """Average the output's vectors and bring the result to length one: `(d,)`."""
    mean = states[-1].mean(axis=0)
    return mean / np.sqrt((mean * mean).sum())
