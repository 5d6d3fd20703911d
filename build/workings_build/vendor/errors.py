"""What can go wrong while vendoring, each with what to do about it."""


class VendorError(Exception):
    """Vendoring stopped; the message names the file, what is wrong and the remedy."""


class WrongBytes(VendorError):
    """A source gave bytes other than the pinned ones. Never passed over in silence."""

    def __init__(self, name: str, source: str, expected: str, got: str, remedy: str) -> None:
        super().__init__(
            f"{name}: wrong bytes from {source}.\n"
            f"  expected {expected}\n"
            f"  got      {got}\n"
            f"  Nothing was put in place. {remedy}"
        )


class Unavailable(VendorError):
    """A source does not have a file, or can't be reached; the next source is tried."""


class Unreachable(Unavailable):
    """A source does not answer at all; it is not asked again."""
