"""Write down what was heard, always the likeliest token next.

Provenance: Radford et al. 2022 (arXiv:2212.04356), §4.5: greedy decoding at temperature zero, and
loops of repeated text as its known failure; which tokens are never written (marks that nobody
speaks) comes with the model, in its `config.json`.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from kernels.whisper.decoder import extend, listen
from kernels.whisper.tokens import END, PROMPT


@dataclass(frozen=True)
class Transcript:
    """What was written, and how sure the model was."""

    tokens: list[int]  # the prompt, then what was written, without the end's token
    probabilities: list[float]  # of each token written, and of the end where it came
    finished: bool  # whether the end's token came


def probabilities(logits):
    """Return the softmax of `(vocabulary,)` in float64."""
    raised = np.exp(logits.astype(np.float64) - logits.max())
    return raised / raised.sum()


def banned(logits, suppressed, first, also_first):
    """Return logits with what may not be written at minus infinity."""
    allowed = logits.copy()
    allowed[suppressed] = -np.inf
    if first:
        allowed[also_first] = -np.inf
    return allowed


def transcribe(parameters, encoded, suppressed=(), also_first=(), limit=224):
    """Return the transcript of a recording, at most `limit` tokens beyond the prompt.

    `encoded` is the encoder's `(frames, d)`; `suppressed` are never written, `also_first` not at
    the beginning.
    """
    cache = listen(parameters, encoded)
    tokens, chances = list(PROMPT), []
    reading = extend(parameters, cache, tokens)
    for written in range(limit):
        chance = probabilities(
            banned(reading.logits[-1], list(suppressed), written == 0, list(also_first))
        )
        token = int(chance.argmax())
        chances.append(float(chance[token]))
        if token == END:
            return Transcript(tokens, chances, True)
        tokens.append(token)
        reading = extend(parameters, cache, [token])
    return Transcript(tokens, chances, False)


def period(tokens, repeats=3):
    """Return the length of the pattern that ends the tokens `repeats` times over, or `None`."""
    for length in range(1, len(tokens) // repeats + 1):
        tail = tokens[-repeats * length :]
        if tail == tail[:length] * repeats:
            return length
    return None


def compression(text):
    """Return how much smaller zlib makes a text: above 2.4 Whisper takes it for a loop (§4.5)."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))
