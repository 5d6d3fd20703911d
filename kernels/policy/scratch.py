"""Sums to be worked out line by line, or answered at once; rules that reward the result alone.

Provenance: the rewards are DeepSeek-AI 2025, DeepSeek-R1 (arXiv:2501.12948), §2.2.2 of the first
version and eq. 4 of the second, which adds accuracy and format with the same weight. The task is
ours.

A line is up to six digits whose sum's last digit is asked for, padded with `BLANK`: `(count, 6)`. A
writer reads one line and writes one token: a digit in place of the first two (tokens 0-9), which
makes the next line; or the answer, between tags (10-19) or bare (20-29).
"""

from typing import NamedTuple

import numpy as np

SLOTS, BLANK, TOKENS = 6, 10, 30


class Answers(NamedTuple):
    """What came of some questions: digits, whether between tags, lines written, `(count,)` each."""

    digits: np.ndarray
    tagged: np.ndarray
    lines: np.ndarray


def draw_questions(rng, count, fewest=2, most=SLOTS):
    """Draw questions of `fewest` to `most` digits: `(count, 6)`."""
    digits = rng.integers(0, 10, (count, SLOTS))
    digits[np.arange(SLOTS) >= rng.integers(fewest, most + 1, count)[:, None]] = BLANK
    return digits


def terms(lines):
    """Return how many digits stand in each line: `(count,)`."""
    return (lines != BLANK).sum(axis=-1)


def last_digit(lines):
    """Return the last digit of each line's sum, the right answer: `(count,)`."""
    return np.where(lines == BLANK, 0, lines).sum(axis=-1) % 10


def first_two(lines):
    """Return the last digit of the sum of each line's first two: `(count,)`."""
    return last_digit(lines[..., :2])


def write_line(lines, digits):
    """Put a digit in place of the first two of each line, right or wrong: `(count, 6)`."""
    after = np.full_like(lines, BLANK)
    after[..., 0] = digits
    after[..., 1:-1] = lines[..., 2:]
    return after


def accuracy_reward(questions, answers):
    """Give 1 for the right digit, 0 for any other: no work is looked at."""
    return (answers.digits == last_digit(questions)).astype(float)


def format_reward(answers):
    """Give 1 for an answer between tags, 0 for a bare one."""
    return answers.tagged.astype(float)


def reward(questions, answers):
    """Add the two rewards, with the same weight: 0, 1 or 2. How long the work is, is not asked."""
    return accuracy_reward(questions, answers) + format_reward(answers)


def draw_texts(rng, count, going=0.25, slip=0.04, tagging=0.5):
    """Draw what people have written: lines `(tokens, 6)`, and the token that followed each.

    They go on for another line with the chance `going`, whenever two digits or more are left, slip
    to some digit with the chance `slip`, and put tags round an answer with the chance `tagging`.
    """
    lines, seen, written = draw_questions(rng, count), [], []
    while len(lines):
        goes = (rng.random(len(lines)) < going) & (terms(lines) > 1)
        digits = np.where(goes, first_two(lines), last_digit(lines))
        digits = np.where(rng.random(len(lines)) < slip, rng.integers(0, 10, len(lines)), digits)
        kind = np.where(rng.random(len(lines)) < tagging, 10, 20)
        seen.append(lines)
        written.append(np.where(goes, digits, kind + digits))
        lines = write_line(lines[goes], digits[goes])
    return np.concatenate(seen), np.concatenate(written)


def spell(line):
    """Write a line as a reader would: `7+4+9`."""
    return "+".join(str(digit) for digit in line if digit != BLANK)
