"""Sums on a line: questions, lines, rewards, what people write."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.policy import scratch

LINES = st.lists(st.integers(0, 9), min_size=2, max_size=6)


def padded(digits):
    return np.array([digits + [scratch.BLANK] * (6 - len(digits))])


@given(LINES)
def test_writing_lines_without_a_slip_keeps_the_right_answer(digits):
    line, wanted = padded(digits), sum(digits) % 10
    for left in range(len(digits), 1, -1):
        assert scratch.terms(line)[0] == left
        line = scratch.write_line(line, scratch.first_two(line))
        assert scratch.last_digit(line)[0] == wanted
    assert scratch.spell(line[0]) == str(wanted)


@given(LINES, st.integers(1, 9))
def test_a_slip_in_a_line_spoils_the_answer(digits, off):
    line = padded(digits)
    slipped = scratch.write_line(line, (scratch.first_two(line) + off) % 10)
    assert scratch.last_digit(slipped)[0] == (sum(digits) + off) % 10


def test_questions_have_the_lengths_that_were_asked_for():
    drawn = scratch.draw_questions(np.random.default_rng(0), 4000, 3, 5)
    counts = np.bincount(scratch.terms(drawn), minlength=7)
    assert (counts[[0, 1, 2, 6]] == 0).all() and counts[3:6].min() > 1200
    body = np.arange(6) < scratch.terms(drawn)[:, None]
    assert (drawn[~body] == scratch.BLANK).all() and (drawn[body] < 10).all()


def test_rewards_add_and_look_at_no_work():
    asked = np.repeat(padded([7, 4, 9]), 5, axis=0)
    answers = scratch.Answers(
        np.array([0, 0, 1, 1, 0]), np.array([True, False, True, False, True]), np.arange(5)
    )
    assert scratch.reward(asked, answers).tolist() == [2, 1, 1, 0, 2]
    assert scratch.accuracy_reward(asked, answers).tolist() == [1, 1, 0, 0, 1]


def test_people_go_on_slip_and_put_tags_as_often_as_told():
    lines, written = scratch.draw_texts(np.random.default_rng(1), 60_000, 0.25, 0.04, 0.5)
    could, goes = scratch.terms(lines) > 1, written < 10
    assert goes[could].mean() == pytest.approx(0.25, abs=0.01) and not goes[~could].any()
    assert (written[~goes] < 20).mean() == pytest.approx(0.5, abs=0.01)
    wanted = np.where(goes, scratch.first_two(lines), scratch.last_digit(lines))
    assert (written % 10 == wanted).mean() == pytest.approx(1 - 0.04 * 0.9, abs=0.01)


def test_a_line_is_spelt_as_a_sum():
    assert scratch.spell(padded([7, 4, 9])[0]) == "7+4+9"
