"""The buddy allocator: stretches of memory whose lengths are powers of two, split and rejoined.

Provenance: Knowlton 1965, A Fast Storage Allocator (Communications of the ACM 8); assumed for the
contiguous systems by Kwon et al. 2023 (arXiv:2309.06180), §6.1.
"""


def power_above(count):
    """Return the smallest power of two that is not below `count`, a whole number from 1."""
    return 1 << (count - 1).bit_length()


class Buddy:
    """A memory of `slots`, first cut into the largest powers of two that fit it.

    `free` maps a length to the starts of free stretches of that length; a stretch always starts at
    a multiple of its length, so that its buddy starts where one bit is flipped.
    """

    def __init__(self, slots):
        self.slots = slots
        self.held: dict[int, int] = {}  # lengths by start
        self.free: dict[int, set[int]] = {1 << bit: set() for bit in range(slots.bit_length())}
        start = 0
        for length in sorted(self.free, reverse=True):
            if slots & length:
                self.free[length].add(start)
                start += length

    def allocate(self, count):
        """Return where a stretch for `count` slots starts, or None where no stretch is free."""
        wanted = power_above(count)
        fitting = [length for length, starts in self.free.items() if starts and length >= wanted]
        if not fitting:
            return None
        length = min(fitting)
        start = min(self.free[length])
        self.free[length].remove(start)
        while length > wanted:  # keep the lower half, free the upper
            length //= 2
            self.free[length].add(start + length)
        self.held[start] = length
        return start

    def release(self, start):
        """Free a stretch, and join it with its buddy for as long as that is free too."""
        length = self.held.pop(start)
        while (start ^ length) in self.free[length]:
            self.free[length].remove(start ^ length)
            start &= ~length
            length *= 2
        self.free[length].add(start)
