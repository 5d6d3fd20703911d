"""Two memories for keys and values of requests that grow: reserved stretches, and paged blocks.

Provenance: Kwon et al. 2023 (arXiv:2309.06180): §3.1 and §6.1 for reserving (`max`, `pow2`,
`oracle`), §4.2 and §4.3 for blocks, §4.4 for samples that share a prompt.

Both answer to `admit`, `grow` and `leave`, and count tokens' worth of memory. Neither holds
numbers: what is kept of a token is that it is there.
"""

import numpy as np

from kernels.attention import paged
from kernels.attention.paged_memory import blocks_needed
from kernels.simulation.buddy import Buddy, power_above

PROMISES = {
    "max": lambda request, most: most,
    "pow2": lambda request, most: min(request.prompt + power_above(request.answer), most),
    "oracle": lambda request, most: request.tokens,
}


class Reserving:
    """Every sequence gets one stretch, for all that it may become, when it is admitted."""

    def __init__(self, slots, promise, most=2048):
        self.slots, self.most, self.promise = slots, most, PROMISES[promise]
        self.space, self.held, self.copies = Buddy(slots), {}, 0

    def admit(self, request, done=0):
        """Reserve for all samples of a request, or change nothing and return False."""
        starts: list[int] = []
        for _ in range(request.samples):
            start = self.space.allocate(self.promise(request, self.most))
            if start is None:
                for taken in starts:
                    self.space.release(taken)
                return False
            starts.append(start)
        self.held[request] = [starts, request.prompt + done]
        return True

    def grow(self, request):
        """Write one token to each sample: there is always room."""
        self.held[request][1] += 1
        return True

    def leave(self, request):
        """Give a request's stretches back."""
        for start in self.held.pop(request)[0]:
            self.space.release(start)

    def stretches(self):
        """Yield what is held: request, start, length, and how much of it is filled."""
        for request, (starts, filled) in self.held.items():
            for start in starts:
                yield request, start, self.space.held[start], filled

    def census(self):
        """Count slots: filled, kept for later, promised and never used, and no one's.

        What the allocator adds to a promise, up to a power of two, counts as no one's.
        """
        filled = sum(tokens for *_, tokens in self.stretches())
        later = sum(request.tokens - tokens for request, _, _, tokens in self.stretches())
        promised = sum(self.promise(request, self.most) for request, *_ in self.stretches())
        return {
            "filled": filled,
            "later": later,
            "never": promised - filled - later,
            "no one's": self.slots - promised,
        }


class Paged:
    """Sequences hold blocks as they need them; samples of one request share what they can."""

    def __init__(self, slots, size):
        self.pool = paged.Pool(slots // size, size, 1, 0)  # blocks without numbers
        self.slots, self.size, self.held, self.copies = slots, size, {}, 0

    def admit(self, request, done=0):
        """Write a prompt and `done` tokens of each answer, if that and the next fit; else False."""
        size = self.size
        own = blocks_needed(request.prompt + done + 1, size) - request.prompt // size
        if len(self.pool.free) < request.prompt // size + request.samples * own:
            return False
        first = paged.Sequence()
        while first.length < request.prompt:
            self._write(first, min(size, request.prompt - first.length))
        others = [paged.fork(self.pool, first) for _ in range(request.samples - 1)]
        self.held[request] = [first, *others]
        for sequence in self.held[request]:
            for _ in range(done):
                self._write(sequence)
        return True

    def _write(self, sequence, tokens=1):
        """Find the block for tokens that all fit into it, count it if it is a copy, fill it."""
        blocks, last = len(sequence.table), sequence.table[-1:]
        block = paged.writable_block(self.pool, sequence)
        self.copies += len(sequence.table) == blocks and last != [block]
        sequence.length += tokens

    def grow(self, request):
        """Write one token to each sample; False where blocks run out (call again when some are)."""
        sequences = self.held[request]
        if len(sequences) == 1 and sequences[0].length % self.size:
            sequences[0].length += 1  # there is room in a block that nobody shares
            return True
        shortest = min(sequence.length for sequence in sequences)
        try:
            for sequence in sequences:
                if sequence.length == shortest:  # the others wrote theirs in an earlier call
                    self._write(sequence)
        except paged.OutOfBlocks:
            return False
        return True

    def leave(self, request):
        """Give a request's blocks back; a shared one is free when its last holder leaves."""
        for sequence in self.held.pop(request):
            paged.release(self.pool, sequence)

    def filled_places(self):
        """Return how many places of each block are filled: `(blocks,)`."""
        filled = np.zeros(len(self.pool.holders), dtype=int)
        for sequences in self.held.values():
            for sequence in sequences:
                if sequence.table:
                    filled[sequence.table] = self.size
        for sequences in self.held.values():  # last blocks, which may be shared
            for sequence in sequences:
                if sequence.length % self.size:
                    filled[sequence.table[-1]] = sequence.length % self.size
        return filled

    def census(self):
        """Count slots as `Reserving` does: the empty end of a last block is kept for later.

        Slots that are no one's can be anyone's, a block at a time.
        """
        filled = int(self.filled_places().sum())
        held = self.size * int((self.pool.holders > 0).sum())
        return {"filled": filled, "later": held - filled, "never": 0, "no one's": self.slots - held}
