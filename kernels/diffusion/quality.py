"""A judge of digits: how far drawn ones are from real ones in the eyes of a small classifier.

Provenance: as Heusel et al. 2017 (arXiv:1706.08500), §3, but with the features of a classifier of
these digits in the place of Inception's, so the numbers compare with each other only.
"""

import numpy as np

from .digits import CLASSES, recognise
from .distances import frechet, nearest


def features_and_classes(judge, images):
    """Return features `(n, 24)` and probabilities of the classes `(n, 10)`."""
    features, logits = (each.data for each in recognise(judge, images))
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return features, raised / raised.sum(axis=1, keepdims=True)


def accuracy(judge, images, labels):
    """Return the share of images whose likeliest class is their label."""
    _, shares = features_and_classes(judge, images)
    return float((shares.argmax(axis=1) == labels).mean())


def halves_apart(generator, x, y=None, rounds=20):
    """Return mean and deviation of the Fréchet distance between random halves.

    Halves of `x` and of `y`, of one size; or without `y` the two halves of `x`, which is the floor:
    the distance that two sets of real images have by chance. Small sets are far apart by chance
    alone, so only distances between sets of this size compare with it.
    Drawn digits may come out below the floor: two halves of one set have classes in opposite
    excess, and digits drawn on request have none in excess.
    """
    found = []
    n = len(x) // 2
    for _ in range(rounds):
        order = generator.permutation(len(x))
        other = x[order[n : 2 * n]] if y is None else y[generator.permutation(len(y))[:n]]
        found.append(frechet(x[order[:n]], other))
    return float(np.mean(found)), float(np.std(found))


def coverage(judge, images, sure=0.5):
    """Return how many images the judge counts in each class `(10,)`, and the share it is sure of.

    Sure of is an image whose likeliest class has more than `sure`.
    """
    _, shares = features_and_classes(judge, images)
    counts = np.bincount(shares.argmax(axis=1), minlength=CLASSES)
    return counts, float((shares.max(axis=1) > sure).mean())


def evenness(counts):
    """Return the entropy of a histogram over that of an even one: 1 if even, 0 if all are one."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(counts)))


def report(judge, images, held_out, training, generator, labels=None):
    """Return all of the above for drawn images, as JSON values.

    `nearest_training` is the median distance of a drawn image from the nearest that the network
    has seen, beside that of held-out real images: far less would be copying.
    """
    seen, _ = features_and_classes(judge, images)
    real, _ = features_and_classes(judge, held_out)
    counts, sure = coverage(judge, images)
    distance, deviation = halves_apart(generator, real, seen)
    found = {
        "frechet": distance,
        "frechet_deviation": deviation,
        "classes": counts.tolist(),
        "evenness": evenness(counts),
        "sure": sure,
        "nearest_training": float(np.median(nearest(images, training))),
        "nearest_training_held_out": float(np.median(nearest(held_out, training))),
    }
    if labels is not None:
        found["as_asked"] = accuracy(judge, images, labels)
    return found
