"""Zero-shot classification: captions are the classes, and nothing is trained to tell them apart.

Provenance: Radford et al. 2021 (arXiv:2103.00020), §3.1.2 for classifying by captions, §3.1.4 for
templates, and for ensembles that average vectors of length one.
"""

import numpy as np

from kernels.contrastive import captions, encoders
from kernels.contrastive.loss import choose, normalise

BARE = "{first} {second}"  # names without articles; see `classes`
ENSEMBLE = captions.TEMPLATES[:5]


def draw_test(generator, digits, labels, count):
    """Draw pages of any two digits: pages `(count, 128)`, pairs as rows of `PAIRS`, inks."""
    rows = generator.integers(len(labels), size=(count, 2))
    inks = generator.integers(2, size=count)
    pages = captions.draw_pages(digits[rows[:, 0]], digits[rows[:, 1]], inks)
    low, high = np.sort(labels[rows], axis=1).T
    place = {pair: row for row, pair in enumerate(captions.PAIRS)}
    pairs = [place[pair] for pair in zip(low.tolist(), high.tolist(), strict=True)]
    return pages, np.array(pairs), inks


def classes(template):
    """Write a caption for each of the 55 pairs; the bare template has names alone."""
    if template == BARE:
        return [f"{captions.DIGITS[a]} {captions.DIGITS[b]}" for a, b in captions.PAIRS]
    return [captions.say((a, b, 0), template) for a, b in captions.PAIRS]


def caption_vectors(parameters, sentences):
    """Encode sentences: `(sentences, d)`."""
    return encoders.encode_texts(parameters, captions.counts(sentences)).data


def ensemble(parameters, templates=ENSEMBLE):
    """Average the 55 captions' vectors of length one over templates and inks."""
    inks = [(a, b, ink) for ink in (0, 1) for a, b in captions.PAIRS]
    total = np.zeros((len(captions.PAIRS), parameters["text_out"].shape[1]))
    for template in templates:
        said = [captions.say(scene, template) for scene in inks]
        total += normalise(caption_vectors(parameters, said)).reshape(2, len(total), -1).sum(axis=0)
    return total


def accuracy(images, texts, pairs):
    """Return the share of pages whose pair is chosen: of seen pairs, and of unseen ones.

    `images` are pages' vectors `(pages, d)`, `texts` those of the 55 captions, `pairs` the answers.
    """
    chosen = choose(images, texts)
    a, b = np.array(captions.PAIRS)[pairs].T
    new = captions.unseen_pairs(a, b)
    right = chosen == pairs
    return float(right[~new].mean()), float(right[new].mean())
