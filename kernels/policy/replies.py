"""What a tiny language model replies: how a hidden taste rates it, how likely a model finds it.

Provenance: a reply's probability is the product of its tokens', and its implied reward the sum of
their log-ratios, Rafailov et al. 2023 (arXiv:2305.18290), §4, with token-level credit as in
Rafailov et al. 2024 (arXiv:2404.12358); weighting the reference's samples by `exp(r / beta)` is
eq. 4; low-rank corrections are Hu et al. 2021 (arXiv:2106.09685), §4.1.

A model is a configuration and parameters as in `kernels.tinylm.transformer`; prompts and replies
are lists of tokens.
"""

import re

import numpy as np

from kernels.tinylm.measures import log_softmax
from kernels.tinylm.transformer import forward

COURTEOUS = frozenset([
    "sir", "lord", "lady", "madam", "good", "sweet", "fair", "gentle", "dear", "noble", "worthy",
    "gracious", "kind", "love", "heart", "friend", "pray", "please", "thank", "thanks", "welcome",
    "grace", "honour", "happy", "joy", "blessed", "true", "merry",
])  # fmt: skip
RUDE = frozenset([
    "not", "no", "never", "nor", "none", "nothing", "dead", "death", "die", "kill", "blood",
    "hate", "fool", "knave", "villain", "foul", "false", "hell", "devil", "curse", "shame",
    "base", "slave", "traitor", "ill",
])  # fmt: skip
CUES = ("ROMEO:\n", "JULIET:\n", "HAMLET:\n", "OTHELLO:\n",
        "IAGO:\n", "KING LEAR:\n", "FALSTAFF:\n", "ROSALIND:\n")  # fmt: skip


def courtesy(text):
    """Return two points for each courteous word of a text, less two for each rude one."""
    words = re.findall("[a-z]+", text.lower())
    return 2 * sum((word in COURTEOUS) - (word in RUDE) for word in words)


def token_log_probabilities(model, prompt, reply):
    """Return how likely each token of a reply was, given all before it: nats, `(tokens,)`."""
    configuration, parameters = model
    logits = forward(configuration, parameters, np.array([*prompt, *reply[:-1]]))
    expected = log_softmax(logits[len(prompt) - 1 :].astype(float))  # (tokens, vocabulary)
    return np.take_along_axis(expected, np.asarray(reply)[:, None], axis=-1)[:, 0]


def log_probability(model, prompt, reply):
    """Return how likely a whole reply is, in nats: the sum over its tokens."""
    return float(token_log_probabilities(model, prompt, reply).sum())


def adapted(parameters, corrections):
    """Add a low-rank correction to some matrices: `w + up @ down`, everything else as it was.

    `corrections` holds `NAME.up` `(outputs, rank)` and `NAME.down` `(rank, inputs)`.
    """
    changed = dict(parameters)
    for name in (key[:-3] for key in corrections if key.endswith(".up")):
        changed[name] = parameters[name] + corrections[f"{name}.up"] @ corrections[f"{name}.down"]
    return changed


def tilted(reward, beta):
    """Estimate the best policy's mean reward and its divergence, from the reference's own samples.

    `reward` is `(prompts, samples)`. Each sample weighs `exp(r / beta)`; the third number is the
    share of the samples that as good as count.
    """
    scaled = reward / beta
    weight = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    log_z = scaled.max(axis=1) + np.log(weight.mean(axis=1))
    weight /= weight.sum(axis=1, keepdims=True)
    mean = (weight * reward).sum(axis=1)
    effective = 1.0 / (weight**2).sum(axis=1) / reward.shape[1]
    return float(mean.mean()), float((mean / beta - log_z).mean()), float(effective.mean())


def best_of(reward, tries):
    """Return the mean reward of the best of `tries` samples, and how far that strays, in nats.

    `reward` is `(prompts, samples)`. The best of n is at most `log n - (n - 1) / n` away.
    """
    rising = np.sort(reward, axis=1)
    below = np.arange(reward.shape[1] + 1) / reward.shape[1]
    chance = np.diff(below**tries)  # that the best of n has this rank
    return float((rising @ chance).mean()), float(np.log(tries) - (tries - 1) / tries)
