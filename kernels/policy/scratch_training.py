"""Learning to write sums: first by imitating texts, then by GRPO from rewards alone.

Provenance: DeepSeek-AI 2025, DeepSeek-R1 (arXiv:2501.12948), eqs. 1-3; the second version, §2.1,
says that each rollout is split into mini-batches that are gone through once, that a batch holds 512
answers, and that the reference is renewed from time to time. Steps are Adam's (Kingma & Ba 2015).
"""

from typing import NamedTuple

import numpy as np

from kernels.autodiff.backward import value_and_gradients
from kernels.autodiff.losses import cross_entropy, surprise
from kernels.autodiff.optimisers import adam
from kernels.autodiff.shaping import mean_over
from kernels.autodiff.training import apply

from . import group_relative, scratch, scratch_model


class Recipe(NamedTuple):
    """How GRPO is run; `answers` is the size of a mini-batch, and so of a step."""

    group: int = 16
    answers: int = 512
    batches: int = 4  # mini-batches, and steps, in a rollout
    rate: float = 0.0005
    epsilon: float = 10.0
    beta: float = 0.001
    renew: int = 40  # steps after which the policy becomes the reference
    fewest: int = 2  # digits of a question
    most: int = scratch.SLOTS
    format: bool = True  # whether tags earn anything


def imitate(parameters, rng, steps, texts, rate, going=0.25):
    """Train on `texts` of people a step, by cross-entropy; the rate falls in a line to zero.

    The people go on for another line with the chance `going`.
    """
    states: dict = {}

    def loss(weights, lines, written):
        return cross_entropy(scratch_model.read(weights, lines), written)

    for step in range(steps):
        batch = scratch.draw_texts(rng, texts, going)
        _, gradients = value_and_gradients(loss, parameters, *batch)
        now = rate * (1.0 - step / steps)
        parameters, states = apply(adam, parameters, gradients, states, now)
    return parameters


def pulled(weights, lines, written, pull):
    """Return a loss whose gradient is minus the mean over texts of pull times log-probability."""
    return mean_over(surprise(scratch_model.read(weights, lines), written) * pull)


def roll_out(parameters, rng, recipe):
    """Draw questions, answer each `group` times, and judge: walks, and advantages `(count,)`."""
    count = recipe.answers * recipe.batches // recipe.group
    questions = scratch.draw_questions(rng, count, recipe.fewest, recipe.most)
    asked = np.repeat(questions, recipe.group, axis=0)
    walks = scratch_model.sample(parameters, asked, rng)
    judge = scratch.reward if recipe.format else scratch.accuracy_reward
    rewards = judge(asked, walks.answers).reshape(count, recipe.group)
    return walks, group_relative.advantages(rewards).ravel()


def pick(walks, some):
    """Return some of the texts, renumbered from nought."""
    kept = np.isin(walks.owner, some)
    owner = np.searchsorted(some, walks.owner[kept])
    answers = scratch.Answers(*(part[some] for part in walks.answers))
    chances = walks.log_chance[some]
    return scratch_model.Walks(walks.lines[kept], walks.written[kept], owner, chances, answers)


def step(parameters, states, reference, walks, advantage, recipe):
    """Take one step of GRPO on some texts: the next weights and states, and the texts' ratios."""
    log_new = scratch_model.text_chances(parameters, walks)
    log_reference = scratch_model.text_chances(reference, walks)
    pull = group_relative.pulls(
        log_new, walks.log_chance, log_reference, advantage, recipe.epsilon, recipe.beta
    )
    share = pull[walks.owner] * len(walks.owner) / len(log_new)  # a mean over texts, not tokens
    _, gradients = value_and_gradients(pulled, parameters, walks.lines, walks.written, share)
    parameters, states = apply(adam, parameters, gradients, states, recipe.rate)
    return parameters, states, group_relative.ratio(log_new, walks.log_chance)


def reinforce(parameters, rng, steps, recipe):
    """Yield the weights after each step of GRPO, and the largest ratio met in it."""
    states: dict = {}
    reference, taken = parameters, 0
    while taken < steps:
        walks, advantage = roll_out(parameters, rng, recipe)
        order = rng.permutation(len(advantage))
        for some in np.split(order, recipe.batches):
            some = np.sort(some)
            if taken % recipe.renew == 0:
                reference = parameters
            batch = pick(walks, some)
            parameters, states, ratios = step(
                parameters, states, reference, batch, advantage[some], recipe
            )
            taken += 1
            yield parameters, float(ratios.max())
            if taken == steps:
                return
