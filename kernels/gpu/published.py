"""Timings of attention that others measured and published, with where each stands.

Nothing here was measured or computed by us. A number is listed only where the source's own text,
table or label of a bar gives it. Speeds follow the sources' convention: `4 n² d` FLOPs a head and
sequence, half of that with a causal mask. Lengths are those of the sources' tables and axes.
"""

from dataclasses import dataclass

SOURCES = {
    "dao2022": "Dao et al. 2022, FlashAttention (arXiv:2205.14135v2)",
    "dao2023": "Dao 2023, FlashAttention-2 (arXiv:2307.08691)",
    "shah2024": "Shah et al. 2024, FlashAttention-3 (arXiv:2407.08608v2)",
    "pytorch2296": "pytorch/benchmark on GitHub, pull request 2296 (12 June 2024)",
}


@dataclass(frozen=True)
class Problem:
    """Self-attention of `batch` sequences of `n` tokens, with `heads` heads of `d` features."""

    n: int
    d: int
    heads: int
    batch: int
    causal: bool = False

    @property
    def flops(self) -> float:
        """The FLOPs that the sources count, whatever a kernel does."""
        return 4.0 * self.n**2 * self.d * self.heads * self.batch / (2 if self.causal else 1)


@dataclass(frozen=True)
class Timing:
    """A published forward pass in 16 bits: `seconds`, or the speed that they come to.

    `device` is a name in `kernels.cost.devices.DEVICES`, `source` a key of `SOURCES`, `locator` the
    table or figure.
    """

    what: str
    device: str
    problem: Problem
    seconds: float
    source: str
    locator: str

    @property
    def flops_a_second(self) -> float:
        """The speed, as the sources count it."""
        return self.problem.flops / self.seconds


@dataclass(frozen=True)
class Statement:
    """A number that a source states in a sentence or a table, with no problem to compare it to."""

    what: str
    device: str
    value: float
    unit: str
    source: str
    locator: str


def _table_18() -> list[Timing]:
    """FlashAttention, Table 18: milliseconds, 8 heads of 64, batch 16, no dropout, no mask."""
    lengths = (128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
    rows = {
        "standard attention": (0.21, 0.22, 0.43, 1.27, 4.32, 16.47, 67.77),
        "FlashAttention": (0.08, 0.09, 0.18, 0.68, 2.40, 8.42, 33.54, 134.03, 535.95, 2147.05),
    }
    return [
        Timing(
            what,
            "A100 SXM 40 GB",
            Problem(n, 64, 8, 16),
            time / 1e3,
            "dao2022",
            "Table 18",
        )
        for what, times in rows.items()
        for n, time in zip(lengths, times, strict=False)
    ]


FIGURE_5 = {
    ("a", 64, False): {
        "standard attention": (52, 63, 67, 72, 73),
        "FlashAttention-2": (282, 306, 318, 321, 322, 324),
        "Triton": (340, 382, 396, 400, 401, 403),
        "FlashAttention-3": (333, 392, 460, 476, 496, 497),
    },
    ("b", 64, True): {
        "standard attention": (16, 18, 18, 18, 18),
        "FlashAttention-2": (180, 229, 262, 284, 295, 299),
        "Triton": (152, 291, 342, 363, 376, 363),
        "FlashAttention-3": (197, 265, 371, 420, 460, 473),
    },
    ("c", 128, False): {
        "standard attention": (74, 100, 119, 133, 139),
        "FlashAttention-2": (309, 350, 362, 368, 370, 370),
        "Triton": (323, 372, 389, 389, 392, 395),
        "FlashAttention-3": (467, 565, 625, 638, 646, 648),
    },
    ("d", 128, True): {
        "standard attention": (26, 31, 34, 35, 35),
        "FlashAttention-2": (191, 260, 298, 319, 333, 335),
        "Triton": (146, 273, 323, 353, 369, 378),
        "FlashAttention-3": (292, 423, 521, 579, 602, 616),
    },
}
"""FlashAttention-3, Figure 5: TFLOP/s on the bars for 512 to 16k tokens, 16k tokens in all, a width
of 2,048, and the clock held at 1,830 MHz (§4.1 and App. C.1). Standard attention runs out of memory
at 16k."""


def _figure_5() -> list[Timing]:
    found = []
    for (panel, d, causal), rows in FIGURE_5.items():
        for what, speeds in rows.items():
            for n, speed in zip((512, 1024, 2048, 4096, 8192, 16384), speeds, strict=False):
                problem = Problem(n, d, 2048 // d, 16384 // n, causal)
                seconds = problem.flops / (speed * 1e12)
                place = f"Figure 5({panel})"
                found.append(Timing(what, "H100 SXM", problem, seconds, "shah2024", place))
    return found


def _pull_request_2296() -> list[Timing]:
    """Milliseconds of Triton's tutorial kernel on an H100: 8 heads of 128, batch 128, fp16."""
    times = {1024: 1.55574, 2048: 5.70656, 4096: 21.7369, 8192: 85.1293, 16384: 334.992}
    return [
        Timing(
            "Triton", "H100 SXM", Problem(n, 128, 8, 128), time / 1e3, "pytorch2296", "description"
        )
        for n, time in times.items()
    ]


TIMINGS = (*_table_18(), *_figure_5(), *_pull_request_2296())

STATEMENTS = (
    Statement("FlashAttention-2, at most", "A100 SXM 80 GB", 230e12, "FLOP/s", "dao2023", "§4"),
    Statement("FlashAttention-3, at most", "H100 SXM", 740e12, "FLOP/s", "shah2024", "abstract"),
    Statement("FlashAttention-3", "H100 SXM", 3.538e-3, "s", "shah2024", "Table 2"),
    Statement("the same without overlapping", "H100 SXM", 4.021e-3, "s", "shah2024", "Table 2"),
    Statement(
        "standard attention, forward and backward: bytes of memory traffic",
        "A100 SXM 40 GB", 40.3e9, "bytes", "dao2022", "Figure 2, left",
    ),
    Statement(
        "FlashAttention, forward and backward: bytes of memory traffic",
        "A100 SXM 40 GB", 4.4e9, "bytes", "dao2022", "Figure 2, left",
    ),
    Statement(
        "standard attention, forward and backward",
        "A100 SXM 40 GB", 41.7e-3, "s", "dao2022", "Figure 2, left",
    ),
    Statement(
        "FlashAttention, forward and backward",
        "A100 SXM 40 GB", 7.3e-3, "s", "dao2022", "Figure 2, left",
    ),
)  # fmt: skip
