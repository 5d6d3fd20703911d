"""Whisper's tokens: GPT-2's pieces of words, and a few that steer.

Provenance: Radford et al. 2022 (arXiv:2212.04356), §2.3 and figure 1, for the special tokens;
Radford et al. 2019 (GPT-2), §2.2, for pieces of bytes. Ids are those of the English-only models.
"""

END = 50256  # <|endoftext|>
START = 50257  # <|startoftranscript|>
NO_TIMES = 50362  # <|notimestamps|>
TIMES = 50363  # <|0.00|> and, every 0.02 s, what follows
PROMPT = (START, NO_TIMES)


def byte_letters():
    """Return the letter that GPT-2's vocabulary writes for each byte: letter to byte.

    Bytes that print stand for themselves, the others for the letters from U+0100 on, in order.
    """
    printing = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printing]
    letters = {chr(byte): byte for byte in printing}
    return letters | {chr(256 + place): byte for place, byte in enumerate(others)}


LETTERS = byte_letters()


def read_vocabulary(text):
    """Return the list of pieces of a `vocabulary.txt`, one a line, as GPT-2 writes them."""
    return text.rstrip("\n").split("\n")


def to_bytes(piece):
    """Return the bytes that a piece stands for."""
    return bytes(LETTERS[letter] for letter in piece)


def to_text(vocabulary, ids):
    """Return the text of ids; special tokens are left out, and bytes that are no UTF-8 replaced."""
    pieces = [vocabulary[token] for token in ids if token < END]
    return b"".join(map(to_bytes, pieces)).decode("utf-8", "replace")


def labels(vocabulary, ids):
    """Return one label a token, special ones as they are written: a list of `str`."""

    def label(token):
        piece = vocabulary[token]
        return piece if token >= END else to_bytes(piece).decode("utf-8", "replace")

    return [label(token) for token in ids]
