"""Requests to a language model: when they arrive, how long they ask and how long they are answered.

Provenance: Kwon et al. 2023, Efficient Memory Management for Large Language Model Serving with
PagedAttention (arXiv:2309.06180), §6.1: Poisson arrivals; Figure 11: mean lengths of two data sets.
Only the means are the paper's. The log-normal shape about them is ours.
"""

from dataclasses import dataclass

import numpy as np

MEANS = {"ShareGPT": (161.31, 337.99), "Alpaca": (19.31, 58.45)}  # tokens: prompt, answer


@dataclass(eq=False)
class Request:
    """One prompt and its answers, `answer` tokens each, which no memory but an oracle may know.

    Two requests are never equal, however alike.
    """

    number: int
    arrives: int
    prompt: int
    answer: int
    samples: int = 1

    @property
    def tokens(self):
        """How long each of its sequences is in the end."""
        return self.prompt + self.answer


def draw_lengths(rng, mean, spread, count):
    """Draw `count` log-normal lengths, at least 1, before they are cut anywhere.

    `spread` is the standard deviation of the logarithm.
    """
    drawn = rng.lognormal(np.log(mean) - spread**2 / 2, spread, count)
    return np.maximum(np.rint(drawn).astype(int), 1)


def draw_requests(rng, rate, steps, means, spread, most=2048, samples=1):
    """Draw the requests that arrive within `steps`, `rate` a step, in order of arrival.

    `means` are those of prompts and answers. No sequence is longer than `most` tokens: a prompt is
    cut to half of that, an answer to what is left.
    """
    arrivals = np.repeat(np.arange(steps), rng.poisson(rate, steps).astype(np.intp))
    prompts = np.minimum(draw_lengths(rng, means[0], spread, len(arrivals)), most // 2)
    answers = np.minimum(draw_lengths(rng, means[1], spread, len(arrivals)), most - prompts)
    columns = (arrivals.tolist(), prompts.tolist(), answers.tolist())
    rows = zip(*columns, strict=True)
    return [Request(number, *row, samples) for number, row in enumerate(rows)]
