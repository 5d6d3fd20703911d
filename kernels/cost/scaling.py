"""How the loss falls with parameters and tokens, and how to share out arithmetic between the two.

Provenance: Hoffmann et al. 2022, Chinchilla (arXiv:2203.15556), eqs. 2, 4 and 10; the same law
fitted again by Besiroglu et al. 2024 (arXiv:2404.10102); Kaplan et al. 2020 (arXiv:2001.08361),
eq. 1.5.

Losses are in nats a token, on each paper's own text and tokens: compare shapes, not levels.
Training is taken to cost `6 N D` FLOPs.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Law:
    """The loss `E + A / N^alpha + B / D^beta` of `N` parameters after `D` tokens."""

    source: str
    floor: float  # E, which no model goes below
    a: float
    b: float
    alpha: float
    beta: float

    def loss(self, parameters, tokens):
        """Return the loss; arrays broadcast."""
        for_size = self.a / parameters**self.alpha
        for_text = self.b / tokens**self.beta
        return self.floor + for_size + for_text

    def optimum(self, flops):
        """Return the best `(parameters, tokens)` for a budget (eq. 4).

        Both grow as powers of the budget, with exponents that add up to one.
        """
        power = 1.0 / (self.alpha + self.beta)
        lean = (self.alpha * self.a / (self.beta * self.b)) ** power
        area = flops / 6.0  # N times D
        parameters = lean * area ** (self.beta * power)
        return parameters, area ** (self.alpha * power) / lean

    def tokens_for(self, loss, parameters):
        """Return the tokens that bring a model to a loss.

        Raises `ValueError` where no number of them can.
        """
        left = loss - self.floor - self.a / parameters**self.alpha
        if left <= 0:
            raise ValueError(f"no number of tokens brings {parameters:g} parameters to {loss:g}")
        return (self.b / left) ** (1.0 / self.beta)


HOFFMANN = Law("Hoffmann et al. 2022, eq. 10", 1.69, 406.4, 410.7, 0.34, 0.28)
# The same fit with the digits that print left out, as Besiroglu et al. 2024 use it: logarithms of
# E, A and B in the notebook at github.com/epoch-research/analyzing-chinchilla.
UNROUNDED = Law("Hoffmann et al. 2022, unrounded", math.exp(0.5267228), math.exp(6.0073404),
                math.exp(6.0179186), 0.33917084, 0.2849083)  # fmt: skip
BESIROGLU = Law("Besiroglu et al. 2024", 1.8172, 482.01, 2085.43, 0.3478, 0.3658)


def kaplan_loss(parameters, tokens):
    """Return the loss of Kaplan et al. 2020, eq. 1.5, with the constants of their Appendix A.

    Parameters are counted without embeddings there.
    """
    alpha_n, alpha_d, n_c, d_c = 0.076, 0.095, 8.8e13, 5.4e13
    return ((n_c / parameters) ** (alpha_n / alpha_d) + d_c / tokens) ** alpha_d


def lifetime_flops(parameters, tokens, served):
    """Return the FLOPs of training on `tokens` and then reading or writing `served` more."""
    return 6.0 * parameters * tokens + 2.0 * parameters * served
