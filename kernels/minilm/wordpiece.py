"""WordPiece: cut text into words and marks, and words into the longest pieces that are known.

Provenance: Wu et al. 2016, Google's Neural Machine Translation System (arXiv:1609.08144), §4.1, for
word pieces; Devlin et al. 2019, BERT (arXiv:1810.04805), §3, with the rules of its published
`tokenization.py` for uncased text: lower case, accents off, every mark and every Chinese character
a word of its own.
"""

import unicodedata

CLS, SEP, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
LONGEST = 100  # characters; a longer word is unknown
CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


def is_mark(character):
    """Say whether a character stands alone: ASCII's own marks such as `$`, and all punctuation."""
    ascii_mark = character.isascii() and character.isprintable() and not character.isalnum()
    return (ascii_mark and character != " ") or unicodedata.category(character).startswith("P")


def is_chinese(character):
    """Say whether a character is one of the CJK ideographs."""
    return any(first <= ord(character) <= last for first, last in CHINESE)


def is_dropped(character):
    """Say whether a character is taken out: control characters, and U+FFFD."""
    control = unicodedata.category(character) in ("Cc", "Cf") and character not in "\t\n\r"
    return control or character == "\ufffd"


def words(text):
    """Return the words and marks of a text, in lower case and without accents."""
    kept = "".join(
        f" {character} " if is_chinese(character) else character
        for character in text
        if not is_dropped(character)
    )
    bare = "".join(
        character
        for character in unicodedata.normalize("NFD", kept.lower())
        if unicodedata.category(character) != "Mn"
    )
    spaced = "".join(f" {character} " if is_mark(character) else character for character in bare)
    return spaced.split()


def pieces(word, vocabulary):
    """Cut one word: the longest known beginning, then the longest known `##rest`, and so on.

    A word of which some part isn't known is `[UNK]` as a whole.
    """
    if len(word) > LONGEST:
        return [UNKNOWN]
    found, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                break
        else:
            return [UNKNOWN]
        found.append(piece)
        start = end
    return found


def tokenise(text, vocabulary):
    """Return a text's pieces between `[CLS]` and `[SEP]`; `vocabulary` maps pieces to ids."""
    cut = [piece for word in words(text) for piece in pieces(word, vocabulary)]
    return [CLS, *cut, SEP]


def read_vocabulary(text):
    """Return the mapping from piece to id of a `vocab.txt`: one piece a line, ids from 0."""
    return {piece: place for place, piece in enumerate(text.splitlines())}
