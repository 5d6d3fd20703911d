"""Whisper's encoder: 30 seconds of sound in, one vector for every 20 ms out.

Provenance: Radford et al. 2022 (arXiv:2212.04356), §2.2: two convolutions of width 3, the second
with stride 2, sinusoidal places, then Transformer blocks that normalise before each part. Names as
in CTranslate2's file; there a projection is `linear_N`, with queries, keys and values in one.
"""

import numpy as np

from kernels.attention.core import join_heads, split_heads
from kernels.pretrained.layers import attention_weights, gelu, layer_norm, linear

EPSILON = 1e-5


def norm(parameters, name, x):
    """Normalise with the gain and shift below `name`."""
    gain, shift = parameters[f"{name}/layer_norm/gamma"], parameters[f"{name}/layer_norm/beta"]
    return layer_norm(x, gain, shift, EPSILON)


def dense(parameters, name, x):
    """Project with the weight and bias below `name`."""
    return linear(x, parameters[f"{name}/weight"], parameters[f"{name}/bias"])


def convolve(parameters, name, x, stride):
    """Slide a filter of width 3 over `x` `(channels, time)`, edges filled with zeros.

    Returns `(filters, time / stride)`.
    """
    filters = parameters[f"{name}/weight"]  # (filters, channels, 3)
    padded = np.pad(x, ((0, 0), (1, 1)))
    end = x.shape[1]
    parts = [filters[:, :, k] @ padded[:, k : k + end : stride] for k in range(3)]
    return sum(parts) + parameters[f"{name}/bias"][:, None]


def count(parameters, side):
    """Return how many layers a side (`encoder`, `decoder`) has, and how many heads a layer."""
    layers = sum(name.startswith(f"{side}/layer_") for name in parameters if "gamma" in name)
    parts = {"encoder": 2, "decoder": 3}[side]  # norms a layer; the last norm isn't counted
    return (layers - 1) // parts, int(parameters[f"{side}/num_heads"])


def feed_forward(parameters, layer, x):
    """Return what a layer's last part adds to `x` `(time, d)`; `layer` is the layer's name."""
    wide = gelu(dense(parameters, f"{layer}/ffn/linear_0", norm(parameters, f"{layer}/ffn", x)))
    return dense(parameters, f"{layer}/ffn/linear_1", wide)


def project(parameters, part, x, heads):
    """Return queries, keys and values of `x` `(time, d)`: three times `(heads, time, d_head)`."""
    together = dense(parameters, f"{part}/linear_0", norm(parameters, part, x))
    return tuple(split_heads(one, heads) for one in np.split(together, 3, axis=-1))


def embed(parameters, spectrogram):
    """Return the vectors that the first layer reads: `(1500, d)` from `(80, 3000)`."""
    x = gelu(convolve(parameters, "encoder/conv1", spectrogram, 1))
    x = gelu(convolve(parameters, "encoder/conv2", x, 2))
    return x.T + parameters["encoder/position_encodings/encodings"][: x.shape[1]]


def encode(parameters, spectrogram):
    """Return what the decoder looks at: `(1500, d)` from the spectrogram `(80, 3000)`."""
    layers, heads = count(parameters, "encoder")
    x = embed(parameters, spectrogram)
    for number in range(layers):
        layer = f"encoder/layer_{number}"
        q, k, v = project(parameters, f"{layer}/self_attention", x, heads)
        mixed = join_heads(attention_weights(q, k) @ v)
        x = x + dense(parameters, f"{layer}/self_attention/linear_1", mixed)
        x = x + feed_forward(parameters, layer, x)
    return norm(parameters, "encoder", x)
