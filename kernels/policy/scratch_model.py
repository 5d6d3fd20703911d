"""A small network that reads one line of a sum and writes one token; how it answers questions.

Provenance: a perceptron with two hidden layers (`kernels.autodiff.networks`); sampling at
temperature 1 is DeepSeek-AI 2025, DeepSeek-R1 (arXiv:2501.12948, second version), §2.1.

It sees the last line only. So a text is a walk from line to line, and its log-probability the sum
over the tokens written. Weights are a dictionary from name to array.
"""

from typing import NamedTuple

import numpy as np

from kernels.autodiff.elementwise import relu
from kernels.autodiff.losses import normalised
from kernels.autodiff.networks import draw_mlp, he, mlp

from .scratch import BLANK, SLOTS, TOKENS, Answers, terms, write_line


class Walks(NamedTuple):
    """Texts written from questions, token by token, and the answers in which they end.

    `lines` `(tokens, 6)` is what was read, `written` `(tokens,)` what was written, and `owner`
    `(tokens,)` the number of the text; `log_chance` `(count,)` adds up each text's tokens.
    """

    lines: np.ndarray
    written: np.ndarray
    owner: np.ndarray
    log_chance: np.ndarray
    answers: Answers


def draw(rng, hidden):
    """Draw first weights, with `hidden` units in each of two layers."""
    return draw_mlp(rng, [SLOTS * (BLANK + 1), hidden, hidden, TOKENS], he)


def one_hot(lines):
    """Turn lines into what the network reads, a one for each place and digit: `(count, 66)`."""
    return np.eye(BLANK + 1)[lines].reshape(len(lines), -1)


def read(parameters, lines):
    """Return the logits of the next token, a Tensor `(count, 30)`.

    A line with one digit can't be shortened: the tokens for a next line are out of reach there.
    """
    alone = (terms(lines) == 1)[:, None] & (np.arange(TOKENS) < 10)
    return mlp(parameters, one_hot(lines), relu) + np.where(alone, -40.0, 0.0)


def log_weights(parameters, lines):
    """Return the log-probability of every next token, in nats: `(count, 30)`."""
    return normalised(read(parameters, lines).data)


def text_chances(parameters, walks):
    """Return the log-probability of each text under these weights: `(count,)`."""
    tokens = np.take_along_axis(log_weights(parameters, walks.lines), walks.written[:, None], -1)
    return np.bincount(walks.owner, tokens[:, 0], len(walks.log_chance))


def sample(parameters, questions, rng):
    """Answer each question once, at temperature 1.

    A text takes six tokens at most, as every line is one digit shorter than the one before.
    """
    count, lines, walking = len(questions), np.array(questions), np.arange(len(questions))
    digits, tagged = np.zeros(count, int), np.zeros(count, bool)
    written_lines, log_chance, seen = np.zeros(count, int), np.zeros(count), []
    while len(walking):
        logs = log_weights(parameters, lines[walking])  # (walking, 30)
        reached = np.exp(logs).cumsum(axis=-1)
        tokens = (reached < rng.random((len(walking), 1)) * reached[:, -1:]).sum(axis=-1)
        seen.append((lines[walking], tokens, walking))
        log_chance[walking] += logs[np.arange(len(walking)), tokens]
        goes = tokens < 10
        ended, going = walking[~goes], walking[goes]
        digits[ended], tagged[ended] = tokens[~goes] % 10, tokens[~goes] < 20
        lines[going] = write_line(lines[going], tokens[goes])
        written_lines[going] += 1
        walking = going
    read_lines, written, owner = (np.concatenate(part) for part in zip(*seen, strict=True))
    answers = Answers(digits, tagged, written_lines)
    return Walks(read_lines, written, owner, log_chance, answers)
