"""A model as something that says what comes next, and the loop that lets it speak.

Provenance: the loop is ancestral sampling, one token after another, as in Radford et al. 2019
(GPT-2), §2; the cache behind it is `kernels.tinylm.cache`.

A *law* is any function `law(tokens, last)` that returns the distributions after each of the `last`
longest prefixes of `tokens`: `(last, vocabulary)`, the whole text's at the end. Speculative
decoding asks for no more than that of its two models.
"""

from itertools import takewhile

import numpy as np

from kernels.tinylm import cache as kept
from kernels.tinylm.sampling import Rules, distribution, draw


def shared(one, two):
    """Return how many tokens two texts begin with in common."""
    both = zip(one, two, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))


def window(tokens, context):
    """Return the end of a text that a model reads.

    A text that fits is read whole. A longer one loses half a context at a time, so that the cache
    serves for a while between.
    """
    half = max(context // 2, 1)
    over = max(len(tokens) - context, 0)
    return list(tokens[-(-over // half) * half :])


class TransformerLaw:
    """What a transformer expects, read through a cache that keeps what texts have in common.

    Counts its work: `runs` of the model and `read` tokens in all.
    """

    def __init__(self, configuration, parameters, rules=None):
        """Take a model, and the rules of sampling that its logits go through."""
        self.configuration, self.parameters = configuration, parameters
        self.rules = Rules() if rules is None else rules
        self.cache = kept.empty(configuration, parameters)
        self.tokens: list[int] = []  # those in the cache
        self.runs = self.read = 0

    def logits(self, tokens, last=1):
        """Return the logits after each of the `last` longest prefixes: `(last, vocabulary)`.

        All are read in the window of the whole text. Raises `ValueError` where that has fewer.
        """
        text = window(tokens, self.configuration.context)
        if not 1 <= last <= len(text):
            raise ValueError(f"{len(text)} tokens have no {last} prefixes that are not empty")
        kept.rewind(self.cache, min(shared(self.tokens, text), len(text) - last))
        self.tokens, new = text[: self.cache.length], text[self.cache.length :]
        found = kept.extend(self.configuration, self.parameters, self.cache, new)
        self.tokens, self.runs, self.read = text, self.runs + 1, self.read + len(new)
        return found[len(new) - last :]

    def __call__(self, tokens, last=1):
        """Return the distributions after each of the `last` longest prefixes."""
        rows = self.logits(tokens, last)
        ends = range(len(tokens) - last + 1, len(tokens) + 1)
        pairs = zip(rows, ends, strict=True)
        return np.stack([distribution(row, self.rules, tokens[:end]) for row, end in pairs])


def generate(generator, law, prompt, count):
    """Yield `count` tokens, each drawn from what `law` expects after all before it.

    `prompt` is a list of at least one token.
    """
    tokens = list(prompt)
    for _ in range(count):
        tokens.append(draw(generator, law(tokens, 1)[0]))
        yield tokens[-1]
