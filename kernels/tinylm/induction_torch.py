"""Train models of attention alone to continue random text that repeats itself.

Provenance: as `kernels.tinylm.induction`. Periods differ from text to text, for with one period
alone a head could copy from a fixed distance and need not look at the tokens.
"""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from kernels.tinylm.induction import prefix_matching, previous_token, repeated
from kernels.tinylm.training_torch import logits
from kernels.tinylm.transformer import attention_maps


class Repeats:
    """Random texts with periods from `shortest` to `longest`: a task for `training_torch.train`."""

    def __init__(self, shortest, longest, judged=128, seed=0):
        """Choose the periods, and how many texts of the seed to judge by."""
        self.shortest, self.longest, self.judged = shortest, longest, judged
        self.mark, self.seed = shortest * 1000 + longest, seed

    def draw(self, generator, configuration, count):
        """Return texts `(count, context + 1)` and the period of each `(count,)`."""
        periods = generator.integers(self.shortest, self.longest + 1, count)
        time = configuration.context + 1
        texts = [repeated(generator, configuration.vocabulary, time, int(p)) for p in periods]
        return np.stack(texts), periods

    def batch(self, configuration, plan, step):
        """Return the texts of a step, never seen before."""
        generator = np.random.default_rng([plan.seed, step])
        return torch.from_numpy(self.draw(generator, configuration, plan.batch)[0])

    @torch.no_grad()
    def look(self, configuration, parameters):
        """Return the loss on what is new and on what is a repeat, and every head's two scores."""
        generator = np.random.default_rng([self.seed, self.judged])
        texts, periods = self.draw(generator, configuration, self.judged)
        tokens = torch.from_numpy(texts)
        found = logits(configuration, parameters, tokens[:, :-1])
        nats = cross_entropy(found.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
        nats = nats.view(len(texts), -1).numpy()  # (texts, context)
        again = np.arange(configuration.context) >= periods[:, None]
        return {
            "new": float(nats[~again].mean()),
            "repeated": float(nats[again].mean()),
            **scores(configuration, parameters, texts[0, :-1], int(periods[0])),
        }


def scores(configuration, parameters, text, period):
    """Return the scores of every head on one text, as lists `(layers, heads)`."""
    arrays = {name: p.detach().numpy() for name, p in parameters.items()}
    maps = attention_maps(configuration, arrays, text)
    return {
        "prefix_matching": prefix_matching(maps, period).tolist(),
        "previous_token": previous_token(maps).tolist(),
    }
