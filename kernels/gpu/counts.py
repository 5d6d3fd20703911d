"""What was counted while kernels ran: launch by launch, array by array, access by access."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Access:
    """One tile loaded or stored: which rows and columns of which array, by which program.

    `box` is `((first, stop), …)` for each axis of the array, and `numbers` how many were asked for.
    """

    launch: int
    program: tuple[int, int, int]
    kind: str  # "load" or "store"
    array: str
    box: tuple[tuple[int, int], ...]
    numbers: int


@dataclass
class Launch:
    """What one launch of a kernel did; shapes and bytes by the names of the kernel's arguments."""

    kernel: str
    grid: tuple[int, ...]
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    loaded_from: Counter[str] = field(default_factory=Counter)
    stored_to: Counter[str] = field(default_factory=Counter)
    flops: int = 0  # of dot products: 2 m n k
    exponentials: int = 0
    logarithms: int = 0
    elementwise: int = 0  # further floating-point operations, number by number
    reduced: int = 0  # additions and comparisons of sums and maxima

    @property
    def loaded(self) -> int:
        """Bytes loaded."""
        return sum(self.loaded_from.values())

    @property
    def stored(self) -> int:
        """Bytes stored."""
        return sum(self.stored_to.values())


@dataclass
class Counted:
    """The launches that were watched, and the accesses where they were traced."""

    launches: list[Launch] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)

    def total(self, what: str) -> int:
        """Sum one of `Launch`'s numbers over the launches."""
        return sum(getattr(launch, what) for launch in self.launches)

    @property
    def loaded(self) -> int:
        """Bytes loaded."""
        return self.total("loaded")

    @property
    def stored(self) -> int:
        """Bytes stored."""
        return self.total("stored")

    @property
    def moved(self) -> int:
        """Bytes either way."""
        return self.loaded + self.stored

    @property
    def flops(self) -> int:
        """Floating-point operations of dot products."""
        return self.total("flops")

    @property
    def exponentials(self) -> int:
        """Exponentials, of e and of 2."""
        return self.total("exponentials")
