"""Byte-pair encoding against a naive form that counts everything anew and knows no expressions."""

from collections import Counter
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.tinylm import bpe

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
FEW_LETTERS = st.text("ab c1.\n", max_size=80)
TEXT = "the cat sat on the mat; the other cat sat on the other mat. " * 3


def kind(character):
    if character.isspace():
        return "space"
    if character.isdecimal():
        return "digit"
    if character.isalnum():
        return "letter"
    return "mark"


def naive_chunks(text):
    """Runs of one kind, but a gap's last place goes with what comes after, or stands alone."""
    found = []
    for _, run in groupby(text, key=kind):
        run = "".join(run)
        if found and kind(found[-1][-1]) == "space":
            gap = found.pop()
            found += [gap[:-1]] if gap[:-1] else []
            if gap[-1] == " ":
                run = " " + run
            else:
                found.append(gap[-1])
        found.append(run)
    return found


def replace_all(ids, pair, new):
    found = []
    for token in ids:
        found.append(token)
        if tuple(found[-2:]) == pair:
            found[-2:] = [new]
    return found


def naive_train(text, vocabulary):
    words = [list(chunk.encode()) for chunk in naive_chunks(text)]
    merges = []
    while len(merges) + 256 < vocabulary:
        counts = Counter((word[i], word[i + 1]) for word in words for i in range(len(word) - 1))
        if not counts or max(counts.values()) < 2:
            break
        top = max(counts.values())
        best = sorted(pair for pair, count in counts.items() if count == top)[0]
        words = [replace_all(word, best, 256 + len(merges)) for word in words]
        merges.append(best)
    return tuple(merges)


def naive_encode(merges, text):
    """Replay the merges in the order in which they were learned."""
    ids = []
    for chunk in naive_chunks(text):
        word = list(chunk.encode())
        for new, pair in enumerate(merges, 256):
            word = replace_all(word, pair, new)
        ids += word
    return ids


@pytest.fixture(scope="module")
def tokeniser():
    return bpe.train(TEXT, 300)


@settings(deadline=None)
@given(ANY_TEXT)
def test_chunks_joined_are_the_text(text):
    assert "".join(bpe.chunks(text)) == text


@settings(deadline=None)
@given(FEW_LETTERS | ANY_TEXT)
def test_chunks_are_runs_of_one_kind_with_the_space_before(text):
    assert bpe.chunks(text) == naive_chunks(text)


@settings(deadline=None)
@given(FEW_LETTERS, st.integers(256, 280))
def test_merges_are_those_of_counting_everything_anew(text, vocabulary):
    assert bpe.train(text, vocabulary).merges == naive_train(text, vocabulary)


def test_merges_of_real_words_are_those_of_counting_everything_anew(tokeniser):
    assert tokeniser.merges == naive_train(TEXT, 300)


@settings(deadline=None)
@given(FEW_LETTERS, st.integers(256, 280), FEW_LETTERS)
def test_ids_are_those_of_replaying_the_merges(text, vocabulary, other):
    learned = bpe.train(text, vocabulary)
    assert bpe.encode(learned, other) == naive_encode(learned.merges, other)


@settings(deadline=None)
@given(ANY_TEXT, st.integers(0, 44))
def test_no_text_is_lost_however_many_merges(text, kept):
    whole = bpe.train(TEXT, 300)
    some = bpe.Tokeniser(whole.merges[:kept])
    assert bpe.decode(some, bpe.encode(some, text)) == text


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_is_lost_by_a_tokeniser_learned_from_itself(text):
    own = bpe.train(text, 400)
    assert bpe.decode(own, bpe.encode(own, text)) == text


@pytest.mark.parametrize(
    "text", ["", "\x00", "naïve café", "日本語\t\n", "👩‍🚀 e\u0301", "\ud83d", "\ufeffa  b "]
)
def test_odd_texts_come_back_whole(text, tokeniser):
    assert bpe.decode(tokeniser, bpe.encode(tokeniser, text)) == text


def test_merges_of_a_textbook_string():
    learned = bpe.train("aaabdaaabac", 300)
    assert learned.pieces[256:] == [b"aa", b"ab", b"aaab"]
    assert bpe.encode(learned, "aaabdaaabac") == [258, ord("d"), 258, ord("a"), ord("c")]


def test_of_equally_frequent_pairs_the_smallest_ids_go_first():
    learned = bpe.train("cd,cd,ab,ab", 258)
    assert [learned.pieces[256], learned.pieces[257]] == [b"ab", b"cd"]


def test_of_pairs_that_overlap_the_one_learned_first_is_joined():
    a, b, c = b"abc"
    assert bpe.encode(bpe.Tokeniser(((a, b), (b, c))), "abc") == [256, c]
    assert bpe.encode(bpe.Tokeniser(((b, c), (a, b))), "abc") == [a, 256]


def test_pairs_overlap_when_counted_but_not_when_joined():
    assert bpe.join([1, 1, 1], (1, 1), 9) == [9, 1]
    assert bpe.join([1, 1, 1, 1], (1, 1), 9) == [9, 9]


def test_no_token_reaches_across_words(tokeniser):
    for piece in tokeniser.pieces[256:]:
        assert b" " not in piece[1:]


def test_training_twice_gives_the_same(tokeniser):
    assert bpe.train(TEXT, 300) == tokeniser


def test_training_stops_where_no_pair_occurs_twice():
    assert bpe.train("abc", 300).merges == ()
    assert bpe.train("abc", 300, least=1).pieces[-1] == b"abc"


def test_more_merges_never_make_a_text_longer():
    whole = bpe.train(TEXT, 300)
    lengths = [
        len(bpe.encode(bpe.Tokeniser(whole.merges[:kept]), TEXT))
        for kept in range(len(whole.merges) + 1)
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < lengths[0] / 2


def test_bytes_that_are_no_text_become_replacement_characters(tokeniser):
    assert bpe.decode(tokeniser, [0xE2, 0x82]) == "\ufffd"
    assert bpe.decode(tokeniser, [0x61, 0xFF]) == "a\ufffd"


def test_a_tokeniser_is_its_array_of_merges(tokeniser):
    array = np.array(tokeniser.merges, dtype=np.uint16)
    assert bpe.from_merges(array) == tokeniser
    assert bpe.from_merges(np.zeros((0, 2), np.uint16)).vocabulary == 256


def test_merges_of_what_does_not_exist_yet_are_refused():
    with pytest.raises(ValueError, match="only ids below 256"):
        bpe.Tokeniser(((256, 0),))


def test_a_vocabulary_without_room_for_all_bytes_is_refused():
    with pytest.raises(ValueError, match="no room"):
        bpe.train("text", 255)
