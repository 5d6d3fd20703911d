"""A network that writes sums: sampling, log-probabilities, GRPO's step, votes."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.policy import scratch, scratch_model, scratch_training, scratch_votes


@pytest.fixture(scope="module")
def weights():
    return scratch_model.draw(np.random.default_rng(0), 16)


@pytest.fixture(scope="module")
def walks(weights):
    asked = scratch.draw_questions(np.random.default_rng(1), 3000)
    return asked, scratch_model.sample(weights, asked, np.random.default_rng(2))


def test_every_text_ends_in_one_answer_after_its_lines(walks):
    asked, found = walks
    ends = found.written >= 10
    assert np.bincount(found.owner[ends], minlength=len(asked)).tolist() == [1] * len(asked)
    lines = np.bincount(found.owner[~ends], minlength=len(asked))
    assert (lines == found.answers.lines).all()
    assert (found.answers.lines < scratch.terms(asked)).all()
    by_owner = dict(zip(found.owner[ends], found.written[ends], strict=True))
    assert all(found.answers.digits[i] == token % 10 for i, token in by_owner.items())
    assert all(found.answers.tagged[i] == (token < 20) for i, token in by_owner.items())


def test_each_line_follows_from_the_one_before(walks):
    asked, found = walks
    for owner in range(50):
        own = found.owner == owner
        line = asked[owner : owner + 1]
        for read, token in zip(found.lines[own], found.written[own], strict=True):
            assert (read == line[0]).all()
            line = scratch.write_line(line, np.array([token]))


def test_log_chances_add_up_what_was_sampled(weights, walks):
    _, found = walks
    assert np.allclose(scratch_model.text_chances(weights, found), found.log_chance)


def test_tokens_come_as_often_as_the_network_says(weights):
    asked = np.tile(scratch.draw_questions(np.random.default_rng(3), 1, 4, 4), (40_000, 1))
    found = scratch_model.sample(weights, asked, np.random.default_rng(4))
    first = found.written[: len(asked)]
    wanted = np.exp(scratch_model.log_weights(weights, asked[:1]))[0]
    assert np.abs(np.bincount(first, minlength=30) / len(asked) - wanted).max() < 0.01


def test_a_single_digit_is_never_shortened(weights):
    line = np.array([[7] + [scratch.BLANK] * 5])
    assert np.exp(scratch_model.log_weights(weights, line))[0, :10].sum() < 1e-12


def test_a_step_raises_the_objective_it_follows(weights):
    recipe = scratch_training.Recipe(group=8, answers=256, batches=1, rate=1e-3)
    drawn, advantage = scratch_training.roll_out(weights, np.random.default_rng(5), recipe)
    moved, _, ratios = scratch_training.step(weights, {}, weights, drawn, advantage, recipe)
    assert np.allclose(ratios, 1.0)
    gain = np.exp(scratch_model.text_chances(moved, drawn) - drawn.log_chance) * advantage
    assert gain.mean() > 1e-3


def test_picked_texts_keep_their_tokens(weights, walks):
    _, found = walks
    some = np.array([3, 10, 11, 200])
    part = scratch_training.pick(found, some)
    assert np.allclose(scratch_model.text_chances(weights, part), found.log_chance[some])
    assert (part.answers.digits == found.answers.digits[some]).all()


def test_imitation_and_then_reward_teach_short_sums():
    rng = np.random.default_rng(6)
    base = scratch_training.imitate(scratch_model.draw(rng, 32), rng, 150, 128, 0.01)
    recipe = scratch_training.Recipe(answers=256, rate=0.003, fewest=2, most=2)
    asked = scratch.draw_questions(rng, 1000, 2, 2)

    def earned(parameters):
        answers = scratch_model.sample(parameters, asked, np.random.default_rng(7)).answers
        return scratch.reward(asked, answers).mean()

    *_, (last, ratio) = scratch_training.reinforce(base, rng, 24, recipe)
    assert earned(last) > earned(base) + 0.3
    assert ratio > 1.0


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(0, 9))
def test_a_vote_counts_as_a_counter_does(answers, right):
    counted = Counter(answers)
    most = max(counted.values())
    leading = [answer for answer, votes in counted.items() if votes == most]
    wanted = (right in leading) / len(leading)
    assert scratch_votes.vote(np.array(answers), np.array(right)) == pytest.approx(wanted)


def test_one_vote_is_pass_at_1_and_blocks_must_fit():
    rng = np.random.default_rng(8)
    answers, right = rng.integers(0, 10, (30, 64)), rng.integers(0, 10, 30)
    single = scratch_votes.consensus(answers, right, 1)
    assert np.allclose(single, scratch_votes.pass_at_1(answers, right))
    with pytest.raises(ValueError, match="blocks of 7"):
        scratch_votes.consensus(answers, right, 7)
