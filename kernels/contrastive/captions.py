"""Pairs of pictures and sentences: real handwritten digits side by side, and what one might say.

A page is 8 by 16 pixels and shows two digits of 8 by 8, both black on white or both white on black.
Sentences are ours. Like those on the web, most say only part of what can be seen, and none is a
single word.

Pictures are `(n, 128)`, from -1 (white) to 1 (black). A scene is `(digit, digit, ink)`, whole
numbers.
"""

from itertools import combinations_with_replacement

import numpy as np

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
INKS = ("black", "white")
TEMPLATES = (
    "a photo of {first} and {second} in {ink} ink",
    "{first} and {second} in {ink} ink",
    "{first} next to {second}",
    "a photo of {first} and {second}",
    "somebody wrote {first} and then {second}",
    "a photo of {first} and something else in {ink} ink",
    "there is {first} on this page",
    "two numbers written in {ink} ink",
)
WORDS = tuple(
    sorted(
        {*DIGITS, *INKS, "an"}
        | {word for line in TEMPLATES for word in line.split() if "{" not in word}
    )
)
PAIRS = list(combinations_with_replacement(range(10), 2))  # 55, whatever the order


def unseen(first, second):
    """Say whether a pair of digits is kept from training: nine of the 55, every digit in one."""
    return (first + second) % 5 == 4 and first != second


def name(digit):
    """Call a digit by its name, with the article."""
    return f"{'an' if DIGITS[digit] == 'eight' else 'a'} {DIGITS[digit]}"


def say(scene, template):
    """Describe a scene in a sentence."""
    first, second, ink = scene
    return template.format(first=name(first), second=name(second), ink=INKS[ink])


def draw_pages(left, right, inks):
    """Put digits `(n, 64)` from -1 (paper) to 1 (ink) side by side: `(n, 128)`."""
    pages = np.concatenate([np.reshape(side, (-1, 8, 8)) for side in (left, right)], axis=2)
    turned = np.where(np.asarray(inks) == 1, -1.0, 1.0)
    return pages.reshape(-1, 128) * turned[:, None]


def counts(sentences):
    """Count known words: `(sentences, words)`. Case and punctuation don't matter."""
    table = np.zeros((len(sentences), len(WORDS)))
    index = {word: column for column, word in enumerate(WORDS)}
    for row, sentence in zip(table, sentences, strict=True):
        for word in split(sentence):
            if word in index:
                row[index[word]] += 1
    return table


def split(sentence):
    """Return a sentence's words in lower case, without punctuation."""
    return "".join(c if c.isalpha() else " " for c in sentence.lower()).split()


def draw_scenes(generator, labels, count):
    """Draw scenes with seen pairs: rows of two digits `(count, 2)`, and inks `(count,)`."""
    rows = np.empty((0, 2), dtype=int)
    while len(rows) < count:
        drawn = generator.integers(len(labels), size=(2 * count, 2))
        first, second = labels[drawn].T
        rows = np.concatenate([rows, drawn[~unseen_pairs(first, second)]])
    return rows[:count], generator.integers(2, size=count)


def unseen_pairs(first, second):
    """Answer `unseen` for arrays."""
    return ((first + second) % 5 == 4) & (first != second)


def draw_pairs(generator, digits, labels, count):
    """Draw `count` pages of seen pairs and a sentence for each: `(count, 128)`, `(count, words)`.

    `digits` are `(n, 64)`, `labels` `(n,)`. Which digit a sentence names first is left to chance.
    """
    rows, inks = draw_scenes(generator, labels, count)
    pages = draw_pages(digits[rows[:, 0]], digits[rows[:, 1]], inks)
    named = np.where(generator.integers(2, size=count)[:, None] == 1, rows[:, ::-1], rows)
    templates = generator.integers(len(TEMPLATES), size=count).tolist()
    scenes = np.column_stack([labels[named], inks]).tolist()
    sentences = [say(s, TEMPLATES[t]) for s, t in zip(scenes, templates, strict=True)]
    return pages, counts(sentences)
