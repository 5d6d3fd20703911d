"""Count the work of a layer that maps `n` vectors of `d` numbers to `n` vectors of `d` numbers.

Provenance: Vaswani et al. 2017, Attention Is All You Need (arXiv:1706.03762), §4 and Table 1.

The paper's table gives orders, as in O(n² · d). Here are the multiplications behind them: for
attention those of the scores and those of the mixing, for the others those of their matrices.
"""

from fractions import Fraction


def self_attention(n, d):
    """Multiply for `n * n` scores of `d` products each, and as many again to mix the values."""
    return 2 * n * n * d


def recurrent(n, d):
    """Multiply the input and the state by a `(d, d)` matrix each at every one of `n` places."""
    return 2 * n * d * d


def convolutional(n, d, k):
    """Multiply `k` neighbours by a `(d, d)` matrix each at every place."""
    return k * n * d * d


def restricted_attention(n, d, r):
    """Score and mix only the `r` keys around each query, or all `n` where there are fewer."""
    return 2 * n * min(r, n) * d


def multi_head_attention(n, d, heads):
    """Score and mix in `heads` heads of `d / heads` numbers each."""
    return heads * self_attention(n, d // heads)


def projections(n, d):
    """Multiply every vector by the four matrices of queries, keys, values and output."""
    return 4 * n * d * d


def feed_forward(n, d, inner):
    """Multiply every vector by a `(d, inner)` matrix and back by an `(inner, d)` one (§3.3)."""
    return 2 * n * d * inner


def quadratic_share(n, d, inner):
    """Return the share of a whole Transformer layer's multiplications that grows with `n * n`."""
    square = self_attention(n, d)
    return float(Fraction(square, square + projections(n, d) + feed_forward(n, d, inner)))


def score_bytes(n, heads, bytes_each=4):
    """Return the memory of all scores of one layer, where they are written down at once."""
    return heads * n * n * bytes_each


def waits(kind, n):
    """Return how many steps wait for one another: `n` where a state is handed on, else 1."""
    return n if kind == "recurrent" else 1


def attention_path(n):
    """Return the longest way from an input to an output: every pair is one step apart."""
    return 1


def recurrent_path(n):
    """Return the longest way: in at the first place, then on through every state."""
    return n


def convolutional_path(n, k):
    """Return how many dilated layers of width `k` join all `n` places: `log_k n`, rounded up.

    Each layer sees `k` times as far as the one below it.
    """
    layers, reach = 0, 1
    while reach < n:
        layers, reach = layers + 1, reach * k
    return max(layers, 1)


def restricted_path(n, r):
    """Return how many layers join all `n` places when each looks `r // 2` places either way."""
    steps = -(-(n - 1) // (r // 2))  # rounded up
    return max(steps, 1)
