"""Byte-pair encoding: start from bytes, and join the most frequent pair again and again.

Provenance: Sennrich et al. 2016 (arXiv:1508.07909), §3.2 and Algorithm 1, for the merges; Radford
et al. 2019, Language Models are Unsupervised Multitask Learners (GPT-2), §2.2, for starting from
bytes and for not merging across words.

Ids 0 to 255 are bytes; merge `i` makes id `256 + i`. Nothing is lost: any `str` comes back whole.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

BYTES = 256
CHUNK = re.compile(r" ?[^\W\d_]+| ?\d+| ?(?:[^\w\s]|_)+|\s+(?!\S)|\s+")


@dataclass(frozen=True)
class Tokeniser:
    """The pairs that were joined, in order; everything else follows from them.

    Raises `ValueError` where a merge joins an id that doesn't exist yet.
    """

    merges: tuple[tuple[int, int], ...]

    def __post_init__(self):
        for new, pair in enumerate(self.merges, BYTES):
            if len(pair) != 2 or not all(0 <= part < new for part in pair):
                raise ValueError(f"merge {new - BYTES} joins {pair}: only ids below {new} exist")

    @property
    def vocabulary(self) -> int:
        """How many ids there are."""
        return BYTES + len(self.merges)

    @cached_property
    def ids(self) -> dict[tuple[int, int], int]:
        """What each pair becomes; a smaller id was learned earlier."""
        return {pair: new for new, pair in enumerate(self.merges, BYTES)}

    @cached_property
    def pieces(self) -> list[bytes]:
        """The bytes that each id stands for."""
        found = [bytes([byte]) for byte in range(BYTES)]
        for left, right in self.merges:
            found.append(found[left] + found[right])
        return found


def from_merges(merges):
    """Return the tokeniser of an array `(merges, 2)`, as it is kept beside a model's weights."""
    return Tokeniser(tuple((int(left), int(right)) for left, right in merges))


def chunks(text):
    """Cut text into words, numbers, marks and gaps, each word with the space before it.

    Joined again they are the text. No token reaches across a cut.
    """
    return CHUNK.findall(text)


def to_bytes(chunk):
    """Return a chunk as a list of byte ids; half an emoji, which is no character, passes too."""
    return list(chunk.encode("utf-8", "surrogatepass"))


def most_frequent(counts):
    """Return the pair that occurs most often; of equals, the one with the smallest ids."""
    most = max(counts.values())
    return min(pair for pair, count in counts.items() if count == most)


def join(ids, pair, new):
    """Replace a pair by its id from left to right, wherever it stands."""
    joined, place = [], 0
    while place < len(ids):
        here = ids[place] == pair[0] and ids[place + 1 : place + 2] == [pair[1]]
        joined.append(new if here else ids[place])
        place += 2 if here else 1
    return joined


def train(text, vocabulary, least=2):
    """Learn merges from text until there are `vocabulary` ids.

    Stops earlier where no pair occurs `least` times. Equal chunks are worked on as one, and after a
    merge only those that held the pair. Raises `ValueError` where the bytes alone are too many.
    """
    if vocabulary < BYTES:
        raise ValueError(f"a vocabulary of {vocabulary} has no room for the {BYTES} bytes")
    occurrences = Counter(chunks(text))
    words, times = [to_bytes(chunk) for chunk in occurrences], list(occurrences.values())
    counts: Counter[tuple[int, int]] = Counter()
    holders = defaultdict(set)  # pair -> the words that hold it, or have held it
    for word, ids in enumerate(words):
        for pair in pairwise(ids):
            counts[pair] += times[word]
            holders[pair].add(word)
    merges: list[tuple[int, int]] = []
    while counts and BYTES + len(merges) < vocabulary:
        best = most_frequent(counts)
        if counts[best] < least:
            break
        for word in holders.pop(best):
            before = words[word]
            words[word] = join(before, best, BYTES + len(merges))
            for pair in pairwise(before):
                counts[pair] -= times[word]
            for pair in pairwise(words[word]):
                counts[pair] += times[word]
                holders[pair].add(word)
            for pair in pairwise(before):
                if not counts[pair]:
                    del counts[pair]
        merges.append(best)
    return Tokeniser(tuple(merges))


def encode_chunk(tokeniser, chunk):
    """Join the pair that was learned earliest until none is left: a list of ids."""
    ids = to_bytes(chunk)
    while known := [pair for pair in pairwise(ids) if pair in tokeniser.ids]:
        earliest = min(known, key=tokeniser.ids.__getitem__)
        ids = join(ids, earliest, tokeniser.ids[earliest])
    return ids


def encode(tokeniser, text):
    """Return the ids of a text: a list of integers."""
    cut = chunks(text)
    known = {chunk: encode_chunk(tokeniser, chunk) for chunk in dict.fromkeys(cut)}
    return [token for chunk in cut for token in known[chunk]]


def decode(tokeniser, ids):
    """Return the text of ids; bytes that are no UTF-8, as a model may draw, become U+FFFD."""
    data = b"".join(tokeniser.pieces[token] for token in ids)
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")
