"""A model of Shakespeare's plays reads one that it has never seen, forwards and backwards.

Provenance: Hu et al. 2022 (arXiv:2106.09685), §4.1, on `kernels.tinylm`'s draft model; the text
read from its end is the paper's "different language" (§7.2, footnote 6).
"""

import numpy as np

from kernels.tinylm import bpe
from kernels.tinylm.measures import log_softmax
from kernels.tinylm.transformer import forward

from .lora import merge


def acts(held_out, backwards=False):
    """Return acts I to IV of Macbeth, and act V, from the text of both held-out plays.

    Backwards each is read from its last letter to its first. Raises `ValueError` where the text is
    another.
    """
    end, start = held_out.find("\nTwelfth Night\n"), held_out.find("\nACT V\n")
    if not 0 < start < end:
        raise ValueError("this is not Macbeth with Twelfth Night after it")
    parts = held_out[:start].strip(), held_out[start:end].strip()
    return tuple(part[::-1] for part in parts) if backwards else parts


def equip(parameters, adapters):
    """Merge adapters, a mapping from name of matrix, into a model's parameters."""
    merged = {name: merge(parameters[name], adapter) for name, adapter in adapters.items()}
    return {**parameters, **merged}


def surprises(model, text, tokeniser):
    """Return the tokens of a text `(time,)`, and the bits of surprise at each but the first.

    `model` is a configuration and parameters.
    """
    tokens = np.array(bpe.encode(tokeniser, text))
    configuration, parameters = model
    found = log_softmax(forward(configuration, parameters, tokens[:-1]))  # (time - 1, vocabulary)
    return tokens, -np.take_along_axis(found, tokens[1:, None], -1)[:, 0] / np.log(2.0)
