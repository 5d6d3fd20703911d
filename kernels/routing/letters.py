"""A tiny model of text with one Switch layer: four letters in, the next letter out.

Provenance: the layer is Fedus et al. 2021, Switch Transformers (arXiv:2101.03961), §2; around it is
as little as will do, in place of a Transformer: embeddings side by side, as in Bengio et al. 2003,
A Neural Probabilistic Language Model, and a softmax over the alphabet.

Texts are whole numbers `(letters,)`. Parameters are a dictionary: `embedding` `(alphabet, width)`,
`router`, `up` and `down` of `kernels.routing.switch.Layer`, `out` `(d, alphabet)`, where `d` is
`CONTEXT` times the width.
"""

import numpy as np

from kernels.attention.core import softmax
from kernels.routing.balance import balance_loss
from kernels.routing.dispatch import capacity
from kernels.routing.switch import Layer, arrive, travel, walk_back

CONTEXT = 4


def alphabet_of(text):
    """Return the letters of a text, sorted, as one string."""
    return "".join(sorted(set(text)))


def as_ids(text, alphabet):
    """Return the place of each letter in the alphabet: `(letters,)`."""
    places = {letter: place for place, letter in enumerate(alphabet)}
    return np.array([places[letter] for letter in text])


def windows(ids):
    """Cut a text into every `CONTEXT` letters and the letter after: `(n, CONTEXT)` and `(n,)`."""
    cut = np.lib.stride_tricks.sliding_window_view(ids, CONTEXT + 1)
    return cut[:, :CONTEXT], cut[:, CONTEXT]


def draw(rng, alphabet, experts, width=12, d_ff=32):
    """Draw first weights, the experts' smaller than is usual, as the paper advises (§2.4)."""
    d = CONTEXT * width
    return {
        "embedding": rng.normal(0.0, 1.0, (alphabet, width)),
        "router": rng.normal(0.0, np.sqrt(0.1 / d), (d, experts)),
        "up": rng.normal(0.0, np.sqrt(1.0 / d), (experts, d, d_ff)),
        "down": rng.normal(0.0, np.sqrt(0.1 / d_ff), (experts, d_ff, d)),
        "out": rng.normal(0.0, np.sqrt(0.1 / d), (d, alphabet)),
    }


def layer_of(parameters):
    """Return the Switch layer among the parameters."""
    return Layer(parameters["router"], parameters["up"], parameters["down"])


def embed(parameters, contexts):
    """Lay the letters' vectors side by side: `(n, CONTEXT)` to `(n, d)`, the Switch layer's `x`."""
    return parameters["embedding"][contexts].reshape(len(contexts), -1)


def room(parameters, tokens, factor):
    """Return how many of `tokens` an expert takes; all of them where `factor` is zero."""
    return capacity(tokens, parameters["router"].shape[-1], 1, factor) if factor else tokens


def surprise(parameters, contexts, following, factor=0.0):
    """Return how surprised the model is by each next letter, in nats: `(n,)`."""
    x = embed(parameters, contexts)
    y = arrive(x, travel(x, layer_of(parameters), room(parameters, len(x), factor)))
    p = softmax(y @ parameters["out"])
    return -np.log(p[np.arange(len(p)), following])


def value_and_gradients(parameters, contexts, following, alpha, factor):
    """Return the mean surprise, the trip that the batch made, and all gradients by name.

    The gradients are of the mean surprise plus `alpha` times the balancing loss.
    """
    layer, x = layer_of(parameters), embed(parameters, contexts)
    trip = travel(x, layer, room(parameters, len(x), factor))
    y = arrive(x, trip)
    p = softmax(y @ parameters["out"])  # (n, alphabet)
    rows = np.arange(len(p))
    loss = -np.log(p[rows, following]).mean()
    wrong = p / len(p)
    wrong[rows, following] -= 1.0 / len(p)
    in_x, in_layer = walk_back(x, layer, trip, wrong @ parameters["out"].T, alpha)
    in_table = np.zeros_like(parameters["embedding"])
    np.add.at(in_table, contexts, in_x.reshape(*contexts.shape, -1))
    gradients = {"embedding": in_table, "out": y.T @ wrong, **in_layer._asdict()}
    return loss, trip, gradients


def imbalance(trip):
    """Return the balancing loss of a trip, before `alpha`."""
    return balance_loss(trip.logits, trip.experts[:, None])
